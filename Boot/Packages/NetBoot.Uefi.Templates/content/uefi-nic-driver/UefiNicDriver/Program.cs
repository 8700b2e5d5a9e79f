using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace UefiNicDriver;

/// <summary>UefiNicDriver.efi: installs the driver and stays. Unloading takes it away again.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("UefiNicDriver", image, table, &Drivers);

    private static Driver[] Drivers() => [new Rtl8139Driver()];
}
