using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.netboot_drivers;

/// <summary>netboot-drivers.efi: all drivers, for the network stack of the firmware or of whoever comes next.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) =>
        ImageEntry.RunDriver("netboot-drivers", image, table, &AllDrivers.Create);
}
