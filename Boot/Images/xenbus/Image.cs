using System.Runtime.InteropServices;
using BusDrivers.Xen;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>xenbus.efi: the driver of the bus of a Xen guest's paravirtual devices, for firmware that has none.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("xenbus", image, table, &Drivers);

    private static Driver[] Drivers() => [new XenBusDriver()];
}
