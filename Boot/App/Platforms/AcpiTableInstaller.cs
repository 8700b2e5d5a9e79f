using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>Tables of ours among those of ACPI (UEFI 2.10, 20.2).</summary>
internal static unsafe class AcpiTableInstaller
{
    /// <summary>Adds a table to those of the firmware.</summary>
    /// <param name="table">Whole; the firmware takes a copy.</param>
    /// <param name="key">For <see cref="Uninstall"/>.</param>
    /// <returns>EFI_UNSUPPORTED where the firmware takes no tables; else as EFI_ACPI_TABLE_PROTOCOL says.</returns>
    public static EFI_STATUS Install(ReadOnlySpan<byte> table, out nuint key)
    {
        EFI_ACPI_TABLE_PROTOCOL* protocol = Firmware.Locate<EFI_ACPI_TABLE_PROTOCOL>();
        nuint made = 0;
        EFI_STATUS status = EFI_STATUS.EFI_UNSUPPORTED;
        if (protocol != null)
        {
            fixed (byte* bytes = table)
            {
                status = protocol->InstallAcpiTable(protocol, bytes, (nuint)table.Length, &made);
            }
        }

        key = made;
        return status;
    }

    /// <summary>Takes one away again.</summary>
    public static void Uninstall(nuint key)
    {
        EFI_ACPI_TABLE_PROTOCOL* protocol = Firmware.Locate<EFI_ACPI_TABLE_PROTOCOL>();
        if (protocol != null)
        {
            protocol->UninstallAcpiTable(protocol, key);
        }
    }
}
