using System.Runtime.InteropServices;
using Uefi.Interop;
using Uefi.Interop.Raw;

/// <summary>netboot-drivers.efi: all drivers, for the network stack of the firmware or of whoever comes next.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) =>
        ImageEntry.RunDriver("netboot-drivers", image, table, &AllDrivers.Create);
}
