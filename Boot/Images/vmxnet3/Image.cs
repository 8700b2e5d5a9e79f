using System.Runtime.InteropServices;
using NicDrivers.Vmxnet3;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>vmxnet3.efi: the driver of VMware's paravirtual NIC.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("vmxnet3", image, table, &Drivers);

    private static Driver[] Drivers() => [new Vmxnet3Driver()];
}
