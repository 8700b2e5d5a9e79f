using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack;

/// <summary>
/// All interfaces and sockets. Single-threaded: everything happens in <see cref="Poll"/> or in a call of the owner's, and
/// nothing on a frame's way allocates.
/// </summary>
public sealed class Network
{
    internal const int TransportOffset = EthernetFrame.HeaderSize + IPv4Packet.HeaderSize;

    // Enough to empty a common receive ring; the app has its turn in between.
    private const int FramesPerPoll = 64;

    // Answers that anybody can provoke (ICMP, RST, challenge ACKs), a second.
    private const int MaximumAnswers = 100;

    // RFC 6335, 6: the dynamic ports.
    private const int FirstEphemeralPort = 49152;
    private const int EphemeralPorts = 65536 - FirstEphemeralPort;

    private readonly byte[] _frame = new byte[NetworkInterface.MaximumFrameSize];
    private readonly IPv4Reassembly _reassembly = new();
    private readonly TcpTimeWaits _timeWaits;
    private RateLimit _answers = new(MaximumAnswers);
    private UdpSocket? _udpSockets;
    private TcpConnection? _connections;
    private TcpConnection? _lastConnection;
    private TcpConnection? _disposed;
    private ushort _identification;

    /// <summary>Makes a network without interfaces.</summary>
    public Network(RandomSource random)
    {
        Random = random;
        _timeWaits = new TcpTimeWaits(this);
        _identification = (ushort)random.Next32();
    }

    /// <summary>What ports, sequence numbers and transaction numbers are made of.</summary>
    public RandomSource Random { get; }

    /// <summary>In the order in which they were added; <see cref="Add(NetworkInterface)"/> adds.</summary>
    public List<NetworkInterface> Interfaces { get; } = new();

    /// <summary>The time of the last <see cref="Poll"/>, in microseconds.</summary>
    public ulong Now { get; private set; }

    /// <summary>True inside <see cref="Poll"/>: an owner is being called.</summary>
    internal bool IsPolling { get; private set; }

    /// <summary>Where a segment or packet is built that <see cref="SendIPv4"/> then sends.</summary>
    internal Span<byte> Transport => new(_frame, TransportOffset, _frame.Length - TransportOffset);

    /// <summary>What the protocols above keep between transfers.</summary>
    internal ProtocolState Protocols { get; } = new();

    /// <summary>Adds an interface; the first added is the first choice for what fits several.</summary>
    public void Add(NetworkInterface netif)
    {
        netif.Network = this;
        Interfaces.Add(netif);
    }

    /// <summary>Takes in what the links have received, hands it to sockets, answers, and runs the timers that are due.</summary>
    /// <param name="now">Microseconds since some fixed moment; never goes back.</param>
    public void Poll(ulong now)
    {
        if (IsPolling)
        {
            throw new InvalidOperationException("Network.Poll called by a socket's handler");
        }

        Now = now;
        IsPolling = true;
        for (int i = 0; i < Interfaces.Count; i++)
        {
            Interfaces[i].Receive(FramesPerPoll);
        }

        TcpConnection? connection = _connections;
        while (connection is not null)
        {
            TcpConnection? next = connection.Next; // Its owner may dispose it; its memory stays until the end of this round.
            connection.EndRound(now);
            connection = next;
        }

        for (int i = 0; i < Interfaces.Count; i++)
        {
            Interfaces[i].RunTimers(now);
        }

        _timeWaits.RunTimers(now);
        _reassembly.RunTimers(now);
        IsPolling = false;
        while (_disposed is TcpConnection disposed)
        {
            _disposed = disposed.NextDisposed;
            disposed.Free();
        }
    }

