using System.Runtime.InteropServices;
using NicDrivers.Netvsc;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>netvsc.efi: the drivers of Hyper-V's network adapters, on the VMBus of vmbus.efi and on the firmware's own.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("netvsc", image, table, &Drivers);

    private static Driver[] Drivers() => [new NetvscDriver(), new MicrosoftNetvscDriver(), new MicrosoftLegacyNetvscDriver()];
}
