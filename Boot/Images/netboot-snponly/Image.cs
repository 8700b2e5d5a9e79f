using System.Runtime.InteropServices;
using Boot.App;
using Uefi.Interop;
using Uefi.Interop.Raw;

/// <summary>netboot-snponly.efi: the boot application on the drivers that the platform has.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) =>
        ImageEntry.RunApplication("netboot-snponly", image, table, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => Application.Main(image, table, null);
}
