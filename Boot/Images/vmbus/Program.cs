using System.Runtime.InteropServices;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.vmbus;

/// <summary>vmbus.efi: the driver of Hyper-V's VMBus, for firmware that has none.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("vmbus", image, table, &Drivers);

    private static Driver[] Drivers() => [new VmbusDriver()];
}
