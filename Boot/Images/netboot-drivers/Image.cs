using System.Runtime.InteropServices;
using BusDrivers.Vmbus;
using BusDrivers.Xen;
using NicDrivers.E1000;
using NicDrivers.Ne2k;
using NicDrivers.Netfront;
using NicDrivers.Netvsc;
using NicDrivers.Pcnet;
using NicDrivers.Rtl8139;
using NicDrivers.Twins;
using NicDrivers.VirtioNet;
using NicDrivers.Vmxnet3;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>netboot-drivers.efi: all drivers, for the network stack of the firmware or of whoever comes next.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) =>
        ImageEntry.RunDriver("netboot-drivers", image, table, &Drivers);

    private static Driver[] Drivers()
    {
        TwinDriver twins = new();
        return
        [
            twins,
            new TwinNetworkDriver(twins),
            new VmbusDriver(),
            new XenBusDriver(),
            new E1000Driver(),
            new Ne2kDriver(),
            new PcnetDriver(),
            new Rtl8139Driver(),
            new VirtioNetDriver(),
            new VirtioPlatformNetDriver(),
            new Vmxnet3Driver(),
            new NetvscDriver(),
            new MicrosoftNetvscDriver(),
            new MicrosoftLegacyNetvscDriver(),
            new NetfrontDriver(twins),
            new Edk2NetfrontDriver(twins),
        ];
    }
}
