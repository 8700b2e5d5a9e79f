using System.Runtime.InteropServices;
using NetBoot.NicDrivers.E1000;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.e1000;

/// <summary>e1000.efi: the driver of Intel's Gigabit NICs.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("e1000", image, table, &Drivers);

    private static Driver[] Drivers() => [new E1000Driver()];
}