    /// <summary>The interface that a destination is reached through: the longest netmask it lies in, else a gateway's.</summary>
    public NetworkInterface? Route(IPv4Address destination)
    {
        NetworkInterface? best = null;
        NetworkInterface? gateway = null;
        for (int i = 0; i < Interfaces.Count; i++)
        {
            NetworkInterface netif = Interfaces[i];
            if (!netif.IsOpen || !netif.IsConfigured)
            {
                continue;
            }

            if (destination.IsBroadcast)
            {
                return netif;
            }

            if (netif.IsOnLink(destination) && (best is null || netif.Netmask.Value > best.Netmask.Value))
            {
                best = netif;
            }

            if (gateway is null && (!netif.Gateway.IsAny || destination.IsMulticast))
            {
                gateway = netif;
            }
        }

        return best ?? gateway;
    }

    internal Error NoRoute(IPv4Address destination) =>
        new(EFI_STATUS.EFI_NO_MAPPING, TextBuilder.Format($"{destination}: no interface has a route to it"));

    /// <summary>True now and then: whether an answer that anybody can provoke may still be sent this second.</summary>
    internal bool MayAnswer() => _answers.TryTake(Now);

    internal ushort NewUdpPort()
    {
        ushort port;
        do
        {
            port = (ushort)(FirstEphemeralPort + Random.Below(EphemeralPorts));
        }
        while (FindUdp(port) is not null);
        return port;
    }

    internal ushort NewTcpPort(IPv4Endpoint remote)
    {
        ushort port;
        do
        {
            port = (ushort)(FirstEphemeralPort + Random.Below(EphemeralPorts));
        }
        while (FindTcp(remote, port) is not null || _timeWaits.Contains(remote, port));
        return port;
    }

    internal UdpSocket? FindUdp(ushort port)
    {
        UdpSocket? socket = _udpSockets;
        while (socket is not null && socket.Port != port)
        {
            socket = socket.Next;
        }

        return socket;
    }

    internal void Add(UdpSocket socket)
    {
        socket.Next = _udpSockets;
        _udpSockets = socket;
    }

    internal void Remove(UdpSocket socket)
    {
        if (_udpSockets == socket)
        {
            _udpSockets = socket.Next;
            return;
        }

        for (UdpSocket? other = _udpSockets; other is not null; other = other.Next)
        {
            if (other.Next == socket)
            {
                other.Next = socket.Next;
                return;
            }
        }
    }

    internal void Add(TcpConnection connection)
    {
        connection.Next = _connections;
        _connections = connection;
    }

    /// <summary>Takes a connection out; who is walking the list may still step on from it.</summary>
    internal void Remove(TcpConnection connection)
    {
        _lastConnection = null;
        if (_connections == connection)
        {
            _connections = connection.Next;
            return;
        }

        for (TcpConnection? other = _connections; other is not null; other = other.Next)
        {
            if (other.Next == connection)
            {
                other.Next = connection.Next;
                return;
            }
        }
    }

    internal void Linger(in TcpTimeWait timeWait) => _timeWaits.Add(timeWait);

    /// <summary>Frees a connection that is no longer in the list, now or when nothing of it can be on the stack any more.</summary>
    internal void FreeLater(TcpConnection connection)
    {
        if (!IsPolling)
        {
            connection.Free();
            return;
        }

        connection.NextDisposed = _disposed;
        _disposed = connection;
    }

    internal void EndConnections(NetworkInterface netif)
    {
        TcpConnection? connection = _connections;
        while (connection is not null)
        {
            TcpConnection? next = connection.Next;
            if (connection.Interface == netif)
            {
                connection.OnInterfaceLost();
            }

            connection = next;
        }

        _timeWaits.Remove(netif);
    }

