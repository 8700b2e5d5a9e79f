using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Sockets;

/// <summary>
/// All interfaces and sockets. Single-threaded: everything happens in <see cref="Poll"/> or in a call of the owner's, and
/// nothing on a frame's way allocates.
/// </summary>
public sealed class Network : InternetLayer
{
    // RFC 6335, 6: the dynamic ports.
    private const int FirstEphemeralPort = 49152;
    private const int EphemeralPorts = 65536 - FirstEphemeralPort;

    private readonly TcpTimeWaits _timeWaits;
    private RateLimit _resets = new(MaximumAnswers);
    private INetworkTask? _tasks;
    private UdpSocket? _udpSockets;
    private TcpConnection? _connections;
    private TcpConnection? _lastConnection;
    private TcpConnection? _disposed;
    private Arena? _spare;
    private bool _isInTasks;

    /// <summary>Makes a network without interfaces.</summary>
    public Network(RandomSource random)
        : base(random) => _timeWaits = new TcpTimeWaits(this);

    /// <summary>
    /// The memory of a connection that is gone is kept for the next one, so that a connection that is lost can be made again where there is little to
    /// be had. Of one connection: what is more is given back, as all is when this becomes false.
    /// </summary>
    public bool KeepsMemory
    {
        get => field;
        set
        {
            field = value;
            if (!value)
            {
                _spare?.Dispose();
                _spare = null;
            }
        }
    }

    /// <summary>Takes in what the links have received, hands it to sockets, answers, and runs the timers that are due.</summary>
    /// <param name="now">Microseconds since some fixed moment; never goes back.</param>
    public void Poll(ulong now)
    {
        if (IsBusy)
        {
            throw new InvalidOperationException("Network.Poll called by a socket's handler");
        }

        Now = now;
        IsPolling = true;
        Receive();

        TcpConnection? connection = _connections;
        while (connection is not null)
        {
            TcpConnection? next = connection.Next; // Its owner may dispose it; its memory stays until the end of this round.
            connection.EndRound(now);
            connection = next;
        }

        RunTimers();
        _timeWaits.RunTimers(now);
        IsPolling = false;
        while (MayAllocate && _disposed is TcpConnection disposed)
        {
            _disposed = disposed.NextDisposed;
            disposed.Free();
        }

        _isInTasks = true;
        INetworkTask? task = _tasks;
        while (task is not null)
        {
            INetworkTask? next = task.Next; // It may remove itself.
            task.OnTurn(now);
            task = next;
        }

        _isInTasks = false;
    }

    /// <summary>A <see cref="Poll"/> is under way, of which nothing may be called from elsewhere.</summary>
    public bool IsBusy => IsPolling || _isInTasks;

    /// <summary>A <see cref="Poll"/> was left in the middle, for want of memory: the next may begin. What it had in hand is lost, as a frame on the wire may be.</summary>
    public void AbandonPoll()
    {
        IsPolling = false;
        _isInTasks = false;
    }

    internal void Add(INetworkTask task)
    {
        task.Next = _tasks;
        _tasks = task;
    }

    internal void Remove(INetworkTask task)
    {
        if (_tasks == task)
        {
            _tasks = task.Next;
            return;
        }

        for (INetworkTask? other = _tasks; other is not null; other = other.Next)
        {
            if (other.Next == task)
            {
                other.Next = task.Next;
                return;
            }
        }
    }

    /// <summary>Who hears answers to echo requests; null when nobody asks.</summary>
    internal EchoSocket? Echo { get; set; }

    /// <summary>Whether a segment of no connection may still be answered this second.</summary>
    internal bool MayReset() => _resets.TryTake(Now);

    internal ushort NewUdpPort()
    {
        ushort port;
        do
        {
            port = (ushort)(FirstEphemeralPort + Random.Below(EphemeralPorts));
        }
        while (FindUdp(port, null) is not null);
        return port;
    }

    internal ushort NewTcpPort(IPEndpoint remote)
    {
        ushort port;
        do
        {
            port = (ushort)(FirstEphemeralPort + Random.Below(EphemeralPorts));
        }
        while (FindTcp(remote, port) is not null || _timeWaits.Contains(remote, port));
        return port;
    }

    /// <summary>Whether a port is open that nobody may have beside.</summary>
    internal bool HasUdp(ushort port, NetworkInterface? netif)
    {
        UdpSocket? socket = FindUdp(port, netif);
        while (socket?.IsShared == true)
        {
            socket = FindUdp(port, netif, socket);
        }

        return socket is not null;
    }

