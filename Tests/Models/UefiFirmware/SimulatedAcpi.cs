using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// The ACPI tables that lead to the Fixed ACPI Description Table, and that (ACPI 6.5, 5.2.5 to 5.2.9), as a configuration table of the simulated
/// firmware while it is there.
/// </summary>
public sealed unsafe class SimulatedAcpi : IDisposable
{
    private const int HeaderSize = 36;
    private const int Size = 276;
    private const int RootSize = HeaderSize + (2 * sizeof(ulong));

    private readonly SimulatedFirmware _firmware;
    private readonly byte* _memory = (byte*)NativeMemory.AllocZeroed(4096);

    public SimulatedAcpi(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        byte* root = _memory + 64;
        byte* other = _memory + 256;
        byte* fixedTable = _memory + 512;

        Span<byte> pointer = new(_memory, HeaderSize);
        "RSD PTR "u8.CopyTo(pointer);
        pointer[15] = 2;
        BinaryPrimitives.WriteInt32LittleEndian(pointer[20..], HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(pointer[24..], (ulong)root);
        WriteHeader(new Span<byte>(root, RootSize), "XSDT", 1);
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(root + HeaderSize, 8), (ulong)other);
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(root + HeaderSize + 8, 8), (ulong)fixedTable);
        WriteHeader(new Span<byte>(other, HeaderSize), "SSDT", 2);
        Fixed = new FixedTable(fixedTable);
        Install(_memory);
    }

    /// <summary>FACP, of revision 6 until a test says otherwise.</summary>
    public FixedTable Fixed { get; }

    /// <summary>Takes the tables from firmware's list.</summary>
    public void Withdraw() => Install(null);

    public void Dispose()
    {
        Withdraw();
        NativeMemory.Free(_memory);
    }

    private void Install(void* table)
    {
        EFI_GUID guid = EFI_CONFIGURATION_TABLE_GUID.EFI_ACPI_20_TABLE_GUID;
        ServiceTables.InstallConfigurationTable(_firmware, &guid, table);
    }

    private static void WriteHeader(Span<byte> table, string signature, byte revision)
    {
        Encoding.ASCII.GetBytes(signature, table);
        BinaryPrimitives.WriteInt32LittleEndian(table[4..], table.Length);
        table[8] = revision;
    }

    /// <summary>ACPI 6.5, 5.2.9, what is of use here.</summary>
    public sealed class FixedTable
    {
        private readonly byte* _table;

        internal FixedTable(byte* table)
        {
            _table = table;
            Revision = 6;
        }

        /// <summary>6 has the identity of the hypervisor's vendor; 5 ends before that.</summary>
        public byte Revision
        {
            set => WriteHeader(new Span<byte>(_table, value < 6 ? Size - 8 : Size), "FACP", value);
        }

        /// <summary>ARM_BOOT_ARCH: bit 0, there is PSCI; bit 1, by HVC instead of SMC.</summary>
        public ushort ArmBootArchitecture
        {
            set => BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(_table + 129, 2), value);
        }

        /// <summary>8 characters.</summary>
        public string HypervisorVendor
        {
            set => Encoding.ASCII.GetBytes(value, new Span<byte>(_table + Size - 8, 8));
        }
    }
}
