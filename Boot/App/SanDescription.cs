using System;
using System.Buffers.Binary;
using System.Numerics;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Iscsi;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>Tells the operating system of a disk by iSCSI: the iBFT among the tables of ACPI.</summary>
internal static class SanDescription
{
    /// <summary>Bits of an IPv6 address that a link has in common, where nobody says it (RFC 4291, 2.5.4).</summary>
    private const int InterfacePrefix = 64;

    /// <summary>Makes the table, and has the firmware take it until the drive is unhooked.</summary>
    /// <param name="session">Has the interfaces.</param>
    /// <param name="drive">Shown already.</param>
    /// <param name="disk">The drive's.</param>
    public static Error? Add(Session session, SanDrive drive, IscsiDisk disk)
    {
        BootInterface? used = null;
        foreach (BootInterface each in session.Interfaces)
        {
            used = used is null && disk.Uses(each.Interface) ? each : used;
        }

        if (used is null)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, "no interface leads to it any more");
        }

        Span<byte> table = stackalloc byte[IscsiBootTable.MaximumSize];
        int length = IscsiBootTable.Write(disk, Describe(used, disk.Path.Portal.Address, session.Settings.Format("hostname")), (ushort)used.BusLocation, table);
        if (length < 0)
        {
            return new Error(EFI_STATUS.EFI_BUFFER_TOO_SMALL, "its names and passwords are too long for an iBFT");
        }

        using (drive.Arena.Enter())
        {
            drive.Description = session.Platform.AddAcpiTable(table.Slice(0, length), out EFI_STATUS status);
            return status == EFI_STATUS.EFI_UNSUPPORTED ? new Error(status, "the firmware takes no tables of ACPI (EFI_ACPI_TABLE_PROTOCOL)")
                : status.IsError ? new Error(status, TextBuilder.Format($"the firmware does not take the iBFT: {status}"))
                : null;
        }
    }

    private static IscsiBootNic Describe(BootInterface used, IPAddress target, string hostName)
    {
        NetworkInterface netif = used.Interface;
        if (target.Family == AddressFamily.IPv6)
        {
            ReadOnlySpan<IPAddress> servers = netif.IPv6.DnsServers;
            IPAddress address = target.IsLinkLocal ? netif.IPv6.LinkLocal : netif.IPv6.Global;
            int length = InterfacePrefix;
            IscsiBootOrigin origin = IscsiBootOrigin.RouterAdvertisement;
            foreach (IPv6AddressEntry entry in netif.IPv6.Addresses)
            {
                if (entry.Address == address)
                {
                    bool isLeased = !entry.IsStatic && entry.PrefixLength > InterfacePrefix; // RFC 8415, 18.2.10.1: a lease says nothing of the link.
                    length = isLeased ? InterfacePrefix : entry.PrefixLength;
                    origin = entry.IsStatic ? IscsiBootOrigin.Manual : isLeased ? IscsiBootOrigin.Dhcp : origin;
                }
            }

            return new IscsiBootNic
            {
                Mac = netif.Link.Address,
                Address = address,
                PrefixLength = (byte)length,
                Origin = origin,
                Gateway = netif.IPv6.Gateway,
                PrimaryDns = servers.Length > 0 ? servers[0] : default,
                SecondaryDns = servers.Length > 1 ? servers[1] : default,
                Vlan = (ushort)used.VlanId,
                HostName = hostName,
            };
        }

        IPv4Address dhcp = default;
        if (netif.Lease is DhcpLease lease && lease.TryGetOption(DhcpTag.ServerIdentifier, out ReadOnlySpan<byte> server) && server.Length == sizeof(uint))
        {
            dhcp = new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(server));
        }

        ReadOnlySpan<IPv4Address> own = netif.DnsServers;
        return new IscsiBootNic
        {
            Mac = netif.Link.Address,
            Address = netif.Address,
            PrefixLength = (byte)BitOperations.PopCount(netif.Netmask.Value),
            Origin = netif.Lease is null ? IscsiBootOrigin.Manual : IscsiBootOrigin.Dhcp,
            Gateway = netif.Gateway,
            PrimaryDns = own.Length > 0 ? own[0] : default,
            SecondaryDns = own.Length > 1 ? own[1] : default,
            DhcpServer = dhcp,
            Vlan = (ushort)used.VlanId,
            HostName = hostName,
        };
    }
}
