using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>The firmware's Fixed ACPI Description Table. ACPI 6.5, 5.2.9.</summary>
internal readonly unsafe ref struct FixedAcpiTable
{
    private const int RootPointerSize = 36;
    private const int RootPointerRevision = 15;
    private const int RootPointerTable = 24;
    private const int HeaderSize = 36;
    private const int HeaderLength = 4;
    private const int HeaderRevision = 8;
    private const int EntrySize = sizeof(ulong);

    private const int ArmBootArchitecture = 129;
    private const int VendorIdentity = 268;
    private const int VendorIdentitySize = 8;
    private const ushort PsciCompliant = 1;
    private const ushort PsciUsesHvc = 2;

    private readonly ReadOnlySpan<byte> _table;

    private FixedAcpiTable(ReadOnlySpan<byte> table) => _table = table;

    /// <summary>Whether the hypervisor names itself "MsHyperV". Tables before revision 6 have no such field.</summary>
    public bool NamesHyperV =>
        _table.Length >= VendorIdentity + VendorIdentitySize && _table[HeaderRevision] >= 6 &&
        _table.Slice(VendorIdentity, VendorIdentitySize).SequenceEqual("MsHyperV"u8);

    /// <summary>Whether firmware below this one takes calls of PSCI by the SMC instruction. ACPI 6.5, 5.2.9.4. For a table that names Hyper-V.</summary>
    public bool HasSmcCalls =>
        (BinaryPrimitives.ReadUInt16LittleEndian(_table.Slice(ArmBootArchitecture)) & (PsciCompliant | PsciUsesHvc)) == PsciCompliant;

    /// <summary>An empty one where there is none.</summary>
    public static FixedAcpiTable Find()
    {
        EFI_SYSTEM_TABLE* system = Firmware.SystemTable;
        for (nuint i = 0; system->ConfigurationTable != null && i < system->NumberOfTableEntries; i++)
        {
            byte* root = (byte*)system->ConfigurationTable[i].VendorTable;
            if (system->ConfigurationTable[i].VendorGuid != EFI_CONFIGURATION_TABLE_GUID.EFI_ACPI_20_TABLE_GUID || root == null)
            {
                continue;
            }

            ReadOnlySpan<byte> pointer = new(root, RootPointerSize);
            return pointer.StartsWith("RSD PTR "u8) && pointer[RootPointerRevision] >= 2
                ? FindBelow(TableAt(pointer.Slice(RootPointerTable), "XSDT"u8)) : default;
        }

        return default;
    }

    private static FixedAcpiTable FindBelow(ReadOnlySpan<byte> root)
    {
        for (int at = HeaderSize; at + EntrySize <= root.Length; at += EntrySize)
        {
            ReadOnlySpan<byte> table = TableAt(root.Slice(at), "FACP"u8);
            if (!table.IsEmpty)
            {
                return new FixedAcpiTable(table);
            }
        }

        return default;
    }

    // The table to which a 64-bit address leads; empty when there is none, or another.
    private static ReadOnlySpan<byte> TableAt(ReadOnlySpan<byte> address, ReadOnlySpan<byte> signature)
    {
        byte* table = (byte*)BinaryPrimitives.ReadUInt64LittleEndian(address);
        ReadOnlySpan<byte> header = table == null ? default : new ReadOnlySpan<byte>(table, HeaderSize);
        if (!header.StartsWith(signature))
        {
            return default;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header.Slice(HeaderLength));
        return length is >= HeaderSize and <= int.MaxValue ? new ReadOnlySpan<byte>(table, (int)length) : default;
    }
}
