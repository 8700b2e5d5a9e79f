using System.Runtime.InteropServices;
using NicDrivers.Netfront;
using NicDrivers.Twins;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>netfront.efi: the driver of Xen's network interfaces. It needs a XenBus: ours, or the one of OVMF for Xen.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("netfront", image, table, &Drivers);

    private static Driver[] Drivers()
    {
        TwinDriver twins = new();
        return [twins, new TwinNetworkDriver(twins), new NetfrontDriver(twins), new Edk2NetfrontDriver(twins)];
    }
}
