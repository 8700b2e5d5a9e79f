using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>The firmware's Fixed ACPI Description Table. ACPI 6.5, 5.2.9.</summary>
internal readonly ref struct FixedAcpiTable
{
    private const int HeaderRevision = 8;
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
    public static FixedAcpiTable Find() => new(AcpiTables.Find("FACP"u8, 0));
}
