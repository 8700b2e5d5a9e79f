using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// The network in the hands of an image that the app starts, while the app's own interfaces are suspended: the firmware's stack on every
/// NIC, those that the app's drivers run included, and its PXE with the lease that the app got. Boot loaders count on both: shim and GRUB
/// ask the PXE of the device that they come from for their server, iPXE for its lease.
/// </summary>
public sealed unsafe class NetworkLoan(List<BootInterface> interfaces) : IDisposable
{
    private readonly bool[] _isConnected = new bool[interfaces.Count];

    /// <summary>Connects the firmware's stack where it is not, and tells its PXE what is known. A firmware without one is as well.</summary>
    public void Give()
    {
        for (int i = 0; i < interfaces.Count; i++)
        {
            BootInterface bootInterface = interfaces[i];
            EFI_HANDLE device = bootInterface.Handle;
            if (!device.IsNull && Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(device).IsNull)
            {
                _isConnected[i] = true;
                Controllers.Connect(device, default, recursive: true);
            }

            EFI_HANDLE pxe = FindPxe(device, bootInterface.VlanId);
            if (bootInterface.SuspendedLease is DhcpLease lease && !pxe.IsNull)
            {
                Tell(Firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(pxe), lease);
            }
        }
    }

    /// <summary>
    /// Which handle an image that came by this interface is told to come from: that of the firmware's PXE, as if it had been fetched
    /// by it; without one, the NIC's. Null for no interface.
    /// </summary>
    public EFI_HANDLE DeviceOf(BootInterface? bootInterface)
    {
        EFI_HANDLE device = bootInterface is null ? default : bootInterface.Handle;
        EFI_HANDLE pxe = bootInterface?.SuspendedLease is null ? default : FindPxe(device, bootInterface.VlanId);
        return pxe.IsNull ? device : pxe;
    }

    /// <summary>Ends what <see cref="Give"/> began. What the image itself has left on a NIC goes too.</summary>
    public void Dispose()
    {
        for (int i = 0; i < interfaces.Count; i++)
        {
            EFI_HANDLE device = _isConnected[i] ? interfaces[i].Handle : default;
            if (!device.IsNull && !Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(device).IsNull)
            {
                Controllers.Disconnect(device, default);
            }
        }
    }

    /// <summary>
    /// The handle with the firmware's PXE for IPv4 on a NIC, or in a VLAN on it, or null: the NIC's own, or a child of it with an IPv4 node
    /// (UEFI 2.10, 24.3).
    /// </summary>
    private static EFI_HANDLE FindPxe(EFI_HANDLE device, int vlanId)
    {
        ReadOnlySpan<byte> parent = device.IsNull ? default : DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(device));
        if (parent.IsEmpty)
        {
            return default;
        }

        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_PXE_BASE_CODE_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle));
            if ((handle == device && vlanId == 0) ||
                (DevicePath.StartsWith(path, parent) && IsIPv4(path.Slice(DevicePath.WithoutEnd(parent).Length)) && BootOrigin.FindVlan(path) == vlanId))
            {
                return handle;
            }
        }

        return default;
    }

    private static bool IsIPv4(ReadOnlySpan<byte> path)
    {
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (!node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, VLAN_DEVICE_PATH.MSG_VLAN_DP))
            {
                return node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv4_DEVICE_PATH.MSG_IPv4_DP);
            }
        }

        return false;
    }

    /// <summary>Gives a PXE that has nothing yet the lease's packets and address (UEFI 2.10, 24.3.2, 24.3.14 and 24.3.15).</summary>
    private static void Tell(EFI_PXE_BASE_CODE_PROTOCOL* pxe, DhcpLease lease)
    {
        if (pxe == null || pxe->Mode == null || pxe->Mode->Started != 0 || pxe->Start(pxe, 0).IsError)
        {
            return;
        }

        EFI_IP_ADDRESS address = ToFirmware(lease.Address);
        EFI_IP_ADDRESS netmask = ToFirmware(lease.Netmask);
        pxe->SetStationIp(pxe, &address, &netmask);
        EFI_PXE_BASE_CODE_PACKET ack = ToFirmware(lease.Ack.Packet);
        EFI_PXE_BASE_CODE_PACKET proxy = default;
        byte hasAck = 1;
        byte hasProxy = 0;
        if (lease.Proxy is DhcpMessage offer)
        {
            hasProxy = 1;
            proxy = ToFirmware(offer.Packet);
        }

        pxe->SetPackets(pxe, null, &hasAck, &hasProxy, null, null, null, null, &ack, &proxy, null, null, null);
    }

    private static EFI_IP_ADDRESS ToFirmware(IPv4Address address)
    {
        EFI_IP_ADDRESS value = default;
        BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(value.v4.Addr, sizeof(uint)), address.Value);
        return value;
    }

    private static EFI_PXE_BASE_CODE_PACKET ToFirmware(ReadOnlySpan<byte> packet)
    {
        EFI_PXE_BASE_CODE_PACKET value = default;
        packet.Slice(0, Math.Min(packet.Length, EFI_PXE_BASE_CODE_PACKET.Size)).CopyTo(
            new Span<byte>(value.Raw, EFI_PXE_BASE_CODE_PACKET.Size));
        return value;
    }
}
