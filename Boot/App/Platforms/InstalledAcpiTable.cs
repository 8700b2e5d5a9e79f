using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>An ACPI table of ours, as long as it lives.</summary>
public sealed unsafe class InstalledAcpiTable : IDisposable
{
    private readonly EFI_ACPI_TABLE_PROTOCOL* _protocol;
    private readonly nuint _key;

    private InstalledAcpiTable(EFI_ACPI_TABLE_PROTOCOL* protocol, nuint key)
    {
        _protocol = protocol;
        _key = key;
    }

    /// <summary>Adds a table to those of the firmware; null with a status when that fails.</summary>
    /// <param name="table">Whole; the firmware takes a copy.</param>
    /// <param name="status">EFI_UNSUPPORTED where the firmware takes no tables; else as EFI_ACPI_TABLE_PROTOCOL says.</param>
    public static InstalledAcpiTable? Install(ReadOnlySpan<byte> table, out EFI_STATUS status)
    {
        EFI_ACPI_TABLE_PROTOCOL* protocol = Firmware.Locate<EFI_ACPI_TABLE_PROTOCOL>();
        nuint key = 0;
        status = EFI_STATUS.EFI_UNSUPPORTED;
        if (protocol != null)
        {
            fixed (byte* bytes = table)
            {
                status = protocol->InstallAcpiTable(protocol, bytes, (nuint)table.Length, &key);
            }
        }

        return status.IsError ? null : new InstalledAcpiTable(protocol, key);
    }

    public void Dispose() => _protocol->UninstallAcpiTable(_protocol, _key);
}
