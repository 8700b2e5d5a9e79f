using System.Runtime.InteropServices;
using NicDrivers.VirtioNet;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>virtio-net.efi: the driver of virtio's NICs.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("virtio-net", image, table, &Drivers);

    private static Driver[] Drivers() => [new VirtioNetDriver(), new VirtioPlatformNetDriver()];
}
