using System.Runtime.InteropServices;
using Boot.Options;
using Uefi.Interop;
using Uefi.Interop.Raw;

/// <summary>boot-options.efi: makes boot options of the applications in its firmware volume. <c>./netboot image fv</c> puts it there.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) =>
        ImageEntry.RunResident("boot-options", image, table, &VolumeBootOptions.Start);
}
