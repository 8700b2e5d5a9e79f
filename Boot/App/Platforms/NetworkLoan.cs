using System;
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
/// NIC, those that the app's drivers run included, and PXE with the lease that the app got: the firmware's where it has one, else ours. Boot loaders
/// count on both: shim and GRUB ask the PXE of the device that they come from for their server, iPXE for its lease.
/// </summary>
/// <param name="session">Whose network it is.</param>
/// <param name="interfaces">Those that are suspended; the others lead to disks, and stay the app's.</param>
/// <param name="domain">Whose code answers.</param>
public sealed unsafe class NetworkLoan(Session session, List<BootInterface> interfaces, FaultDomain domain) : IDisposable
{
    private const int MaximumUri = 4096;
    private const int DefaultPrefix = 64;
    private const ushort Tcp = 6;

    private readonly bool[] _isConnected = new bool[interfaces.Count];
    private readonly List<PxeBaseCode> _own = new();

    /// <summary>Connects the firmware's stack where it is not, and tells its PXE what is known; where there is none, there is ours.</summary>
    public void Give()
    {
        for (int i = 0; i < interfaces.Count; i++)
        {
            EFI_HANDLE device = interfaces[i].Handle;
            if (!device.IsNull && Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(device).IsNull)
            {
                _isConnected[i] = true;
                Controllers.Connect(device, default, recursive: true);
            }
        }

        foreach (BootInterface bootInterface in session.Interfaces)
        {
            EFI_HANDLE pxe = FindPxe(bootInterface, IPv4_DEVICE_PATH.MSG_IPv4_DP);
            EFI_HANDLE pxe6 = FindPxe(bootInterface, IPv6_DEVICE_PATH.MSG_IPv6_DP);
            bool hasPxe = !pxe.IsNull || !pxe6.IsNull; // It would lose the NIC to ours.
            if (bootInterface.Lease is DhcpLease lease)
            {
                if (!pxe.IsNull)
                {
                    Tell(Firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(pxe), lease);
                }
                else if (!hasPxe)
                {
                    Offer(bootInterface, isIPv6: false);
                }
            }

            if (bootInterface.Answer6 is Dhcp6Message answer)
            {
                if (!pxe6.IsNull)
                {
                    Tell(Firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(pxe6), bootInterface.Global, answer);
                }
                else if (!hasPxe)
                {
                    Offer(bootInterface, isIPv6: true);
                }
            }
        }
    }

    /// <summary>
    /// Which handle an image that came by this interface is told to come from: that of PXE, as if it had been fetched
    /// by it; without one, the NIC's. Null for no interface.
    /// </summary>
    /// <param name="bootInterface">Where it came from; null for nowhere.</param>
    /// <param name="uri">Whose host may be an address of IPv6.</param>
    public EFI_HANDLE DeviceOf(BootInterface? bootInterface, string uri)
    {
        if (bootInterface is null)
        {
            return default;
        }

        bool isIPv6 = bootInterface.Lease is null || uri.AsSpan().IndexOf("://[") > 0;
        EFI_HANDLE pxe = isIPv6 && bootInterface.Answer6 is not null ? FindPxe(bootInterface, IPv6_DEVICE_PATH.MSG_IPv6_DP) : default;
        if (pxe.IsNull && bootInterface.Lease is not null)
        {
            pxe = FindPxe(bootInterface, IPv4_DEVICE_PATH.MSG_IPv4_DP);
        }

        return pxe.IsNull ? bootInterface.Handle : pxe;
    }

    /// <summary>
    /// The device path that the firmware's HTTP boot would have given what came by this interface: the NIC's, then the connection, then the URI with a zero
    /// behind it (UEFI 2.10, 10.3.4.11, 10.3.4.12 and 10.3.4.23; edk2, HttpBootDxe). Null when it did not come by HTTP from an
    /// address, or the firmware has no HTTP there.
    /// </summary>
    /// <param name="bootInterface">Where it came from; null for nowhere.</param>
    /// <param name="uri">Where from there.</param>
    public static DevicePathBuilder? HttpPathOf(BootInterface? bootInterface, string uri)
    {
        ResourceUri? parsed = ResourceUri.Parse(uri, out _);
        if (bootInterface is null || bootInterface.Handle.IsNull || parsed?.Scheme is not ("http" or "https") || uri.Length > MaximumUri ||
            !IPAddress.TryParse(parsed.Host, out IPAddress server) ||
            Firmware.Find<EFI_HTTP_SERVICE_BINDING_PROTOCOL>(PathOf(bootInterface)).IsNull)
        {
            return null; // A name, too: nobody has told the firmware, and what is in a path tells no loader, who would know its address.
        }

        bool isIPv6 = server.Family == AddressFamily.IPv6;
        if (isIPv6 ? bootInterface.Global.IsAny : bootInterface.Address.IsAny)
        {
            return null;
        }

        ushort port = parsed.Port ?? (ushort)(parsed.Scheme == "https" ? 443 : 80);
        Span<byte> node = stackalloc byte[isIPv6 ? sizeof(IPv6_DEVICE_PATH) : sizeof(IPv4_DEVICE_PATH)];
        node.Clear();
        fixed (byte* start = node)
        {
            if (isIPv6)
            {
                IPv6_DEVICE_PATH* path = (IPv6_DEVICE_PATH*)start;
                path->LocalIpAddress = PxeAddress.ToFirmware(bootInterface.Global).v6;
                path->RemoteIpAddress = PxeAddress.ToFirmware(server).v6;
                path->RemotePort = port;
                path->Protocol = Tcp;
                path->PrefixLength = DefaultPrefix;
                path->GatewayIpAddress = PxeAddress.ToFirmware(bootInterface.IPv6Gateway).v6;
            }
            else
            {
                IPv4_DEVICE_PATH* path = (IPv4_DEVICE_PATH*)start;
                path->LocalIpAddress = PxeAddress.ToFirmware(bootInterface.Address).v4;
                path->RemotePort = port;
                path->Protocol = Tcp;
                path->GatewayIpAddress = PxeAddress.ToFirmware(bootInterface.Gateway).v4;
                path->SubnetMask = PxeAddress.ToFirmware(bootInterface.Netmask).v4;
            }
        }

        return new DevicePathBuilder().Path(PathOf(bootInterface))
            .Node(
                EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, isIPv6 ? IPv6_DEVICE_PATH.MSG_IPv6_DP : IPv4_DEVICE_PATH.MSG_IPv4_DP,
                node.Slice(sizeof(EFI_DEVICE_PATH_PROTOCOL)))
            .Uri(TextBuilder.Format($"{uri}\0"));
    }

