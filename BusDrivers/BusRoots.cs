using NetBoot.BusDrivers.Vmbus;
using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers;

/// <summary>The controllers that the buses of this room are on, for whoever wants the devices behind them, whichever image drives the bus.</summary>
public static unsafe class BusRoots
{
    /// <summary>Connects all that hangs on each of them: firmware connects only what its boot options need.</summary>
    public static void ConnectAll()
    {
        using PoolBuffer<EFI_HANDLE> roots = Firmware.LocateHandles<NETBOOT_VMBUS_ROOT_PROTOCOL>();
        foreach (EFI_HANDLE root in roots.Span)
        {
            Controllers.Connect(root, default, recursive: true);
        }

        using PoolBuffer<EFI_HANDLE> functions = Firmware.LocateHandles<EFI_PCI_IO_PROTOCOL>();
        foreach (EFI_HANDLE function in functions.Span)
        {
            EFI_PCI_IO_PROTOCOL* io = Firmware.Get<EFI_PCI_IO_PROTOCOL>(function);
            if (io != null && XenBusDriver.IsPlatformDevice(io))
            {
                Controllers.Connect(function, default, recursive: true);
            }
        }
    }
}
