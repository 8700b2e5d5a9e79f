using System.Runtime.InteropServices;
using NetBoot.BusDrivers.Storvsc;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.storvsc;

/// <summary>storvsc.efi: the drivers of Hyper-V's SCSI controllers, on the VMBus of vmbus.efi and on the firmware's own.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("storvsc", image, table, &Drivers);

    private static Driver[] Drivers() => [new StorvscDriver(), new MicrosoftStorvscDriver(), new MicrosoftLegacyStorvscDriver()];
}
