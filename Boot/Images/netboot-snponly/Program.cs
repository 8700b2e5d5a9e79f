using System.Runtime.InteropServices;
using NetBoot.Boot.App;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.netboot_snponly;

/// <summary>netboot-snponly.efi: the boot application on the drivers that the platform has.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) =>
        ImageEntry.RunApplication("netboot-snponly", image, table, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => Application.Main(image, table, null);
}
