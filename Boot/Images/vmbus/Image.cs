using System.Runtime.InteropServices;
using BusDrivers.Vmbus;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>vmbus.efi: the driver of Hyper-V's VMBus, for firmware that has none.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("vmbus", image, table, &Drivers);

    private static Driver[] Drivers() => [new VmbusDriver()];
}
