using System.Runtime.InteropServices;
using NicDrivers.E1000;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>e1000.efi: the driver of Intel's Gigabit NICs.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("e1000", image, table, &Drivers);

    private static Driver[] Drivers() => [new E1000Driver()];
}
