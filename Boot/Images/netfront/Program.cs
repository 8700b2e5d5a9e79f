using System.Runtime.InteropServices;
using NetBoot.NicDrivers.Netfront;
using NetBoot.NicDrivers.Twins;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.netfront;

/// <summary>netfront.efi: the driver of Xen's network interfaces. It needs a XenBus: ours, or the one of OVMF for Xen.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("netfront", image, table, &Drivers);

    private static Driver[] Drivers()
    {
        TwinDriver twins = new();
        return [twins, new TwinNetworkDriver(twins), new NetfrontDriver(twins), new Edk2NetfrontDriver(twins)];
    }
}
