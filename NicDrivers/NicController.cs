using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers;

/// <summary>The controller of a NIC that another driver may have.</summary>
public static unsafe class NicController
{
    /// <summary>Whether somebody has put SNP on a child of the controller, or on the controller itself.</summary>
    public static bool HasNetwork(EFI_HANDLE controller)
    {
        ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(controller));
        using PoolBuffer<EFI_HANDLE> networks = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        foreach (EFI_HANDLE network in networks.Span)
        {
            if (IsBelow(path, network))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Takes a network controller from whoever drives it. Drivers are known (edk2's VirtioNetDxe) that will not stop while their SNP is
    /// in use, even by a stack that would let go: so the stack goes first, then the SNP is stopped, then the driver.
    /// </summary>
    public static EFI_STATUS Release(EFI_HANDLE controller)
    {
        ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(controller));
        using PoolBuffer<EFI_HANDLE> networks = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        foreach (EFI_HANDLE network in networks.Span)
        {
            // A stack's own children carry the SNP too (edk2's PXE and HTTP boot); they go with it, so what is there is asked each time.
            if (Firmware.Has<EFI_SIMPLE_NETWORK_PROTOCOL>(network) && IsBelow(path, network))
            {
                Controllers.Disconnect(network, default);
                Stop(Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(network));
            }
        }

        return Controllers.Disconnect(controller, default);
    }

    private static bool IsBelow(ReadOnlySpan<byte> path, EFI_HANDLE network) =>
        !path.IsEmpty && DevicePath.StartsWith(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(network)), path);

    private static void Stop(EFI_SIMPLE_NETWORK_PROTOCOL* network)
    {
        if (network == null || network->Mode == null)
        {
            return;
        }

        if (network->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized)
        {
            network->Shutdown(network);
        }

        if (network->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted)
        {
            network->Stop(network);
        }
    }
}
