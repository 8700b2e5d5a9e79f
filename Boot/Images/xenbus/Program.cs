using System.Runtime.InteropServices;
using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.xenbus;

/// <summary>xenbus.efi: the driver of the bus of a Xen guest's paravirtual devices, for firmware that has none.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("xenbus", image, table, &Drivers);

    private static Driver[] Drivers() => [new XenBusDriver()];
}
