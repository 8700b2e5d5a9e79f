using System;
using System.Buffers.Binary;
using System.Numerics;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Iscsi;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>Tells the operating system of disks by iSCSI: the iBFT among the tables of ACPI.</summary>
internal static class SanDescription
{
    /// <summary>Bits of an IPv6 address that a link has in common, where nobody says it (RFC 4291, 2.5.4).</summary>
    private const int InterfacePrefix = 64;

    /// <summary>Writes the table: each drive by the way that it uses now, and then by another, as far as there is room.</summary>
    /// <param name="session">Has drives and interfaces.</param>
    /// <param name="added">Whose absence from the table is an error; null for none.</param>
    /// <param name="room">Of <see cref="IscsiBootTable.MaximumSize"/> bytes.</param>
    /// <param name="length">The table's; 0 for none.</param>
    public static Error? Write(Session session, SanDrive? added, Span<byte> room, out int length)
    {
        IscsiBootTable table = new(room);
        string? missing = null;
        for (int i = 0; i < session.San.Count; i++)
        {
            if (session.San[i].Described is IscsiDisk disk)
            {
                string? why = Add(session, ref table, disk, disk.Path);
                missing = session.San[i] == added ? why : missing;
            }
        }

        for (int i = 0; i < session.San.Count; i++)
        {
            if (session.San[i].Described is IscsiDisk disk && disk.FindOtherPath() is IscsiPath other)
            {
                Add(session, ref table, disk, other);
            }
        }

        length = table.Finish();
        return missing is null ? null : new Error(EFI_STATUS.EFI_BUFFER_TOO_SMALL, missing);
    }

    private static string? Add(Session session, scoped ref IscsiBootTable table, IscsiDisk disk, IscsiPath path)
    {
        NetworkInterface? used = disk.FindInterface(path);
        foreach (BootInterface each in session.Interfaces)
        {
            if (each.Interface == used)
            {
                return table.Add(path, disk.Initiator, Describe(each, path.Portal.Address, session.Settings.Format("hostname")));
            }
        }

        return "no interface leads to it any more";
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
                Location = (ushort)used.BusLocation,
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
            Location = (ushort)used.BusLocation,
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
