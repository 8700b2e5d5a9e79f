using System.Runtime.InteropServices;
using Boot.App;
using Uefi.Interop;
using Uefi.Interop.Raw;

/// <summary>netboot.efi: the boot application with all drivers inside.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("netboot", image, table, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => Application.Main(image, table, &AllDrivers.Create);
}
