using System;
using System.Text;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// What DHCP gave an interface: the acknowledgement and, if a boot server answered separately, its answer (ProxyDHCP). Owns its
/// memory; whoever replaces a lease disposes the old one.
/// </summary>
public sealed class DhcpLease : IDisposable
{
    private const int MaximumRoutersOrServers = 4;

    /// <summary>Bytes of memory for a lease: three messages, each as it came and with its options put together.</summary>
    private const int Room = 16 * 1024;

    private const int MaximumRoutes = 16;

    private readonly Arena _arena;
    private readonly DhcpMessage _proxy = new();
    private readonly DhcpMessage _offer = new();

    private string? _domain; // what the interface was given of ours

    private DhcpLease(Arena arena) => _arena = arena;

    /// <summary>The message that gave the address.</summary>
    public DhcpMessage Ack { get; } = new();

    /// <summary>The boot server's separate answer, or null.</summary>
    public DhcpMessage? Proxy => _proxy.IsLoaded ? _proxy : null;

    /// <summary>The message that names what to boot: the acknowledgement, or when that names nothing the boot server's, or the offer.</summary>
    public DhcpMessage Boot =>
        !Ack.FileName.IsEmpty ? Ack
        : !_proxy.FileName.IsEmpty ? _proxy
        : !_offer.FileName.IsEmpty ? _offer
        : Ack;

    /// <summary>Whether what there is to boot is chosen by a boot menu: not where the boot server says that a file is to be booted at once.</summary>
    public bool HasBootMenu =>
        Pxe is { HasBootMenu: true } pxe &&
        !(pxe.TryGetOption(DhcpTag.VendorSpecific, out ReadOnlySpan<byte> options) && new PxeOptions(options).IsFilePreferred && !Boot.FileName.IsEmpty);

    /// <summary>The message whose PXE options count: the first that has a boot menu, or else any; null when there is none.</summary>
    private DhcpMessage? Pxe =>
        Ack.HasBootMenu ? Ack
        : _proxy.HasBootMenu ? _proxy
        : _offer.HasBootMenu ? _offer
        : HasPxeOptions(Ack) ? Ack
        : HasPxeOptions(_proxy) ? _proxy
        : HasPxeOptions(_offer) ? _offer
        : null;

    /// <summary>The offer before the acknowledgement, when that alone names a file; else empty.</summary>
    public ReadOnlySpan<byte> Offer => _offer.Packet;

    /// <summary>Option 26; 0 when there is none.</summary>
    public int Mtu => Ack.TryGetOption(DhcpTag.Mtu, out ReadOnlySpan<byte> value) && value.Length == 2 ? (value[0] << 8) | value[1] : 0;

    /// <summary>The address that the server gave.</summary>
    public IPv4Address Address => Ack.YourAddress.IsAny ? Ack.ClientAddress : Ack.YourAddress;

    /// <summary>Option 1, or what the address' class gives (RFC 950).</summary>
    public IPv4Address Netmask
    {
        get
        {
            IPv4Address netmask = Ack.GetAddress(DhcpTag.SubnetMask);
            if (!netmask.IsAny && netmask.IsNetmask)
            {
                return netmask;
            }

            return new IPv4Address((Address.Value >> 30) switch { < 2 => 0xFF00_0000, 2 => 0xFFFF_0000, _ => 0xFFFF_FF00u });
        }
    }

    /// <summary>
    /// Where what no other route fits goes: the default route of option 121, which stands in place of option 3 (RFC 3442), else the first
    /// router of option 3 in the address' network, else the first at all, which is then asked for on the link. 0.0.0.0 when there is none.
    /// </summary>
    public IPv4Address Gateway
    {
        get
        {
            DhcpRouteReader routes = Routes();
            bool hasRoutes = false;
            for (; routes.Read(); hasRoutes = true)
            {
                if (routes.Netmask.IsAny && routes.Router.IsUnicast)
                {
                    return routes.Router;
                }
            }

            if (hasRoutes)
            {
                return default;
            }

            IPv4Address first = default;
            Ack.TryGetOption(DhcpTag.Routers, out ReadOnlySpan<byte> value);
            for (; value.Length >= 4; value = value.Slice(4))
            {
                IPv4Address router = DhcpMessage.ReadAddress(value);
                if (router.IsUnicast && IPv4Address.IsSameNetwork(router, Address, Netmask))
                {
                    return router;
                }

                first = first.IsAny && router.IsUnicast ? router : first;
            }

            return first;
        }
    }

    /// <summary>The file to boot, as characters of one byte each; empty when none is named. It may be a URI.</summary>
    public string FileName => Encoding.Latin1.GetString(Boot.FileName);

    /// <summary>The server to boot from: <see cref="DhcpMessage.FileServer"/> of the message that names the file.</summary>
    public IPv4Address NextServer => Boot.FileServer;

    /// <summary>Option 66 or "sname" of the message that names the file; empty when there is none.</summary>
    public string ServerName => Encoding.Latin1.GetString(Boot.ServerName);

    /// <summary>Option 17, empty when there is none.</summary>
    public string RootPath => GetText(DhcpTag.RootPath);

    /// <summary>Option 15, empty when there is none.</summary>
    public string Domain => GetText(DhcpTag.DomainName);

    /// <summary>Option 12, empty when there is none.</summary>
    public string HostName => GetText(DhcpTag.HostName);

    /// <summary>An option of the acknowledgement or, when that has none, of the boot server's answer.</summary>
    public bool TryGetOption(byte tag, out ReadOnlySpan<byte> value) =>
        Ack.TryGetOption(tag, out value) || _proxy.TryGetOption(tag, out value);

