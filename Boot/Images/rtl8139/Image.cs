using System.Runtime.InteropServices;
using NicDrivers.Rtl8139;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>rtl8139.efi: the driver of Realtek's RTL8139.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("rtl8139", image, table, &Drivers);

    private static Driver[] Drivers() => [new Rtl8139Driver()];
}