    /// <summary>The socket for a port on an interface, or on any when that is null; the next behind another one.</summary>
    internal UdpSocket? FindUdp(ushort port, NetworkInterface? netif, UdpSocket? behind = null)
    {
        UdpSocket? socket = behind is null ? _udpSockets : behind.Next;
        while (socket is not null && (socket.Port != port || (netif is not null && socket.Interface is not null && socket.Interface != netif)))
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

    /// <summary>Frees a connection that is no longer in the list, now or when nothing of it can be on the stack any more and memory may go.</summary>
    internal void FreeLater(TcpConnection connection)
    {
        if (!IsPolling && MayAllocate)
        {
            connection.Free();
            return;
        }

        connection.NextDisposed = _disposed;
        _disposed = connection;
    }

    /// <summary>Memory of a connection that is gone; null where none was kept.</summary>
    internal Arena? TakeMemory()
    {
        Arena? spare = _spare;
        _spare = null;
        return spare;
    }

    /// <summary>Gives the memory of a connection back, or keeps it.</summary>
    internal void FreeMemory(Arena arena)
    {
        if (KeepsMemory && _spare is null)
        {
            arena.Reset();
            _spare = arena;
        }
        else
        {
            arena.Dispose();
        }
    }

    internal override void EndConnections(NetworkInterface netif, IPAddress address)
    {
        TcpConnection? connection = _connections;
        while (connection is not null)
        {
            TcpConnection? next = connection.Next;
            if (connection.Interface == netif && connection.Local == address)
            {
                connection.OnInterfaceLost();
            }

            connection = next;
        }

        _timeWaits.Remove(netif, address);
    }

    private protected override void OnTcp(NetworkInterface netif, in IPPacket packet, bool mayAnswer)
    {
        if (!TcpSegment.TryParse(packet.Payload, out TcpSegment segment) || !segment.IsChecksumCorrect(packet.AddressSum))
        {
            netif.Counters.Drop(DropReason.BadTcp);
            return;
        }

        if (!mayAnswer)
        {
            netif.Counters.Drop(DropReason.NoTcpConnection); // RFC 9293, 3.10.7: TCP is between two hosts.
            return;
        }

        IPEndpoint remote = new(packet.Source, segment.SourcePort);
        TcpConnection? connection = _lastConnection;
        if (connection is null || !connection.Matches(remote, segment.DestinationPort))
        {
            connection = FindTcp(remote, segment.DestinationPort);
            _lastConnection = connection;
        }

        if (connection is not null && connection.Interface == netif && connection.Local == packet.Destination)
        {
            connection.OnSegment(segment);
        }
        else if (!_timeWaits.TryReceive(netif, remote, packet.Destination, segment))
        {
            netif.Counters.Drop(DropReason.NoTcpConnection);
            TcpReset.Answer(this, new Flow(netif, packet.Destination, packet.Source), segment);
        }
    }

    private TcpConnection? FindTcp(IPEndpoint remote, ushort port)
    {
        TcpConnection? connection = _connections;
        while (connection is not null && !connection.Matches(remote, port))
        {
            connection = connection.Next;
        }

        return connection;
    }

    private protected override void OnUdp(NetworkInterface netif, in IPPacket packet, bool mayAnswer)
    {
        if (!UdpPacket.TryParse(packet.Payload, out UdpPacket udp) ||
            (udp.HasChecksum ? !udp.IsChecksumCorrect(packet.AddressSum) : packet.IsIPv6))
        {
            netif.Counters.Drop(DropReason.BadUdp);
            return;
        }

        UdpSocket? socket = FindUdp(udp.DestinationPort, netif);
        if (socket is not null)
        {
            IPAddress source = packet.Source.IsLinkLocal ? packet.Source.In(netif.Zone) : packet.Source; // What is answered has to go back there.
            while (socket is not null)
            {
                UdpSocket? next = FindUdp(udp.DestinationPort, netif, socket); // Its owner may dispose it.
                socket.Handler.OnDatagram(new UdpDatagram(netif, new IPEndpoint(source, udp.SourcePort), packet.Destination, udp.Payload));
                socket = next;
            }

            return;
        }

        netif.Counters.Drop(DropReason.NoUdpSocket);
        if (mayAnswer && MayAnswer())
        {
            AnswerNoPort(netif, packet);
        }
    }

    private protected override void OnEchoReply(IPAddress source, IcmpMessage message) => Echo?.OnReply(source, message);

    internal void SendEcho(in Flow flow, uint rest, ReadOnlySpan<byte> data) => SendIcmp(
        flow, flow.Destination.Family == AddressFamily.IPv6 ? (byte)IcmpV6Type.EchoRequest : IcmpMessage.EchoRequest, 0, rest, data);

    // Tells the socket that sent a datagram. All that is sure of the payload are its first eight bytes.
    private protected override void OnUnreachable(NetworkInterface netif, in IPPacket sent, Unreachable reason, int mtu)
    {
        ReadOnlySpan<byte> payload = sent.Payload;
        if (!netif.IsOurs(sent.Source) || payload.Length < UdpPacket.HeaderSize)
        {
            return;
        }

        ushort port = WireBytes.Read16(payload, 0);
        IPEndpoint destination = new(sent.Destination, WireBytes.Read16(payload, 2));
        if (sent.Protocol == IPProtocol.Udp)
        {
            UdpSocket? socket = FindUdp(port, netif);
            while (socket is not null)
            {
                UdpSocket? next = FindUdp(port, netif, socket);
                socket.Handler.OnUnreachable(destination, reason);
                socket = next;
            }
        }
        else if (sent.Protocol == IPProtocol.Tcp)
        {
            FindTcp(destination, port)?.OnUnreachable(WireBytes.Read32(payload, 4), reason, mtu);
        }
        else if (sent.IsIPv6
            ? sent.Protocol == IPProtocol.IcmpV6 && WireBytes.Read8(payload, 0) == (byte)IcmpV6Type.EchoRequest
            : sent.Protocol == IPProtocol.Icmp && WireBytes.Read8(payload, 0) == IcmpMessage.EchoRequest)
        {
            Echo?.OnUnreachable(sent.Destination, WireBytes.Read32(payload, 4), reason);
        }
    }
}
