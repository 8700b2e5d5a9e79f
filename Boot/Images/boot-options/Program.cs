using System.Runtime.InteropServices;
using NetBoot.Boot.Options;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.boot_options;

/// <summary>boot-options.efi: makes boot options of the applications in its firmware volume. <c>./netboot image fv</c> puts it there.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) =>
        ImageEntry.RunResident("boot-options", image, table, &VolumeBootOptions.Start);
}
