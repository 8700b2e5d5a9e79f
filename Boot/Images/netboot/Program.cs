using System.Runtime.InteropServices;
using NetBoot.Boot.App;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.netboot;

/// <summary>netboot.efi: the boot application with all drivers inside.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("netboot", image, table, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => Application.Main(image, table, &AllDrivers.Create);
}
