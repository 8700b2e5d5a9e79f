using NetBoot.BusDrivers.Storvsc;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Ne2k;
using NetBoot.NicDrivers.Netfront;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.NicDrivers.Pcnet;
using NetBoot.NicDrivers.Rtl8139;
using NetBoot.NicDrivers.Twins;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.NicDrivers.Vmxnet3;
using NetBoot.Uefi.Interop.DriverModel;

namespace NetBoot.Boot.Images;

/// <summary>Every driver that there is, for the images that have them all: netboot.efi and netboot-drivers.efi.</summary>
internal static class AllDrivers
{
    /// <summary>
    /// Makes them, in the order in which they are asked for a device: buses come before what is on them, and before all whoever keeps
    /// emulated cards from being driven.
    /// </summary>
    internal static Driver[] Create()
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
            new StorvscDriver(),
            new MicrosoftStorvscDriver(),
            new MicrosoftLegacyStorvscDriver(),
            new NetfrontDriver(twins),
            new Edk2NetfrontDriver(twins),
        ];
    }
}
