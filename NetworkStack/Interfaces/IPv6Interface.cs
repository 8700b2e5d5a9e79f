using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// IPv6 on an interface: its addresses, what its routers say (RFC 4861, 6.3; RFC 4862, 5.5; RFC 4191; RFC 8106), and the ways that follow
/// from that. It does nothing before <see cref="Start"/>.
/// </summary>
public sealed class IPv6Interface
{
    private const ulong Second = 1_000_000;
    private const ulong Never = ulong.MaxValue;
    private const uint Infinity = uint.MaxValue;

    // RFC 7559, 2: 4 s at first, then doubled; RFC 4861's pause before the first would cost each boot half a second.
    private const ulong FirstSolicitationInterval = 4 * Second;
    private const ulong LongestSolicitationInterval = 64 * Second;
    private const ulong DefaultRetransmitTime = Second;
    private const ulong ShortestRetransmitTime = Second / 4;
    private const ulong LongestRetransmitTime = 5 * Second;
    private const int AdvertisementSize = 16;
    private const int SearchListSize = 256;
    private const int MaximumStations = 14; // As many as SnpLink has room for.
    private const int InterfaceIdentifierBits = 64;
    private const uint TwoHours = 7200; // RFC 4862, 5.5.3 e

    private readonly NetworkInterface _netif;
    private readonly IPv6RouteTable _routes = new();
    private readonly IPv6DnsServers _ownDnsServers = new();
    private readonly IPv6DnsServers _leasedDnsServers = new();
    private readonly IPv6DnsServers _advertisedDnsServers = new();
    private readonly IPv6DnsServers _allDnsServers = new(); // the last two, whenever it is asked for
    private readonly MulticastListener _listener;
    private readonly byte[] _leasedSearchList = new byte[SearchListSize];
    private readonly byte[] _advertisedSearchList = new byte[SearchListSize];
    private int _leasedSearchListSize;
    private int _advertisedSearchListSize;
    private ulong _nextSolicitation = Never;
    private ulong _solicitationInterval;
    private ulong _nextDeadline = Never;
    private bool _isNew;

    internal IPv6Interface(NetworkInterface netif)
    {
        _netif = netif;
        Table = new IPv6AddressTable(netif);
        _listener = new MulticastListener(netif);
    }

    /// <summary>Between <see cref="Start"/> and <see cref="Stop"/>.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Its addresses, and free places between them.</summary>
    public ReadOnlySpan<IPv6AddressEntry> Addresses => Table.Entries;

    /// <summary>Its routes, and free places between them.</summary>
    public ReadOnlySpan<IPv6Route> Routes => _routes.Routes;

    /// <summary>
    /// Name servers that the user set, or else those of DHCPv6 and then those of routers (RFC 8106, 5.3.1), in the order to ask them; at most four.
    /// Valid until the next call.
    /// </summary>
    public ReadOnlySpan<IPAddress> DnsServers
    {
        get
        {
            if (_ownDnsServers.Servers.Length > 0)
            {
                return _ownDnsServers.Servers;
            }

            _allDnsServers.Clear();
            _allDnsServers.Add(_leasedDnsServers.Servers);
            _allDnsServers.Add(_advertisedDnsServers.Servers);
            return _allDnsServers.Servers;
        }
    }

    /// <summary>Name servers that routers named; at most four.</summary>
    public ReadOnlySpan<IPAddress> AdvertisedDnsServers => _advertisedDnsServers.Servers;

    /// <summary>What the user set, of no version when he did not; it holds beyond <see cref="Stop"/>.</summary>
    public IPAddress StaticAddress { get; private set; }

    /// <summary>Bits of the static address that its network has in common: 0 to 128.</summary>
    public int StaticLength { get; private set; } = InterfaceIdentifierBits;

    /// <summary>The router that the user set; of no version when he did not.</summary>
    public IPAddress StaticGateway { get; private set; }

    /// <summary>
    /// The domains to look names up in, as RFC 1035, 3.1, writes names, one after the other: DHCPv6's, or else the routers' (RFC 8106, 5.3.1).
    /// </summary>
    public ReadOnlySpan<byte> SearchList => _leasedSearchListSize > 0 ? new(_leasedSearchList, 0, _leasedSearchListSize) : AdvertisedSearchList;

    /// <summary>Those that a router named.</summary>
    public ReadOnlySpan<byte> AdvertisedSearchList => new(_advertisedSearchList, 0, _advertisedSearchListSize);

    /// <summary>A router was heard.</summary>
    public bool IsAdvertised { get; private set; }