    /// <summary>Sends what was built in <see cref="Transport"/>.</summary>
    /// <param name="netif">Where it goes out.</param>
    /// <param name="source">Ours, or 0.0.0.0 while there is none.</param>
    /// <param name="destination">Where it is to arrive in the end.</param>
    /// <param name="protocol">Of what follows the IPv4 header.</param>
    /// <param name="length">Bytes after the IPv4 header.</param>
    /// <param name="flags">0 or <see cref="IPv4Packet.DontFragment"/>.</param>
    /// <param name="mayWait">False for what the sender makes anew when there was no room on the link.</param>
    internal SendStatus SendIPv4(
        NetworkInterface netif, IPv4Address source, IPv4Address destination, IPProtocol protocol, int length, ushort flags,
        bool mayWait = true)
    {
        int size = IPv4Packet.HeaderSize + length;
        if (size > netif.Mtu)
        {
            return SendStatus.TooBig;
        }

        IPv4Packet.WriteHeader(
            new Span<byte>(_frame, EthernetFrame.HeaderSize, size), size, _identification++, flags, protocol, source, destination);
        return netif.Transmit(new Span<byte>(_frame, 0, EthernetFrame.HeaderSize + size), destination, mayWait);
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
        if (source.IsBroadcast || source.IsMulticast || source.IsLoopback || (isConfigured && source == netif.Address))
        {
            netif.Counters.Drop(DropReason.BadIPv4Source);
            return;
        }

        // Before an interface has an address, a DHCP server's offer comes to the address that it is about to get (RFC 2131, 4.1).
        IPv4Address destination = packet.Destination;
        bool isUnicast = isConfigured ? destination == netif.Address : isUnicastFrame && destination.IsUnicast;
        if (!isUnicast && !destination.IsMulticast && !netif.IsBroadcast(destination))
        {
            netif.Counters.Drop(DropReason.OtherIPv4Address);
            return;
        }

        if (packet.IsFragment)
        {
            ReadOnlySpan<byte> whole = _reassembly.Add(netif, packet, Now);
            if (whole.IsEmpty || !IPv4Packet.TryParse(whole, out packet))
            {
                return;
            }
        }

        // What came in a broadcast frame is not answered, whatever its IP destination says (RFC 1122, 3.3.6).
        bool mayAnswer = isUnicast && isUnicastFrame && isConfigured && !source.IsAny && !netif.IsBroadcast(source);
        switch (packet.Protocol)
        {
            case IPProtocol.Tcp:
                OnTcp(netif, packet, mayAnswer);
                break;
            case IPProtocol.Udp:
                OnUdp(netif, packet, mayAnswer);
                break;
            case IPProtocol.Icmp:
                OnIcmp(netif, packet, mayAnswer);
                break;
            default:
                netif.Counters.Drop(DropReason.UnknownProtocol);
                break;
        }
    }

    /// <summary>A datagram of ours could not be sent: nobody answered ARP.</summary>
    internal void OnNeighbourUnknown(NetworkInterface netif, ReadOnlySpan<byte> datagram)
    {
        if (IPv4Packet.TryParseQuoted(datagram, out IPv4Packet packet))
        {
            OnUnreachable(netif, packet, Unreachable.Neighbour, 0);
        }
    }

    private void OnTcp(NetworkInterface netif, IPv4Packet packet, bool mayAnswer)
    {
        if (!TcpSegment.TryParse(packet.Payload, out TcpSegment segment) || !segment.IsChecksumCorrect(packet.Source, packet.Destination))
        {
            netif.Counters.Drop(DropReason.BadTcp);
            return;
        }

        if (!mayAnswer)
        {
            netif.Counters.Drop(DropReason.NoTcpConnection); // RFC 9293, 3.10.7: TCP is between two hosts.
            return;
        }

        IPv4Endpoint remote = new(packet.Source, segment.SourcePort);
        TcpConnection? connection = _lastConnection;
        if (connection is null || !connection.Matches(remote, segment.DestinationPort))
        {
            connection = FindTcp(remote, segment.DestinationPort);
            _lastConnection = connection;
        }

        if (connection is not null && connection.Interface == netif)
        {
            connection.OnSegment(segment);
        }
        else if (!_timeWaits.TryReceive(netif, remote, segment))
        {
            netif.Counters.Drop(DropReason.NoTcpConnection);
            TcpReset.Answer(this, netif, remote, segment);
        }
    }

    private TcpConnection? FindTcp(IPv4Endpoint remote, ushort port)
    {
        TcpConnection? connection = _connections;
        while (connection is not null && !connection.Matches(remote, port))
        {
            connection = connection.Next;
        }

        return connection;
    }

