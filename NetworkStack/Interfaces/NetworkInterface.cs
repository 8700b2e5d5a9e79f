using System;
using System.Runtime.CompilerServices;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>One link, its IPv4 configuration, and IPv6 on it. It works once it was added to an <see cref="InternetLayer"/>.</summary>
public sealed class NetworkInterface
{
    /// <summary>The largest MTU that is used, whatever the link offers: what waiting datagrams and the send buffer have room for.</summary>
    public const int MaximumMtu = 1500;

    internal const int MaximumFrameSize = EthernetFrame.HeaderSize + MaximumMtu;
    private const int MaximumDnsServers = 4;
    private const int MaximumRoutes = 16;

    /// <summary>RFC 791, 3.2: what every host takes. No network is believed to carry less.</summary>
    private const int MinimumMtu = 576;

    private readonly IPv4Address[] _dnsServers = new IPv4Address[MaximumDnsServers];
    private readonly HeldFrames _held = new();
    private readonly LldpNeighbour _lldp = new();
    private readonly IPv4Route[] _routes = new IPv4Route[MaximumRoutes];
    private int _dnsServerCount;
    private int _routeCount;
    private int _mtuLimit = MaximumMtu;
    private int _burst;
    private int _lastBurst;
    private MacAddress _station; // The link's while it is open: it is compared with every frame's.
    private InternetLayer? _layer;
    private DhcpLease? _formerLease;

    /// <param name="name">Kept, not copied: it lives as long as the interface.</param>
    /// <param name="link">What moves its frames; the interface opens and closes it.</param>
    public NetworkInterface(string name, Link link)
    {
        Name = name;
        Link = link;
        Neighbours = new NeighbourCache(this);
        IPv6 = new IPv6Interface(this);
    }

    /// <summary>Makes the interface of a VLAN, which hears what comes to the trunk with its tag.</summary>
    /// <param name="name">Kept, not copied: it lives as long as the interface.</param>
    /// <param name="trunk">Of the same network. It is opened when this one is; when it closes, so does this one.</param>
    /// <param name="vlan">A link on the trunk's.</param>
    public NetworkInterface(string name, NetworkInterface trunk, VlanLink vlan)
        : this(name, vlan)
    {
        Trunk = trunk;
        Vlan = vlan;
    }

    /// <summary>What users call it: "net0".</summary>
    public string Name { get; }

    /// <summary>What moves its frames.</summary>
    public Link Link { get; }

    /// <summary>The interface that a VLAN is on; null for no VLAN.</summary>
    public NetworkInterface? Trunk { get; }

    /// <summary>A VLAN's <see cref="Link"/>; null for no VLAN.</summary>
    public VlanLink? Vlan { get; }

    /// <summary>What it received, sent and dropped.</summary>
    public InterfaceCounters Counters { get; } = new();

    /// <summary>Between <see cref="Open"/> and <see cref="Close"/>.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>0.0.0.0 until <see cref="Configure"/>.</summary>
    public IPv4Address Address { get; private set; }

    /// <summary>0.0.0.0 before <see cref="Configure"/>.</summary>
    public IPv4Address Netmask { get; private set; }

    /// <summary>0.0.0.0 when there is none.</summary>
    public IPv4Address Gateway { get; private set; }