    /// <summary>The router says that a server leases addresses (RFC 4861, 4.2: M).</summary>
    public bool IsManaged { get; private set; }

    /// <summary>The router says that a server has what its advertisements do not say (RFC 4861, 4.2: O).</summary>
    public bool HasOtherConfiguration { get; private set; }

    /// <summary>The most bytes of a datagram, header included.</summary>
    public int Mtu => Math.Min(_netif.Link.Mtu, AdvertisedMtu != 0 ? AdvertisedMtu : NetworkInterface.MaximumMtu);

    /// <summary>The MTU that a router advertised; 0 when none did.</summary>
    public int AdvertisedMtu { get; private set; }

    /// <summary>The address that was made of an advertised prefix (RFC 4862, 5.5.3); of no version when there is none.</summary>
    public IPAddress AdvertisedAddress
    {
        get
        {
            foreach (ref readonly IPv6AddressEntry entry in Addresses)
            {
                if (entry.IsValid && !entry.IsStatic && entry.PrefixLength == InterfaceIdentifierBits && !entry.Address.IsLinkLocal &&
                    entry.Address == IPAddress.OfStation(entry.Address, _netif.Link.Address))
                {
                    return entry.Address;
                }
            }

            return default;
        }
    }

    /// <summary>A router that advertises itself as the way to everywhere; of no version when there is none.</summary>
    public IPAddress AdvertisedGateway
    {
        get
        {
            foreach (ref readonly IPv6Route route in Routes)
            {
                if (route.Until != 0 && route.Prefix.Length == 0 && !route.IsStatic)
                {
                    return route.Gateway;
                }
            }

            return default;
        }
    }

    /// <summary>Its address for the link alone, once nobody else was found to have it.</summary>
    public IPAddress LinkLocal => Table.SelectSource(IPAddress.AllNodes, _netif.Layer.Now);

    /// <summary>The address that hosts elsewhere are reached from; of no version when there is none.</summary>
    public IPAddress Global => Table.SelectSource(IPAddress.IPv6Any, _netif.Layer.Now);

    /// <summary>The router of the best way to everywhere; of no version when there is none.</summary>
    public IPAddress Gateway => _routes.TryFind(IPAddress.IPv6Any, out IPv6Route route) && route.Prefix.Length == 0 ? route.Gateway : default;

    /// <summary>An address that was to be its own, and another station has; of no version when there was none.</summary>
    public IPAddress Duplicate => Table.Duplicate;

    /// <summary>Nobody can hear or be heard yet: the link is down, or the switch port's spanning tree may still block it.</summary>
    public bool IsPortBlocked => !_netif.Link.IsUp || (_netif.Trunk ?? _netif).SpanningTree.MayBeBlocked(_netif.Layer.Now);

    internal IPv6AddressTable Table { get; }

    /// <summary>Between two questions to neighbours, in microseconds.</summary>
    internal ulong RetransmitTime { get; private set; } = DefaultRetransmitTime;

    internal byte HopLimit { get; private set; } = IPv6Packet.DefaultHopLimit;

    /// <summary>Makes the address for the link, and asks for routers. The interface is open.</summary>
    public void Start()
    {
        if (IsStarted || !_netif.IsOpen)
        {
            return;
        }

        IsStarted = true;
        _isNew = true; // The rest in the next round: the network's clock stands between two.
        _nextDeadline = 0;
        ApplyStatic();
    }

    /// <summary>Takes what the user sets, each of no version for nothing, in the place of what he set before.</summary>
    /// <param name="address">Of one host.</param>
    /// <param name="prefixLength">0 to 128.</param>
    /// <param name="gateway">A neighbour's.</param>
    public void SetStatic(IPAddress address, int prefixLength, IPAddress gateway)
    {
        if (IsStarted && address != StaticAddress && !StaticAddress.IsAny)
        {
            Table.Remove(StaticAddress);
        }

        _routes.RemoveStatic();
        (StaticAddress, StaticLength, StaticGateway) = (address, prefixLength, gateway);
        if (IsStarted)
        {
            ApplyStatic();
        }
    }

    /// <summary>Sets name servers, over those of routers; none for those again. The first four are taken.</summary>
    public void SetDnsServers(ReadOnlySpan<IPAddress> servers)
    {
        _ownDnsServers.Clear();
        _ownDnsServers.Add(servers);
    }