    private void OnUdp(NetworkInterface netif, IPv4Packet packet, bool mayAnswer)
    {
        if (!UdpPacket.TryParse(packet.Payload, out UdpPacket udp) || !udp.IsChecksumCorrect(packet.Source, packet.Destination))
        {
            netif.Counters.Drop(DropReason.BadUdp);
            return;
        }

        if (FindUdp(udp.DestinationPort) is UdpSocket socket)
        {
            socket.Handler.OnDatagram(
                new UdpDatagram(netif, new IPv4Endpoint(packet.Source, udp.SourcePort), packet.Destination, udp.Payload));
            return;
        }

        netif.Counters.Drop(DropReason.NoUdpSocket);
        if (mayAnswer && MayAnswer())
        {
            // The header and the first eight bytes, which have the ports (RFC 792).
            ReadOnlySpan<byte> quoted = packet.Bytes;
            quoted = quoted.Slice(0, quoted.Length - packet.Payload.Length + UdpPacket.HeaderSize);
            SendIcmp(netif, packet.Source, IcmpMessage.DestinationUnreachable, IcmpMessage.PortUnreachableCode, 0, quoted);
        }
    }

    private void OnIcmp(NetworkInterface netif, IPv4Packet packet, bool mayAnswer)
    {
        if (!IcmpMessage.TryParse(packet.Payload, out IcmpMessage message) || !message.IsChecksumCorrect)
        {
            netif.Counters.Drop(DropReason.BadIcmp);
            return;
        }

        switch (message.Type)
        {
            case IcmpMessage.EchoRequest when mayAnswer && MayAnswer():
                SendIcmp(netif, packet.Source, IcmpMessage.EchoReply, 0, message.Rest, message.Body);
                break;
            case IcmpMessage.DestinationUnreachable when IPv4Packet.TryParseQuoted(message.Body, out IPv4Packet quoted):
                Unreachable reason = message.Code switch
                {
                    2 => Unreachable.Protocol,
                    3 => Unreachable.Port,
                    4 => Unreachable.TooBig,
                    9 or 10 or 13 => Unreachable.Prohibited,
                    1 or 7 or 8 or 12 => Unreachable.Host,
                    _ => Unreachable.Network,
                };
                OnUnreachable(netif, quoted, reason, message.NextHopMtu);
                break;
        }
    }

    private void SendIcmp(NetworkInterface netif, IPv4Address destination, byte type, byte code, uint rest, ReadOnlySpan<byte> body)
    {
        int size = IcmpMessage.HeaderSize + body.Length;
        Span<byte> message = Transport;
        if (size > message.Length)
        {
            return; // A reassembled giant: its echo would have to be fragmented.
        }

        message = message.Slice(0, size);
        body.CopyTo(message.Slice(IcmpMessage.HeaderSize));
        IcmpMessage.WriteHeader(message, type, code, rest);
        SendIPv4(netif, netif.Address, destination, IPProtocol.Icmp, size, 0);
    }

    // Tells the socket that sent a datagram. All that is sure of the payload are its first eight bytes.
    private void OnUnreachable(NetworkInterface netif, IPv4Packet sent, Unreachable reason, int mtu)
    {
        ReadOnlySpan<byte> payload = sent.Payload;
        if (sent.Source != netif.Address || payload.Length < UdpPacket.HeaderSize)
        {
            return;
        }

        ushort port = WireBytes.Read16(payload, 0);
        IPv4Endpoint destination = new(sent.Destination, WireBytes.Read16(payload, 2));
        if (sent.Protocol == IPProtocol.Udp)
        {
            FindUdp(port)?.Handler.OnUnreachable(destination, reason);
        }
        else if (sent.Protocol == IPProtocol.Tcp)
        {
            FindTcp(destination, port)?.OnUnreachable(WireBytes.Read32(payload, 4), reason, mtu);
        }
    }
}