    /// <summary>A text option up to its first NUL, one character a byte; empty when it is absent.</summary>
    public string GetText(byte tag)
    {
        TryGetOption(tag, out ReadOnlySpan<byte> value);
        return Encoding.Latin1.GetString(DhcpMessage.TrimName(value));
    }

    /// <summary>What boot servers say of themselves and of what there is to boot.</summary>
    /// <param name="options">Valid as long as the lease; nothing when they do not say.</param>
    /// <returns>What is wrong with them: which server's, where.</returns>
    public Error? ReadPxe(out PxeOptions options)
    {
        ReadOnlySpan<byte> value = default;
        DhcpMessage? pxe = Pxe;
        pxe?.TryGetOption(DhcpTag.VendorSpecific, out value);
        options = new PxeOptions(value);
        return options.FaultTag == 0 ? null : new Error(
            EFI_STATUS.EFI_PROTOCOL_ERROR,
            TextBuilder.Format($"DHCP server {pxe!.ServerIdentifier}: option 43.{(uint)options.FaultTag} is damaged, at byte {options.FaultOffset} of option 43"));
    }

    /// <summary>Makes a lease from packets, such as those that the firmware's PXE keeps (UEFI 2.10, 24.3.1: the mode structure).</summary>
    /// <param name="ack">DhcpAck.</param>
    /// <param name="proxy">PxeReply or else ProxyOffer; empty when there is none.</param>
    /// <param name="error">What is wrong with <paramref name="ack"/>, when null is returned.</param>
    public static DhcpLease? FromPackets(ReadOnlySpan<byte> ack, ReadOnlySpan<byte> proxy, out Error? error) =>
        FromPackets(ack, proxy, default, out error);

    /// <summary>The same with the offer that came before: some servers name the file there alone.</summary>
    public static DhcpLease? FromPackets(ReadOnlySpan<byte> ack, ReadOnlySpan<byte> proxy, ReadOnlySpan<byte> offer, out Error? error)
    {
        Arena? arena = Arena.TryCreate(Room);
        if (arena is null)
        {
            error = new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "DHCP: out of memory");
            return null;
        }

        DhcpLease lease;
        using (arena.Enter())
        {
            lease = new DhcpLease(arena);
        }

        if (!lease.Ack.TryLoad(ack) || !lease.Ack.IsReply || !lease.Address.IsUnicast)
        {
            lease.Dispose();
            error = new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"DHCP: a packet of {ack.Length} bytes is no lease"));
            return null;
        }

        LoadReply(lease._proxy, proxy);
        LoadReply(lease._offer, offer);
        error = null;
        return lease;
    }

    /// <summary>Configures an interface with this lease, which the interface keeps from then on.</summary>
    public Error? ApplyTo(NetworkInterface netif)
    {
        Error? error = netif.Configure(Address, Netmask, Gateway);
        if (error is not null)
        {
            return error;
        }

        Span<IPv4Address> servers = stackalloc IPv4Address[MaximumRoutersOrServers];
        int count = 0;
        TryGetOption(DhcpTag.DnsServers, out ReadOnlySpan<byte> value);
        for (; value.Length >= 4 && count < servers.Length; value = value.Slice(4))
        {
            IPv4Address server = DhcpMessage.ReadAddress(value);
            if (server.IsUnicast)
            {
                servers[count++] = server;
            }
        }

        netif.SetDnsServers(servers.Slice(0, count));
        ApplyPathsTo(netif);
        using (_arena.Enter())
        {
            _domain = Domain.Length > 0 ? Domain : null;
        }

        netif.Domain = _domain;
        Replace(netif);
        return null;
    }

    /// <summary>Takes the place of the interface's lease, whose address it is for as well: nothing that is configured changes.</summary>
    public void SucceedOn(NetworkInterface netif)
    {
        if (netif.Lease?._domain is string domain && ReferenceEquals(netif.Domain, domain))
        {
            using (_arena.Enter())
            {
                _domain = new string(domain.AsSpan());
            }

            netif.Domain = _domain;
        }

        Replace(netif);
    }

    /// <summary>Gives an interface the routes and the MTU of this lease.</summary>
    public void ApplyPathsTo(NetworkInterface netif)
    {
        Span<IPv4Route> routes = stackalloc IPv4Route[MaximumRoutes];
        int count = 0;
        DhcpRouteReader reader = Routes();
        while (reader.Read() && count < routes.Length)
        {
            if (!reader.Netmask.IsAny && (reader.Router.IsAny || reader.Router.IsUnicast))
            {
                routes[count++] = new IPv4Route(reader.Network, reader.Netmask, reader.Router);
            }
        }

        netif.SetRoutes(routes.Slice(0, count));
        netif.LimitMtu(Mtu);
    }

    /// <summary>Frees what the lease holds; the interface must have been given another, or none.</summary>
    public void Dispose() => _arena.Dispose();

    private void Replace(NetworkInterface netif)
    {
        DhcpLease? old = netif.Lease;
        netif.Lease = this;
        if (old != this)
        {
            old?.Dispose();
        }
    }

    private DhcpRouteReader Routes()
    {
        Ack.TryGetOption(DhcpTag.ClasslessStaticRoutes, out ReadOnlySpan<byte> value);
        return new DhcpRouteReader(value);
    }

    private static bool HasPxeOptions(DhcpMessage message) => message.IsPxe && message.TryGetOption(DhcpTag.VendorSpecific, out _);

    private static void LoadReply(DhcpMessage message, ReadOnlySpan<byte> packet)
    {
        if (!message.TryLoad(packet) || !message.IsReply)
        {
            message.Clear();
        }
    }
}