    private void ApplyStatic()
    {
        ulong now = _netif.Layer.Now;
        if (!StaticAddress.IsAny)
        {
            Table.AddStatic(StaticAddress, StaticLength);
            IPPrefix network = new(StaticAddress, StaticLength);
            _routes.Set(new IPv6Route { Prefix = network, Gateway = IPAddress.IPv6Any, IsStatic = true, Until = IPv6AddressTable.Forever }, now);
        }

        if (!StaticGateway.IsAny)
        {
            IPPrefix everywhere = new(IPAddress.IPv6Any, 0);
            _routes.Set(new IPv6Route { Prefix = everywhere, Gateway = StaticGateway, IsStatic = true, Until = IPv6AddressTable.Forever }, now);
        }
    }

    /// <summary>Forgets everything but what the user set; connections end.</summary>
    public void Stop()
    {
        if (!IsStarted)
        {
            return;
        }

        foreach (IPv6AddressEntry entry in Table.Entries)
        {
            if (!entry.Address.IsAny)
            {
                _netif.Layer.EndConnections(_netif, entry.Address);
            }
        }

        IsStarted = false;
        Table.Clear();
        _routes.Clear();
        _leasedDnsServers.Clear();
        _advertisedDnsServers.Clear();
        _listener.Stop();
        LetGroupsIn();
        _leasedSearchListSize = _advertisedSearchListSize = 0;
        IsAdvertised = IsManaged = HasOtherConfiguration = false;
        AdvertisedMtu = 0;
        RetransmitTime = DefaultRetransmitTime;
        HopLimit = IPv6Packet.DefaultHopLimit;
        _nextDeadline = _nextSolicitation = Never;
        _netif.Neighbours.Clear(AddressFamily.IPv6);
    }

    // What is behind 256 bytes is left out.
    private static int CopyNames(ReadOnlySpan<byte> names, Span<byte> list)
    {
        int size = Math.Min(names.Length, list.Length);
        names.Slice(0, size).CopyTo(list);
        return size;
    }

    internal bool IsOurs(IPAddress address) => Table.IsOurs(address);

    internal IPAddress SelectSource(IPAddress destination) => Table.SelectSource(destination, _netif.Layer.Now);

    /// <summary>Whether and how well the interface reaches a destination.</summary>
    /// <param name="destination">Of any host, or a group.</param>
    /// <param name="hop">The neighbour to send to: the destination itself, or a router.</param>
    /// <param name="prefixLength">Of the way: the longer, the better it fits.</param>
    internal bool TryRoute(IPAddress destination, out IPAddress hop, out int prefixLength)
    {
        hop = destination;
        prefixLength = 128;
        if (!IsStarted || destination.IsLinkLocal || destination.IsMulticast)
        {
            return IsStarted;
        }

        bool isFound = _routes.TryFind(destination, out IPv6Route route);
        hop = route.Gateway.IsAny ? destination : route.Gateway;
        prefixLength = route.Prefix.Length;
        return isFound;
    }

    internal void OnGroupsChanged()
    {
        LetGroupsIn();
        _listener.OnChange(_netif.Layer.Now);
        _nextDeadline = _netif.Layer.Now;
    }

    // A link has one list for what is on it: the interface's own groups, and those of its VLANs.
    private void LetGroupsIn()
    {
        NetworkInterface trunk = _netif.Trunk ?? _netif;
        Span<MacAddress> stations = stackalloc MacAddress[MaximumStations];
        Span<IPAddress> groups = stackalloc IPAddress[IPv6AddressTable.Capacity];
        int count = 0;
        foreach (NetworkInterface netif in _netif.Layer.Interfaces)
        {
            if (!netif.IPv6.IsStarted || (netif != trunk && netif.Trunk != trunk))
            {
                continue;
            }

            Add(stations, ref count, IPAddress.AllNodes.GroupStation);
            for (int i = netif.IPv6.Table.CopyGroups(groups) - 1; i >= 0; i--)
            {
                Add(stations, ref count, groups[i].GroupStation);
            }
        }

        trunk.Link.SetGroups(stations.Slice(0, count));
    }

    private static void Add(Span<MacAddress> stations, ref int count, MacAddress station)
    {
        int at = 0;
        while (at < count && stations[at] != station)
        {
            at++;
        }

        if (at < stations.Length)
        {
            stations[at] = station;
            count = Math.Max(count, at + 1);
        }
    }

    internal void OnListenerQuery(IcmpMessage message, ulong now)
    {
        _listener.OnQuery(message, now);
        _nextDeadline = now;
    }

