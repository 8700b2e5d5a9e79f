using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// What stands between the interfaces and the sockets (RFC 1122, 3; RFC 8504): routes, IPv4, IPv6, ICMP of both and reassembly. The floor above derives from it
/// to get what arrives; an image has one such class, so that none of this costs an indirect call.
/// </summary>
public abstract partial class InternetLayer
{
    internal const int TransportOffset = EthernetFrame.HeaderSize + IPv6Packet.HeaderSize;

    // Enough to empty a common receive ring; the app has its turn in between.
    private const int FramesPerPoll = 64;

    /// <summary>
    /// Answers of one kind that anybody can provoke, a second. Each kind, and each connection, has a budget of its own: who could use up
    /// another's would silence it, and could read from his own what the other did (RFC 5961, 7).
    /// </summary>
    internal const int MaximumAnswers = 100;

    /// <summary>Interfaces that there is room for from the beginning.</summary>
    public const int UsualInterfaces = 64;

    private readonly byte[] _frame = new byte[TransportOffset - IPv4Packet.HeaderSize - EthernetFrame.HeaderSize + NetworkInterface.MaximumFrameSize];
    private readonly Reassembly _reassembly = new();
    private RateLimit _answers = new(MaximumAnswers);
    private int _lastZone;

    private protected InternetLayer(RandomSource random) => Random = random;

    /// <summary>What ports, sequence numbers and transaction numbers are made of.</summary>
    public RandomSource Random { get; }

    /// <summary>
    /// In the order in which they were added; <see cref="Add(NetworkInterface)"/> adds. Has room for <see cref="UsualInterfaces"/>: more are
    /// only added under the arena that the network was made in.
    /// </summary>
    public List<NetworkInterface> Interfaces { get; } = new(UsualInterfaces);

    /// <summary>Frames that all links have received until now.</summary>
    public ulong ReceivedFrames
    {
        get
        {
            ulong frames = 0;
            for (int i = 0; i < Interfaces.Count; i++)
            {
                frames += Interfaces[i].Counters.ReceivedFrames;
            }

            return frames;
        }
    }

    /// <summary>The time of the last <c>Poll</c>, in microseconds.</summary>
    public ulong Now { get; private protected set; }

    /// <summary>True inside <c>Poll</c>: an owner is being called.</summary>
    public bool IsPolling { get; private protected set; }

    /// <summary>
    /// False while a timer polls beside an image that was started: memory may not come or go then, for the image may have read the memory map.
    /// What wants some waits for another to poll.
    /// </summary>
    public bool MayAllocate { get; set; } = true;

    /// <summary>Where a segment or packet is built that <see cref="Send"/> then sends; the headers below are written before it.</summary>
    internal Span<byte> Transport => new(_frame, TransportOffset, _frame.Length - TransportOffset);

    /// <summary>Adds an interface; the first added is the first choice for what fits several.</summary>
    public void Add(NetworkInterface netif)
    {
        netif.Layer = this;
        netif.Zone = ++_lastZone;
        Interfaces.Add(netif);
    }

    /// <summary>Has an interface come before all others.</summary>
    public void Prefer(NetworkInterface netif)
    {
        Interfaces.Remove(netif);
        Interfaces.Insert(0, netif);
    }

