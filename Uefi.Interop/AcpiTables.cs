using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The ACPI tables that the firmware's root pointer leads to (ACPI 6.5, 5.2.5 to 5.2.9). They are trusted to be there, not to be well formed:
/// no length is taken without a limit, and nothing below the first page is a table.
/// </summary>
public static unsafe class AcpiTables
{
    private const int HeaderSize = 36;
    private const int LengthAt = 4;
    private const int RevisionAt = 15;
    private const int RsdtAt = 16;
    private const int XsdtAt = 24;
    private const int DsdtAt = 40;
    private const int ExtendedDsdtAt = 140;
    private const int OldPointerSize = 20;
    private const int MaximumLength = 16 << 20;
    private const ulong PageSize = 4096;

    /// <summary>The n-th table of a signature, with its header; empty when there is none.</summary>
    /// <param name="signature">Four characters. There is one DSDT, which the FADT ("FACP") leads to.</param>
    /// <param name="index">From 0.</param>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> signature, int index)
    {
        if (signature.SequenceEqual("DSDT"u8))
        {
            ReadOnlySpan<byte> fadt = index == 0 ? Find("FACP"u8, 0) : default;
            ulong dsdt = fadt.Length >= ExtendedDsdtAt + 8 ? BinaryPrimitives.ReadUInt64LittleEndian(fadt.Slice(ExtendedDsdtAt)) : 0;
            return At(dsdt != 0 || fadt.Length < DsdtAt + 4 ? dsdt : BinaryPrimitives.ReadUInt32LittleEndian(fadt.Slice(DsdtAt)));
        }

        ReadOnlySpan<byte> list = FindRoot(out int entrySize);
        for (int at = HeaderSize; at + entrySize <= list.Length; at += entrySize)
        {
            ReadOnlySpan<byte> table = At(entrySize == 8
                ? BinaryPrimitives.ReadUInt64LittleEndian(list.Slice(at))
                : BinaryPrimitives.ReadUInt32LittleEndian(list.Slice(at)));
            if (table.StartsWith(signature) && index-- == 0)
            {
                return table;
            }
        }

        return default;
    }

    /// <summary>The XSDT where there is one, else the RSDT: a header, and then addresses.</summary>
    private static ReadOnlySpan<byte> FindRoot(out int entrySize)
    {
        byte* pointer = null;
        EFI_SYSTEM_TABLE* system = Firmware.SystemTable;
        for (nuint i = 0; system->ConfigurationTable != null && i < system->NumberOfTableEntries; i++)
        {
            EFI_GUID guid = system->ConfigurationTable[i].VendorGuid;
            bool isNewer = guid == EFI_CONFIGURATION_TABLE_GUID.EFI_ACPI_20_TABLE_GUID;
            if (isNewer || (guid == EFI_CONFIGURATION_TABLE_GUID.ACPI_TABLE_GUID && pointer == null))
            {
                pointer = (byte*)system->ConfigurationTable[i].VendorTable;
            }
        }

        entrySize = sizeof(uint);
        if (pointer == null || !new ReadOnlySpan<byte>(pointer, OldPointerSize).StartsWith("RSD PTR "u8))
        {
            return default;
        }

        ulong extended = pointer[RevisionAt] >= 2 ? BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(pointer + XsdtAt, 8)) : 0;
        entrySize = extended != 0 ? sizeof(ulong) : sizeof(uint);
        return At(extended != 0 ? extended : BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(pointer + RsdtAt, 4)));
    }

    private static ReadOnlySpan<byte> At(ulong address)
    {
        if (address < PageSize)
        {
            return default;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>((byte*)address + LengthAt, 4));
        return length is >= HeaderSize and <= MaximumLength ? new ReadOnlySpan<byte>((byte*)address, (int)length) : default;
    }
}
