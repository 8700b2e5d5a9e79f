using System.Runtime.InteropServices;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.netvsc;

/// <summary>netvsc.efi: the drivers of Hyper-V's network adapters, on the VMBus of vmbus.efi and on the firmware's own.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("netvsc", image, table, &Drivers);

    private static Driver[] Drivers() => [new NetvscDriver(), new MicrosoftNetvscDriver(), new MicrosoftLegacyNetvscDriver()];
}