    /// <summary>
    /// What a DHCPv6 server says beside addresses. Its first three name servers take the place of those that one named before, and leave room
    /// for a router's: a server that lies does not take all names away.
    /// </summary>
    /// <param name="servers">Addresses, of 16 bytes each; none leaves those before.</param>
    /// <param name="domains">As in <see cref="SearchList"/>; none leaves those before.</param>
    /// <param name="until">When the servers are to be forgotten.</param>
    internal void OnServerInformation(ReadOnlySpan<byte> servers, ReadOnlySpan<byte> domains, ulong until)
    {
        ulong now = _netif.Layer.Now;
        if (!servers.IsEmpty)
        {
            _leasedDnsServers.Clear();
        }

        for (; servers.Length >= IPAddress.IPv6Size; servers = servers.Slice(IPAddress.IPv6Size))
        {
            IPAddress server = new(servers);
            if (server.IsUnicast && _leasedDnsServers.Servers.Length < IPv6DnsServers.Capacity - 1)
            {
                _leasedDnsServers.Set(server, until, now);
            }
        }

        _leasedSearchListSize = domains.IsEmpty ? _leasedSearchListSize : CopyNames(domains, _leasedSearchList);
        _nextDeadline = now;
    }

    /// <summary>A neighbour answers no more, or did.</summary>
    internal void OnRouterHeard(IPAddress address, bool isThere) => _routes.Suspect(address, !isThere);

    /// <summary>A router says what it is, and what is on the link (RFC 4861, 6.3.4).</summary>
    /// <param name="router">Its address for the link.</param>
    /// <param name="message">From the link itself; its options are well-formed.</param>
    /// <param name="now">Microseconds.</param>
    internal void OnRouterAdvertisement(IPAddress router, IcmpMessage message, ulong now)
    {
        ReadOnlySpan<byte> bytes = message.Bytes;
        IsAdvertised = true;
        uint lifetime = WireBytes.Read16(bytes, 6);
        _nextSolicitation = lifetime != 0 ? Never : _nextSolicitation; // RFC 7559, 2
        HopLimit = bytes[4] != 0 ? bytes[4] : HopLimit;
        IsManaged = (bytes[5] & 0x80) != 0;
        HasOtherConfiguration = (bytes[5] & 0x40) != 0;
        uint retransmit = WireBytes.Read32(bytes, 12);
        RetransmitTime = retransmit != 0 ? Math.Clamp(retransmit * 1000UL, ShortestRetransmitTime, LongestRetransmitTime) : RetransmitTime;
        _routes.Set(new IPPrefix(IPAddress.IPv6Any, 0), router, PreferenceOf(bytes[5]), After(now, lifetime), now);
        OnRouterHeard(router, isThere: true);
        NeighbourOptionReader reader = new(bytes.Slice(AdvertisementSize));
        while (reader.TryRead(out byte type, out ReadOnlySpan<byte> option))
        {
            switch (type)
            {
                case NeighbourOptionReader.Prefix when option.Length == 32:
                    OnPrefix(option, now);
                    break;
                case NeighbourOptionReader.Mtu when WireBytes.Read32(option, 4) is >= IPv6Packet.MinimumMtu and <= NetworkInterface.MaximumMtu:
                    AdvertisedMtu = (int)WireBytes.Read32(option, 4);
                    break;
                case NeighbourOptionReader.Route when option.Length <= 24:
                    OnRoute(router, option, now);
                    break;
                case NeighbourOptionReader.DnsServers:
                    for (ReadOnlySpan<byte> servers = option.Slice(8); servers.Length >= IPAddress.IPv6Size; servers = servers.Slice(IPAddress.IPv6Size))
                    {
                        IPAddress server = new(servers);
                        if (server.IsUnicast)
                        {
                            _advertisedDnsServers.Set(server, After(now, WireBytes.Read32(option, 4)), now);
                        }
                    }

                    break;
                case NeighbourOptionReader.SearchList:
                    OnSearchList(option);
                    break;
            }
        }

        _nextDeadline = now;
    }

    private static int PreferenceOf(byte flags) => (flags & 0x18) switch { 0x08 => 1, 0x18 => -1, _ => 0 }; // RFC 4191, 2.1

    /// <summary>When a time that begins now is over.</summary>
    internal static ulong After(ulong now, uint seconds) => seconds == Infinity ? IPv6AddressTable.Forever : now + seconds * Second;