    /// <summary>The device path of a NIC, which has a handle; with a VLAN's node behind it (UEFI 2.10, 10.3.4.13), in the current arena.</summary>
    public static ReadOnlySpan<byte> PathOf(BootInterface bootInterface)
    {
        ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(bootInterface.Handle));
        int vlanId = bootInterface.VlanId;
        return vlanId == 0 ? path : new DevicePathBuilder().Path(path)
            .Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, VLAN_DEVICE_PATH.MSG_VLAN_DP, [(byte)vlanId, (byte)(vlanId >> 8)])
            .ToArray();
    }

    /// <summary>Ends what <see cref="Give"/> began. What the image itself has left on a NIC goes too.</summary>
    public void Dispose()
    {
        foreach (PxeBaseCode own in _own)
        {
            own.Dispose();
        }

        for (int i = 0; i < interfaces.Count; i++)
        {
            EFI_HANDLE device = _isConnected[i] ? interfaces[i].Handle : default;
            if (!device.IsNull && !Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(device).IsNull)
            {
                Controllers.Disconnect(device, default);
            }
        }
    }

    /// <summary>What cannot be offered is not: the image may do without.</summary>
    private void Offer(BootInterface bootInterface, bool isIPv6)
    {
        PxeBaseCode? own = bootInterface.Handle.IsNull ? null : PxeBaseCode.Install(
            bootInterface, isIPv6, session.Network, session.EventLoop, session.DescribeClient(bootInterface, 0, wantsBootFile: true), domain);
        if (own is not null)
        {
            _own.Add(own);
        }
    }

    /// <summary>
    /// The handle with PXE for a version of IP on a NIC, or in a VLAN on it, or null: the NIC's own for IPv4, or a child of it with a node of that version
    /// (UEFI 2.10, 24.3).
    /// </summary>
    private static EFI_HANDLE FindPxe(BootInterface bootInterface, byte version)
    {
        EFI_HANDLE device = bootInterface.Handle;
        int vlanId = bootInterface.VlanId;
        ReadOnlySpan<byte> parent = device.IsNull ? default : DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(device));
        if (parent.IsEmpty)
        {
            return default;
        }

        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_PXE_BASE_CODE_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle));
            if ((handle == device && vlanId == 0 && version == IPv4_DEVICE_PATH.MSG_IPv4_DP) ||
                (DevicePath.StartsWith(path, parent) && IsOf(version, path.Slice(DevicePath.WithoutEnd(parent).Length)) &&
                BootOrigin.FindVlan(path) == vlanId))
            {
                return handle;
            }
        }

        return default;
    }

    private static bool IsOf(byte version, ReadOnlySpan<byte> path)
    {
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (!node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, VLAN_DEVICE_PATH.MSG_VLAN_DP))
            {
                return node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, version);
            }
        }

        return false;
    }

    /// <summary>Gives a PXE that has nothing yet the lease's packets and address (UEFI 2.10, 24.3.2, 24.3.12 and 24.3.13).</summary>
    private static void Tell(EFI_PXE_BASE_CODE_PROTOCOL* pxe, DhcpLease lease)
    {
        EFI_IP_ADDRESS address = PxeAddress.ToFirmware(lease.Address);
        EFI_IP_ADDRESS netmask = PxeAddress.ToFirmware(lease.Netmask);
        Tell(pxe, 0, &address, &netmask, lease.Ack.Packet, lease.Proxy is null ? default : lease.Proxy.Packet);
    }

    /// <summary>The same of DHCPv6, which has no netmask.</summary>
    private static void Tell(EFI_PXE_BASE_CODE_PROTOCOL* pxe, IPAddress global, Dhcp6Message answer)
    {
        EFI_IP_ADDRESS address = PxeAddress.ToFirmware(global);
        Tell(pxe, 1, global.IsAny ? null : &address, null, answer.Packet, default);
    }

    private static void Tell(
        EFI_PXE_BASE_CODE_PROTOCOL* pxe, byte useIPv6, EFI_IP_ADDRESS* address, EFI_IP_ADDRESS* netmask, ReadOnlySpan<byte> ack, ReadOnlySpan<byte> proxy)
    {
        if (pxe == null || pxe->Mode == null || pxe->Mode->Started != 0 || pxe->Start(pxe, useIPv6).IsError)
        {
            return;
        }

        pxe->SetStationIp(pxe, address, netmask);
        EFI_PXE_BASE_CODE_PACKET ackPacket = PxeAddress.ToFirmware(ack);
        EFI_PXE_BASE_CODE_PACKET proxyPacket = PxeAddress.ToFirmware(proxy);
        byte hasAck = 1;
        byte hasProxy = proxy.IsEmpty ? (byte)0 : (byte)1;
        pxe->SetPackets(pxe, null, &hasAck, &hasProxy, null, null, null, null, &ackPacket, &proxyPacket, null, null, null);
    }
}
