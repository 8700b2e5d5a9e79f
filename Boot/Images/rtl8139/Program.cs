using System.Runtime.InteropServices;
using NetBoot.NicDrivers.Rtl8139;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.rtl8139;

/// <summary>rtl8139.efi: the driver of Realtek's RTL8139.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("rtl8139", image, table, &Drivers);

    private static Driver[] Drivers() => [new Rtl8139Driver()];
}