    /// <summary>Whether it has an address.</summary>
    public bool IsConfigured
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !Address.IsAny;
    }

    /// <summary>The most bytes of an IPv4 datagram, header included.</summary>
    public int Mtu => Math.Min(Link.Mtu, _mtuLimit);

    /// <summary>Ways to further networks; at most sixteen. Where none fits, <see cref="Gateway"/> is the way.</summary>
    public ReadOnlySpan<IPv4Route> Routes => new(_routes, 0, _routeCount);

    /// <summary>In the order in which they are to be asked; at most four.</summary>
    public ReadOnlySpan<IPv4Address> DnsServers => new(_dnsServers, 0, _dnsServerCount);

    /// <summary>The domain for names without a dot, or null. Kept, not copied: who sets it keeps it alive.</summary>
    public string? Domain { get; set; }

    /// <summary>What DHCP gave, if that is where the configuration came from. The interface owns it: see <see cref="DhcpLease.ApplyTo"/>.</summary>
    public DhcpLease? Lease { get; set; }

    /// <summary>Its other version.</summary>
    public IPv6Interface IPv6 { get; }

    /// <summary>Its number in its layer, from 1 on: <see cref="IPAddress.Zone"/>.</summary>
    public int Zone { get; internal set; }

    internal NeighbourCache Neighbours { get; }

    /// <summary>DHCP is looking for another address: what is sent to one that is not ours yet may be its answer (RFC 2131, 4.1).</summary>
    internal bool IsSearching { get; set; }

    /// <summary>What the switch says of the port that the link is at.</summary>
    internal SpanningTree SpanningTree { get; } = new();

    /// <summary>An address that is about to be ours, if nobody else has it; 0.0.0.0 for none. See <see cref="Probe"/>.</summary>
    internal IPv4Address Tentative { get; private set; }

    /// <summary>Another station has the <see cref="Tentative"/> address.</summary>
    internal bool IsTentativeTaken { get; set; }

    /// <summary>
    /// Frames that came back to back before the present one: since the link was last seen empty, or in the run before that when
    /// it was longer.
    /// </summary>
    internal int Burst => Math.Max(_burst - 1, _lastBurst);

    internal InternetLayer Layer
    {
        get => _layer!;
        set => _layer = value;
    }

    /// <summary>Makes the link move frames. Open after Open changes nothing.</summary>
    public Error? Open()
    {
        if (IsOpen)
        {
            return null;
        }

        Error? error = Trunk?.Open() ?? Link.Open();
        IsOpen = error is null;
        _station = Link.Address;
        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{Name}: {error.Message}"));
    }

    /// <summary>Whether a VLAN on it is open.</summary>
    public bool HasOpenVlan
    {
        get
        {
            bool isFound = false;
            for (int i = 0; _layer is not null && i < _layer.Interfaces.Count; i++)
            {
                isFound |= _layer.Interfaces[i].Trunk == this && _layer.Interfaces[i].IsOpen;
            }

            return isFound;
        }
    }

    /// <summary>Ends every connection on the interface, forgets its configuration and closes the link, and all VLANs on it.</summary>
    public void Close()
    {
        if (!IsOpen)
        {
            return;
        }

        for (int i = 0; _layer is not null && i < _layer.Interfaces.Count; i++)
        {
            if (_layer.Interfaces[i].Trunk == this)
            {
                _layer.Interfaces[i].Close();
            }
        }

        ClearConfiguration();
        IPv6.Stop();
        _held.Clear();
        IsOpen = false;
        Link.Close();
    }

    /// <summary>Gives the link, and with it its VLANs, another station address, or (null) its own again.</summary>
    public Error? SetStationAddress(MacAddress? address)
    {
        Error? error = Link.SetAddress(address);
        _station = Link.Address;
        for (int i = 0; _layer is not null && i < _layer.Interfaces.Count; i++)
        {
            if (_layer.Interfaces[i].Trunk == this)
            {
                _layer.Interfaces[i]._station = _station;
            }
        }

        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{Name}: {error.Message}"));
    }

    /// <summary>Sets address, netmask and gateway (0.0.0.0 for none). Connections from another address end.</summary>
    public Error? Configure(IPv4Address address, IPv4Address netmask, IPv4Address gateway)
    {
        if (!address.IsUnicast || !netmask.IsNetmask || netmask.IsAny || !IsHost(address, netmask))
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{Name}: not an address and netmask of a host: {address} / {netmask}"));
        }

        if (IsConfigured && address != Address)
        {
            _layer?.EndConnections(this, Address);
        }

        Address = address;
        Netmask = netmask;
        Gateway = gateway;
        Neighbours.Clear(AddressFamily.IPv4);
        return null;
    }

    /// <summary>Forgets address, netmask, gateway, DNS servers, domain and lease; connections end.</summary>
    public void ClearConfiguration()
    {
        if (IsConfigured)
        {
            _layer?.EndConnections(this, Address);
        }

        _formerLease = Lease ?? _formerLease;
        Lease = null;
        FreeFormerLease();
        Address = default;
        Netmask = default;
        Gateway = default;
        _dnsServerCount = 0;
        _routeCount = 0;
        _mtuLimit = MaximumMtu;
        Domain = null;
        Neighbours.Clear(AddressFamily.IPv4);
    }

    /// <summary>Frees a lease that was lost, as soon as memory may be freed; before that there is no other.</summary>
    private void FreeFormerLease()
    {
        if (_formerLease is not null && _layer?.MayAllocate != false)
        {
            _formerLease.Dispose();
            _formerLease = null;
        }
    }

    /// <summary>Takes the first four.</summary>
    public void SetDnsServers(ReadOnlySpan<IPv4Address> servers)
    {
        _dnsServerCount = Math.Min(servers.Length, MaximumDnsServers);
        servers.Slice(0, _dnsServerCount).CopyTo(_dnsServers);
    }

    /// <summary>Asks whether another station has an address, which is <see cref="Tentative"/> from then on; 0.0.0.0 ends that.</summary>
    internal void Probe(IPv4Address address)
    {
        Tentative = address;
        IsTentativeTaken = false;
        if (!address.IsAny)
        {
            Neighbours.Probe(address);
        }
    }

    /// <summary>Takes the first sixteen.</summary>
    public void SetRoutes(ReadOnlySpan<IPv4Route> routes)
    {
        _routeCount = Math.Min(routes.Length, MaximumRoutes);
        routes.Slice(0, _routeCount).CopyTo(_routes);
    }

    /// <summary>Keeps datagrams to what the path is said to carry, where that is less than the link does.</summary>
    /// <param name="mtu">Bytes, IPv4 header included; 0, and what is less than a host must take, for no limit.</param>
    public void LimitMtu(int mtu) => _mtuLimit = mtu < MinimumMtu ? MaximumMtu : Math.Min(mtu, MaximumMtu);

    /// <summary>What the switch says of itself, for an <see cref="LldpReader"/>; empty when it says nothing. Valid until the network is polled.</summary>
    public ReadOnlySpan<byte> GetLldpMessage() => _layer is null ? default : _lldp.GetMessage(_layer.Now);

    /// <summary>Whether and how well the interface reaches a destination.</summary>
    /// <param name="destination">Of any host.</param>
    /// <param name="hop">The neighbour to send to: the destination itself, or a gateway.</param>
    /// <param name="netmask">Of the route: the more bits, the better it fits.</param>
    internal bool TryRoute(IPv4Address destination, out IPv4Address hop, out uint netmask)
    {
        if (IsOnLink(destination))
        {
            hop = destination;
            netmask = Netmask.Value;
            return true;
        }

        hop = Gateway;
        netmask = 0;
        for (int i = 0; i < _routeCount; i++)
        {
            ref readonly IPv4Route route = ref _routes[i];
            if (route.Netmask.Value > netmask && IPv4Address.IsSameNetwork(destination, route.Network, route.Netmask))
            {
                hop = route.Gateway.IsAny ? destination : route.Gateway;
                netmask = route.Netmask.Value;
            }
        }

        return !hop.IsAny;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsOnLink(IPv4Address address) => IsConfigured && IPv4Address.IsSameNetwork(address, Address, Netmask);

    /// <summary>True for 255.255.255.255 and for the broadcast address of the interface's network (RFC 919, RFC 3021).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsBroadcast(IPv4Address address) => address.IsBroadcast ||
        (IsOnLink(address) && ~Netmask.Value > 1 && (address.Value | Netmask.Value) == 0xFFFF_FFFF);

    /// <summary>Sends what waits for room on the link, and hands what the link has received to the network, at most so many frames.</summary>
    internal void Receive(int budget)
    {
        while (!_held.IsEmpty && TrySend(_held.First))
        {
            _held.RemoveFirst();
        }

        while (IsOpen && budget-- > 0)
        {
            ReadOnlySpan<byte> frame = Link.Receive();
            if (frame.IsEmpty)
            {
                _lastBurst = _burst != 0 ? _burst : _lastBurst;
                _burst = 0;
                return;
            }

            Count(frame.Length);
            OnFrame(frame);
        }
    }

    /// <summary>Who is known on the link, one after the other; false behind the last.</summary>
    /// <param name="at">0 at first.</param>
    /// <param name="address">The neighbour's.</param>
    /// <param name="mac">Null while it is being asked for.</param>
    public bool TryNextNeighbour(ref int at, out IPAddress address, out MacAddress? mac) => Neighbours.TryNext(ref at, out address, out mac);

    /// <summary>Finds the station of a host on the link; what is not known yet is asked for, and to be asked again while the network is polled.</summary>
    /// <param name="address">Of either version, not a group's.</param>
    /// <param name="mac">The station's, when it is known.</param>
    public bool TryResolve(IPAddress address, out MacAddress mac) => Neighbours.TryResolve(address, default, Layer.Now, out mac);

    internal void RunTimers(ulong now)
    {
        FreeFormerLease();
        Neighbours.RunTimers(now);
        IPv6.RunTimers(now);
    }

    /// <summary>An address of ours, of either version.</summary>
    internal bool IsOurs(IPAddress address) =>
        address.Family == AddressFamily.IPv6 ? IPv6.IsOurs(address) : IsConfigured && address.IPv4 == Address;

    /// <summary>Sends a frame that has everything but its Ethernet header, to where the datagram in it goes.</summary>
    /// <param name="frame">The whole frame.</param>
    /// <param name="destination">That of the datagram.</param>
    /// <param name="mayWait">Whether it waits when the link has no room.</param>
    internal SendStatus Transmit(Span<byte> frame, IPAddress destination, bool mayWait)
    {
        if (!IsOpen)
        {
            return SendStatus.Closed;
        }

        bool isIPv6 = destination.Family == AddressFamily.IPv6;
        SendStatus status = isIPv6 ? ResolveIPv6(destination, frame, out MacAddress mac) : ResolveIPv4(destination.IPv4, frame, out mac);
        if (status != SendStatus.Sent)
        {
            return status;
        }

        EthernetFrame.WriteHeader(frame, mac, _station, isIPv6 ? EtherType.IPv6 : EtherType.IPv4);
        return SendFrame(frame, mayWait);
    }

    private SendStatus ResolveIPv4(IPv4Address destination, ReadOnlySpan<byte> frame, out MacAddress mac)
    {
        mac = default;
        if (IsBroadcast(destination))
        {
            mac = MacAddress.Broadcast;
        }
        else if (destination.IsMulticast)
        {
            // RFC 1112, 6.4: 01:00:5E and the low 23 bits.
            uint low = destination.Value;
            mac = new MacAddress(0x5E_0001UL | ((ulong)((low >> 16) & 0x7F) << 24) | ((ulong)((low >> 8) & 0xFF) << 32) | ((ulong)(low & 0xFF) << 40));
        }
        else
        {
            IPv4Address hop = IsOnLink(destination) ? destination
                : _routeCount == 0 ? Gateway
                : NextHop(destination);
            if (hop.IsAny)
            {
                return SendStatus.NoRoute;
            }

            if (!Neighbours.TryResolve(hop, frame, Layer.Now, out mac))
            {
                return SendStatus.Waiting;
            }
        }

        return SendStatus.Sent;
    }

    private SendStatus ResolveIPv6(IPAddress destination, ReadOnlySpan<byte> frame, out MacAddress mac)
    {
        mac = destination.GroupStation;
        return destination.IsMulticast ? SendStatus.Sent
            : !IPv6.TryRoute(destination, out IPAddress hop, out _) ? SendStatus.NoRoute
            : Neighbours.TryResolve(hop, frame, Layer.Now, out mac) ? SendStatus.Sent
            : SendStatus.Waiting;
    }

    /// <summary>Sends a whole frame. One that waits for room goes out in the next round, before all that was sent later.</summary>
    internal SendStatus SendFrame(ReadOnlySpan<byte> frame, bool mayWait = true)
    {
        if ((_held.IsEmpty || !mayWait) && TrySend(frame))
        {
            return SendStatus.Sent;
        }

        if (mayWait && _held.TryAdd(frame))
        {
            return SendStatus.Waiting;
        }

        Counters.SendFailures++;
        return SendStatus.NoRoom;
    }

    private IPv4Address NextHop(IPv4Address destination)
    {
        TryRoute(destination, out IPv4Address hop, out _);
        return hop;
    }

    // Not the first nor the last of a network, unless it has only one or two (RFC 1122, 3.2.1.3; RFC 3021).
    private static bool IsHost(IPv4Address address, IPv4Address netmask)
    {
        uint host = address.Value & ~netmask.Value;
        return ~netmask.Value <= 1 || (host != 0 && host != ~netmask.Value);
    }

    private bool TrySend(ReadOnlySpan<byte> frame)
    {
        if (!Link.Send(frame))
        {
            return false;
        }

        Counters.SentFrames++;
        Counters.SentBytes += (ulong)frame.Length;
        return true;
    }

    private void OnFrame(ReadOnlySpan<byte> bytes)
    {
        if (!EthernetFrame.TryParse(bytes, out EthernetFrame frame))
        {
            Counters.Drop(DropReason.FrameTooShort);
            return;
        }

        MacAddress destination = frame.Destination;
        bool isUnicast = destination == _station;
        if (!isUnicast && !destination.IsMulticast)
        {
            Counters.Drop(DropReason.OtherStation); // A filter that lets more through than was asked for.
            return;
        }

        if (frame.VlanId != 0)
        {
            OnTagged(frame, isUnicast, bytes.Length);
            return;
        }

        OnPayload(frame, isUnicast);
    }

    private void OnTagged(EthernetFrame frame, bool isUnicast, int length)
    {
        if (Layer.FindVlan(this, frame.VlanId) is not { IsOpen: true } vlan)
        {
            Counters.Drop(DropReason.OtherVlan);
            return;
        }

        vlan.Count(length);
        vlan.OnPayload(frame, isUnicast);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Count(int length)
    {
        _burst++;
        Counters.ReceivedFrames++;
        Counters.ReceivedBytes += (ulong)length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnPayload(EthernetFrame frame, bool isUnicast)
    {
        switch (frame.Type)
        {
            case EtherType.IPv4:
                Layer.OnIPv4(this, frame.Payload, isUnicast);
                break;
            case EtherType.IPv6:
                if (frame.Source != _station) // Else an echo of our own, from a hub or a looped port.
                {
                    Layer.OnIPv6(this, frame.Payload, frame.Source, isUnicast);
                }

                break;
            case EtherType.Arp:
                if (ArpPacket.TryParse(frame.Payload, out ArpPacket packet))
                {
                    Neighbours.OnArp(packet, Layer.Now);
                }
                else
                {
                    Counters.Drop(DropReason.BadArp);
                }

                break;
            case EtherType.Lldp:
                if (!_lldp.TryTake(frame.Payload, Layer.Now))
                {
                    Counters.Drop(DropReason.BadLldp);
                }

                break;
            default:
                if (frame.Destination.Value == BridgePdu.Group && BridgePdu.TryParse(frame.Payload, out BridgePdu pdu))
                {
                    SpanningTree.OnPdu(pdu, Layer.Now);
                    break;
                }

                Counters.Drop(DropReason.UnknownEtherType);
                break;
        }
    }
}
