using System.Runtime.InteropServices;
using NetBoot.NicDrivers.Vmxnet3;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.vmxnet3;

/// <summary>vmxnet3.efi: the driver of VMware's paravirtual NIC.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("vmxnet3", image, table, &Drivers);

    private static Driver[] Drivers() => [new Vmxnet3Driver()];
}
