using System.Runtime.InteropServices;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.virtio_net;

/// <summary>virtio-net.efi: the driver of virtio's NICs.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("virtio-net", image, table, &Drivers);

    private static Driver[] Drivers() => [new VirtioNetDriver(), new VirtioPlatformNetDriver()];
}