    internal void RunTimers(ulong now)
    {
        if (!IsStarted || now < _nextDeadline)
        {
            return;
        }

        if (_isNew)
        {
            Begin(now);
        }

        ulong next = Table.RunTimers(now);
        next = Math.Min(next, _routes.RunTimers(now));
        next = Math.Min(next, _leasedDnsServers.RunTimers(now));
        next = Math.Min(next, _advertisedDnsServers.RunTimers(now));
        if (now >= _nextSolicitation)
        {
            SendSolicitation();
            _nextSolicitation = now + _solicitationInterval;
            _solicitationInterval = IsPortBlocked ? FirstSolicitationInterval : Math.Min(_solicitationInterval * 2, LongestSolicitationInterval);
        }

        next = Math.Min(next, _nextSolicitation);
        _nextDeadline = Math.Min(next, _listener.RunTimers(now));
    }

    private void Begin(ulong now)
    {
        _isNew = false;
        IPAddress.TryParse("fe80::", out IPAddress prefix);
        Table.Add(
            IPAddress.OfStation(prefix, _netif.Link.Address), InterfaceIdentifierBits, IPv6AddressTable.Forever, IPv6AddressTable.Forever, now);
        _solicitationInterval = FirstSolicitationInterval;
        _nextSolicitation = now;
    }

    private void OnPrefix(ReadOnlySpan<byte> option, ulong now)
    {
        const byte OnLink = 0x80;
        const byte Autonomous = 0x40;
        int length = option[2];
        uint valid = WireBytes.Read32(option, 4);
        uint preferred = WireBytes.Read32(option, 8);
        IPAddress prefix = new(option.Slice(16));
        if (length > 128 || prefix.IsLinkLocal || prefix.IsMulticast)
        {
            return;
        }

        if ((option[3] & OnLink) != 0)
        {
            _routes.Set(new IPPrefix(prefix, length), IPAddress.IPv6Any, 0, After(now, valid), now);
        }

        if ((option[3] & Autonomous) == 0 || length != InterfaceIdentifierBits || preferred > valid)
        {
            return; // RFC 4862, 5.5.3 a, c, d
        }

        IPAddress address = IPAddress.OfStation(prefix, _netif.Link.Address);
        ulong until = After(now, valid);
        foreach (ref readonly IPv6AddressEntry entry in Table.Entries)
        {
            // Who cannot prove who he is must not end an address at once (RFC 4862, 5.5.3 e).
            if (entry.Address == address && valid <= TwoHours && until < entry.ValidUntil)
            {
                until = Math.Min(entry.ValidUntil, After(now, TwoHours));
            }
        }

        if (until > now)
        {
            Table.Add(address, length, After(now, preferred), until, now);
        }
    }

    // RFC 4191, 2.3: the prefix is as long as it has to be.
    private void OnRoute(IPAddress router, ReadOnlySpan<byte> option, ulong now)
    {
        int length = option[2];
        if (length > (option.Length - 8) * 8 || (option[3] & 0x18) == 0x10)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[IPAddress.IPv6Size];
        bytes.Clear();
        option.Slice(8).CopyTo(bytes);
        _routes.Set(new IPPrefix(new IPAddress(bytes), length), router, PreferenceOf(option[3]), After(now, WireBytes.Read32(option, 4)), now);
    }

    private void OnSearchList(ReadOnlySpan<byte> option)
    {
        ReadOnlySpan<byte> names = option.Slice(8);
        while (names.Length > 1 && names[names.Length - 1] == 0 && names[names.Length - 2] == 0)
        {
            names = names.Slice(0, names.Length - 1); // RFC 8106, 5.2: zeros up to a whole unit.
        }

        _advertisedSearchListSize = WireBytes.Read32(option, 4) == 0 ? 0 : CopyNames(names, _advertisedSearchList);
    }

    private void SendSolicitation()
    {
        IPAddress source = LinkLocal;
        bool hasSource = !source.IsAny;
        source = hasSource ? source : IPAddress.IPv6Any;
        Span<byte> message = _netif.Layer.Transport.Slice(
            0, hasSource ? IcmpMessage.HeaderSize + NeighbourOptionReader.LinkAddressSize : IcmpMessage.HeaderSize);
        if (hasSource)
        {
            NeighbourOptionReader.WriteLinkAddress(
                message.Slice(IcmpMessage.HeaderSize), NeighbourOptionReader.SourceLinkAddress, _netif.Link.Address);
        }

        IPAddress destination = IPAddress.AllRouters;
        ulong pseudoHeader = InternetChecksum.PseudoHeader(
            source.ChecksumSum + destination.ChecksumSum, IPProtocol.IcmpV6, message.Length);
        IcmpMessage.WriteHeader(message, (byte)IcmpV6Type.RouterSolicitation, 0, 0, pseudoHeader);
        _netif.Layer.SendIPv6(_netif, source, destination, IPProtocol.IcmpV6, message.Length, IPv6Packet.MaximumHopLimit);
    }
}