    /// <summary>
    /// Reads an address as <see cref="IPAddress.TryParse"/> does, of IPv6 also with the interface's name: "fe80::1%net0" (RFC 4007, 11).
    /// </summary>
    /// <param name="text">What may be one.</param>
    /// <param name="address">With its zone, if there is one.</param>
    /// <param name="error">There is no such interface.</param>
    /// <returns>False for what is no address.</returns>
    public bool TryParse(string text, out IPAddress address, out Error? error)
    {
        error = null;
        int mark = text.AsSpan().IndexOf('%');
        if (!IPAddress.TryParse(mark < 0 ? text : text.AsSpan(0, mark), out address) || mark < 0)
        {
            return mark < 0 && address.Family != AddressFamily.None;
        }

        foreach (NetworkInterface netif in Interfaces)
        {
            if (netif.Name.AsSpan().SequenceEqual(text.AsSpan(mark + 1)))
            {
                address = address.In(netif.Zone);
                return address.Family == AddressFamily.IPv6;
            }
        }

        error = new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"{text}: no such interface: {text.AsSpan(mark + 1)}"));
        return true;
    }

    /// <inheritdoc cref="Route(IPv4Address)"/>
    public NetworkInterface? Route(IPAddress destination) =>
        destination.Family == AddressFamily.IPv6 ? RouteIPv6(destination) : Route(destination.IPv4);

    /// <summary>The way to a host, from the address of ours that suits it best.</summary>
    /// <returns>False when no interface has a route to it: <see cref="NoRoute"/> says why.</returns>
    internal bool TryFlow(IPAddress destination, out Flow flow)
    {
        NetworkInterface? netif = Route(destination);
        flow = netif is null ? default
            : new Flow(netif, destination.Family == AddressFamily.IPv6 ? netif.IPv6.SelectSource(destination) : netif.Address, destination);
        return netif is not null;
    }

    /// <summary>Takes an interface out that is closed, and that no socket has: nothing here knows it any more.</summary>
    public void Remove(NetworkInterface netif)
    {
        _reassembly.Forget(netif);
        Interfaces.Remove(netif);
    }

    /// <summary>The interface of a VLAN on a trunk, or null.</summary>
    public NetworkInterface? FindVlan(NetworkInterface trunk, int vlanId)
    {
        for (int i = 0; i < Interfaces.Count; i++)
        {
            NetworkInterface netif = Interfaces[i];
            if (netif.Trunk == trunk && netif.Vlan!.VlanId == vlanId)
            {
                return netif;
            }
        }

        return null;
    }

    /// <summary>
    /// The interface that a destination is reached through: of those with a link (of all, when none has) the one with the narrowest route to it, of
    /// several the first.
    /// </summary>
    public NetworkInterface? Route(IPv4Address destination)
    {
        NetworkInterface? best = null;
        uint bestNetmask = 0;
        for (int i = 0; i < Interfaces.Count; i++)
        {
            NetworkInterface netif = Interfaces[i];
            if (!netif.IsOpen || !netif.IsConfigured)
            {
                continue;
            }

            if (destination.IsBroadcast || destination.IsMulticast)
            {
                return netif;
            }

            if (netif.TryRoute(destination, out _, out uint netmask) && (best is null || IsBetter(netif, netmask > bestNetmask, best)))
            {
                best = netif;
                bestNetmask = netmask;
            }
        }

        return best;
    }

    // Links are asked only when there is a choice: it takes a call of firmware each.
    private static bool IsBetter(NetworkInterface netif, bool isNarrower, NetworkInterface best)
    {
        bool isUp = netif.Link.IsUp;
        return isUp == best.Link.IsUp ? isNarrower : isUp;
    }

    /// <summary>Why nothing can be sent to a destination, with what each interface lacks.</summary>
    internal Error NoRoute(IPAddress destination)
    {
        bool isIPv6 = destination.Family == AddressFamily.IPv6;
        TextBuilder text = new(80, 0);
        text.AppendFormatted(TextBuilder.Format($"{destination}: no interface has a route to it"));
        for (int i = 0; i < Interfaces.Count; i++)
        {
            NetworkInterface netif = Interfaces[i];
            text.Append(i == 0 ? " (" : ", ");
            text.Append(netif.Name);
            bool hasAddress = isIPv6 ? !netif.IPv6.SelectSource(destination).IsAny : netif.IsConfigured;
            bool hasGateway = isIPv6 ? !netif.IPv6.Gateway.IsAny : !netif.Gateway.IsAny;
            text.Append(!netif.IsOpen ? " is closed" : !hasAddress ? " has no address" : !hasGateway ? " has no gateway" : " has other routes");
        }

        text.Append(Interfaces.Count > 0 ? ")" : "");
        return new Error(EFI_STATUS.EFI_NO_MAPPING, text.ToString());
    }

    /// <summary>An interface is about to lose an address.</summary>
    internal abstract void EndConnections(NetworkInterface netif, IPAddress address);

    /// <summary>Sends what was built in <see cref="Transport"/>.</summary>
    /// <param name="flow">Where from and to.</param>
    /// <param name="protocol">Of what follows the IP header.</param>
    /// <param name="length">Bytes after the IP header.</param>
    /// <param name="flags">0 or <see cref="IPv4Packet.DontFragment"/>, which goes without saying in version 6.</param>
    /// <param name="mayWait">False for what the sender makes anew when there was no room on the link.</param>
    internal SendStatus Send(in Flow flow, IPProtocol protocol, int length, ushort flags, bool mayWait = true)
    {
        if (flow.Destination.Family == AddressFamily.IPv6)
        {
            return SendIPv6(flow.Interface, flow.Source, flow.Destination, protocol, length, flow.Interface.IPv6.HopLimit, mayWait);
        }

        int size = IPv4Packet.HeaderSize + length;
        if (size > flow.Interface.Mtu)
        {
            return SendStatus.TooBig;
        }

        // One after the other they would tell strangers how much is sent (RFC 7739, 3); what is never fragmented needs none (RFC 6864, 4.1).
        ushort identification = (flags & IPv4Packet.DontFragment) != 0 ? (ushort)0 : (ushort)Random.Next32();
        const int Start = TransportOffset - IPv4Packet.HeaderSize;
        IPv4Packet.WriteHeader(
            new Span<byte>(_frame, Start, size), size, identification, flags, protocol, flow.Source.IPv4, flow.Destination.IPv4);
        return flow.Interface.Transmit(
            new Span<byte>(_frame, Start - EthernetFrame.HeaderSize, EthernetFrame.HeaderSize + size), flow.Destination, mayWait);
    }

    internal void OnIPv4(NetworkInterface netif, ReadOnlySpan<byte> bytes, bool isUnicastFrame)
    {
        if (!IPv4Packet.TryParse(bytes, out IPv4Packet packet))
        {
            netif.Counters.Drop(DropReason.BadIPv4Header);
            return;
        }

        if (!packet.IsChecksumCorrect)
        {
            netif.Counters.Drop(DropReason.BadIPv4Checksum);
            return;
        }

        IPv4Address source = packet.Source;
        bool isConfigured = netif.IsConfigured;
        if ((!source.IsUnicast && !source.IsAny) || netif.IsBroadcast(source) || (isConfigured && source == netif.Address)) // RFC 1122, 3.2.1.3
        {
            netif.Counters.Drop(DropReason.BadIPv4Source);
            return;
        }

        // While an interface looks for an address, a DHCP server's offer comes to the one that it is about to get (RFC 2131, 4.1).
        IPv4Address destination = packet.Destination;
        bool isUnicast = isConfigured && isUnicastFrame && destination == netif.Address; // Else RFC 1122, 3.3.6.
        bool isExpected = isUnicast || ((!isConfigured || netif.IsSearching) && isUnicastFrame && destination.IsUnicast);
        if (!isExpected && !destination.IsMulticast && !netif.IsBroadcast(destination))
        {
            netif.Counters.Drop(DropReason.OtherIPv4Address);
            return;
        }

        if (packet.IsFragment)
        {
            if (_reassembly.TryAdd(netif, new IPFragment(packet), Now, out IPPacket whole))
            {
                OnPacket(netif, whole, isUnicast && !source.IsAny);
            }

            return;
        }

        OnPacket(netif, new IPPacket(packet), isUnicast && !source.IsAny); // What was sent to many is not answered.
    }

    private void OnPacket(NetworkInterface netif, in IPPacket packet, bool mayAnswer)
    {
        switch (packet.Protocol)
        {
            case IPProtocol.Tcp:
                OnTcp(netif, packet, mayAnswer);
                break;
            case IPProtocol.Udp:
                OnUdp(netif, packet, mayAnswer);
                break;
            case IPProtocol.Icmp when !packet.IsIPv6:
                OnIcmp(netif, packet, mayAnswer);
                break;
            default:
                netif.Counters.Drop(DropReason.UnknownProtocol);
                break;
        }
    }

    /// <summary>A datagram of ours could not be sent: no neighbour has the address that it goes to.</summary>
    internal void OnNeighbourUnknown(NetworkInterface netif, ReadOnlySpan<byte> datagram)
    {
        if (IPv4Packet.TryParseQuoted(datagram, out IPv4Packet packet))
        {
            OnUnreachable(netif, new IPPacket(packet), Unreachable.Neighbour, 0);
        }
        else if (IPv6Packet.TryParseQuoted(datagram, out IPv6Packet other))
        {
            OnUnreachableIPv6(netif, other, Unreachable.Neighbour, 0);
        }
    }

    /// <summary>Hands on what the links have received, at most so much that the sockets have their turn in between.</summary>
    private protected void Receive()
    {
        for (int i = 0; i < Interfaces.Count; i++)
        {
            Interfaces[i].Receive(FramesPerPoll);
        }
    }

    private protected bool MayAnswer() => _answers.TryTake(Now);

    private protected void RunTimers()
    {
        for (int i = 0; i < Interfaces.Count; i++)
        {
            Interfaces[i].RunTimers(Now);
        }

        _reassembly.RunTimers(Now);
    }

    /// <summary>A TCP packet for this host.</summary>
    /// <param name="netif">Where it came in.</param>
    /// <param name="packet">Whole, its headers checked.</param>
    /// <param name="mayAnswer">False for what was sent to many, or from no host.</param>
    private protected abstract void OnTcp(NetworkInterface netif, in IPPacket packet, bool mayAnswer);

    /// <summary>The same for UDP.</summary>
    private protected abstract void OnUdp(NetworkInterface netif, in IPPacket packet, bool mayAnswer);

    /// <summary>Somebody says that a packet of ours does not arrive.</summary>
    /// <param name="netif">Where the news came in.</param>
    /// <param name="sent">As it is quoted: all that is sure of its payload are the first eight bytes.</param>
    /// <param name="reason">What is said to be wrong.</param>
    /// <param name="mtu">Of the next hop, with <see cref="Unreachable.TooBig"/>; 0 when it is not said.</param>
    private protected abstract void OnUnreachable(NetworkInterface netif, in IPPacket sent, Unreachable reason, int mtu);

    /// <summary>A host answers an echo request, of ours if its identifier is.</summary>
    private protected abstract void OnEchoReply(IPAddress source, IcmpMessage message);

    private void OnIcmp(NetworkInterface netif, in IPPacket packet, bool mayAnswer)
    {
        if (!IcmpMessage.TryParse(packet.Payload, out IcmpMessage message) || !message.IsChecksumCorrect(0))
        {
            netif.Counters.Drop(DropReason.BadIcmp);
            return;
        }

        switch (message.Type)
        {
            case IcmpMessage.EchoRequest when mayAnswer && MayAnswer():
                SendIcmp(new Flow(netif, packet.Destination, packet.Source), IcmpMessage.EchoReply, 0, message.Rest, message.Body);
                break;
            case IcmpMessage.EchoReply when mayAnswer:
                OnEchoReply(packet.Source, message);
                break;
            case IcmpMessage.DestinationUnreachable when mayAnswer && IPv4Packet.TryParseQuoted(message.Body, out IPv4Packet quoted):
                Unreachable reason = message.Code switch
                {
                    2 => Unreachable.Protocol,
                    3 => Unreachable.Port,
                    4 => Unreachable.TooBig,
                    9 or 10 or 13 => Unreachable.Prohibited,
                    1 or 7 or 8 or 12 => Unreachable.Host,
                    _ => Unreachable.Network,
                };
                OnUnreachable(netif, new IPPacket(quoted), reason, message.NextHopMtu);
                break;
        }
    }

    /// <summary>Says that nobody is at the port of a UDP packet.</summary>
    private protected void AnswerNoPort(NetworkInterface netif, in IPPacket packet)
    {
        Flow back = new(netif, packet.Destination, packet.Source);
        if (packet.IsIPv6)
        {
            SendErrorIPv6(back, IcmpV6Type.DestinationUnreachable, IcmpMessage.PortUnreachableCodeV6, 0, packet.Bytes);
            return;
        }

        // The header and the first eight bytes, which have the ports (RFC 792).
        SendIcmp(
            back, IcmpMessage.DestinationUnreachable, IcmpMessage.PortUnreachableCode, 0,
            packet.Bytes.Slice(0, packet.Bytes.Length - packet.Payload.Length + UdpPacket.HeaderSize));
    }

    /// <summary>Sends a message of the flow's version.</summary>
    private protected void SendIcmp(in Flow flow, byte type, byte code, uint rest, ReadOnlySpan<byte> body)
    {
        int size = IcmpMessage.HeaderSize + body.Length;
        Span<byte> message = Transport;
        if (size > message.Length)
        {
            return; // A reassembled giant: its echo would have to be fragmented.
        }

        message = message.Slice(0, size);
        body.CopyTo(message.Slice(IcmpMessage.HeaderSize));
        bool isIPv6 = flow.Destination.Family == AddressFamily.IPv6;
        IPProtocol protocol = isIPv6 ? IPProtocol.IcmpV6 : IPProtocol.Icmp;
        IcmpMessage.WriteHeader(
            message, type, code, rest, isIPv6 ? InternetChecksum.PseudoHeader(flow.AddressSum, protocol, size) : 0);
        Send(flow, protocol, size, 0);
    }
}
