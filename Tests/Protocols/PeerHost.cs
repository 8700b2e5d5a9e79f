using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Protocols;

/// <summary>A host on a wire that answers ARP or Neighbour Discovery and hands UDP and TCP to scripts. Written apart from the product's own wire formats.</summary>
/// <param name="address">
/// Its own; 0.0.0.0 for one that stands for the whole network: it answers ARP for every address, and nothing else on its own.
/// </param>
internal sealed class PeerHost(IPeerMedium wire, IPAddress address, MacAddress? mac = null)
{
    /// <summary>The station address of a host that is given none.</summary>
    public static readonly MacAddress Mac = new([0x52, 0x55, 0x0A, 0x00, 0x02, 0x02]);

    private const ushort IPv4 = 0x0800;
    private const ushort IPv6 = 0x86DD;
    private const ushort Arp = 0x0806;
    private const byte Icmp = 1;
    private const byte IcmpV6 = 58;
    private const byte Tcp = 6;
    private const byte Udp = 17;

    private readonly MacAddress _mac = mac ?? Mac;
    private readonly Dictionary<ushort, Action<IPEndpoint, byte[]>> _udp = [];
    private readonly Dictionary<ushort, PeerTcpServer> _tcp = [];
    private readonly Dictionary<(IPEndpoint Local, IPEndpoint Remote), PeerTcp> _connections = [];
    private ushort _identification;

    public IPeerMedium Wire => wire;
    public IPAddress Address => address;
    public bool AnswersArp { get; set; } = true;
    public int ArpRequests { get; private set; }

    /// <summary>Frames whose checksums are wrong are dropped; on a wire that spoils nothing they are the client's fault.</summary>
    public bool ToleratesDamage { get; init; }

    /// <summary>Who asked for which IPv6 address.</summary>
    public List<(IPAddress Source, IPAddress Target)> Solicitations { get; } = [];

    /// <summary>Every frame that the client sent.</summary>
    public List<byte[]> Frames { get; } = [];

    /// <summary>TCP connections that were ever accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Makes what each connection is wrapped in.</summary>
    public Func<IPeerRecords?>? NewRecords { get; set; }

    /// <summary>Called for each UDP packet: source, destination, payload.</summary>
    public Action<IPEndpoint, IPEndpoint, byte[]>? UdpArrived { get; set; }

    /// <summary>Called for each ICMP message: source, the message.</summary>
    public Action<IPAddress, byte[]>? IcmpArrived { get; set; }

    /// <summary>Called for TCP segments whose port has no server.</summary>
    public Action<byte[]>? OtherTcpArrived { get; set; }

    private bool IsWholeNetwork => address.IsAny;

    public void OnUdp(ushort port, Action<IPEndpoint, byte[]> script) => _udp[port] = script;

    public void StopUdp(ushort port) => _udp.Remove(port);

    /// <summary>Serves a port by a script, which sends as much at once as the client's window takes.</summary>
    public void OnTcp(ushort port, Action<PeerTcp> accept) =>
        _ = new PeerTcpServer(this, port) { InitialCongestionWindow = 1000, OnAccepted = accept };

    public void Listen(ushort port, PeerTcpServer server) => _tcp[port] = server;

    public void StopTcp(ushort port) => _tcp.Remove(port);

    public void SendUdp(ushort port, IPEndpoint to, ReadOnlySpan<byte> payload)
    {
        if (address.Family == AddressFamily.IPv6)
        {
            SendUdpFrom(new IPEndpoint(address, port), to, payload);
        }
        else
        {
            SendIP(address, to.Address, Udp, UdpPacket(port, to.Port, payload)); // Checksum 0: none (RFC 768).
        }
    }

    public void SendUdpFrom(IPEndpoint source, IPEndpoint destination, ReadOnlySpan<byte> payload, MacAddress? to = null)
    {
        byte[] packet = UdpPacket(source.Port, destination.Port, payload);
        ushort sum = Fold(Sum(packet) + PseudoHeader(source.Address, destination.Address, Udp, packet.Length));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), sum == 0 ? (ushort)0xFFFF : sum);
        SendIP(source.Address, destination.Address, Udp, packet, to);
    }

    public void SendTcp(PeerTcp connection, PeerSegment segment) => SendTcp(connection.Local.Address, connection.Remote.Address, segment);

    public void SendIP(IPAddress source, IPAddress destination, byte protocol, ReadOnlySpan<byte> payload, MacAddress? to = null)
    {
        if (destination.Family == AddressFamily.IPv6)
        {
            SendIPv6(source, destination, protocol, payload, to);
        }
        else
        {
            SendIPv4(source.IPv4, destination.IPv4, protocol, payload, to);
        }
    }

    /// <param name="source">Any address.</param>
    /// <param name="destination">Any address.</param>
    /// <param name="next">What the payload begins with (RFC 8200, 3).</param>
    /// <param name="payload">All behind the header.</param>
    /// <param name="to">The station; null for the client's.</param>
    /// <param name="hopLimit">255 for what must come from the link itself.</param>
    public void SendIPv6(IPAddress source, IPAddress destination, byte next, ReadOnlySpan<byte> payload, MacAddress? to = null, byte hopLimit = 64)
    {
        byte[] packet = new byte[40 + payload.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)payload.Length);
        packet[6] = next;
        packet[7] = hopLimit;
        source.CopyTo(packet.AsSpan(8));
        destination.CopyTo(packet.AsSpan(24));
        payload.CopyTo(packet.AsSpan(40));
        SendFrame(IPv6, packet, to);
    }

    /// <summary>Sends a message of ICMPv6 whose checksum is still to be written.</summary>
    public void SendIcmpV6(IPAddress source, IPAddress destination, byte[] message, MacAddress? to = null, byte hopLimit = 255)
    {
        message[2] = message[3] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(
            message.AsSpan(2), Fold(Sum(message) + PseudoHeader(source, destination, IcmpV6, message.Length)));
        SendIPv6(source, destination, IcmpV6, message, to, hopLimit);
    }

    public void SendIPv4(IPv4Address source, IPv4Address destination, byte protocol, ReadOnlySpan<byte> payload, MacAddress? to = null)
    {
        byte[] packet = new byte[20 + payload.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), _identification++);
        packet[8] = 64;
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), source.Value);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), destination.Value);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Fold(Sum(packet.AsSpan(0, 20))));
        payload.CopyTo(packet.AsSpan(20));
        SendFrame(IPv4, packet, to ?? (destination.IsBroadcast ? MacAddress.Broadcast : wire.ClientMac));
    }

    public void SendFrame(ushort type, ReadOnlySpan<byte> payload, MacAddress? to = null)
    {
        byte[] frame = new byte[Math.Max(60, 14 + payload.Length)];
        (to ?? wire.ClientMac).CopyTo(frame);
        _mac.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), type);
        payload.CopyTo(frame.AsSpan(14));
        wire.Carry(true, frame);
    }

    /// <param name="operation">1 for a request, which goes to all, 2 for a reply (RFC 826).</param>
    public void SendArp(ushort operation, MacAddress senderMac, IPv4Address sender, MacAddress targetMac, IPv4Address target)
    {
        byte[] packet = new byte[28];
        BinaryPrimitives.WriteUInt16BigEndian(packet, 1);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), IPv4);
        packet[4] = 6;
        packet[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), operation);
        senderMac.CopyTo(packet.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(14), sender.Value);
        targetMac.CopyTo(packet.AsSpan(18));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(24), target.Value);
        SendFrame(Arp, packet, operation == 1 ? MacAddress.Broadcast : null);
    }

    public void OnFrame(byte[] frame)
    {
        Frames.Add(frame);
        switch (frame.Length < 34 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)))
        {
            case Arp when frame.Length >= 42:
                OnArp(frame.AsSpan(14));
                break;
            case IPv4:
                OnIPv4(frame.AsSpan(14));
                break;
            case IPv6:
                OnIPv6(frame.AsSpan(14));
                break;
        }
    }

    private void OnArp(ReadOnlySpan<byte> packet)
    {
        IPv4Address sender = new(BinaryPrimitives.ReadUInt32BigEndian(packet[14..]));
        IPv4Address target = new(BinaryPrimitives.ReadUInt32BigEndian(packet[24..]));
        if (packet[7] != 1)
        {
            return;
        }

        ArpRequests++;
        if (AnswersArp && (target == address || (IsWholeNetwork && target != sender)))
        {
            SendArp(2, _mac, target, new MacAddress(packet.Slice(8, 6)), sender);
        }
    }

    private void OnIPv4(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (bytes[0] != 0x45 || length < 20 || length > bytes.Length || IsDamaged(Sum(bytes[..20])))
        {
            return;
        }

        ReadOnlySpan<byte> packet = bytes[..length];
        IPv4Address source = new(BinaryPrimitives.ReadUInt32BigEndian(packet[12..]));
        IPv4Address destination = new(BinaryPrimitives.ReadUInt32BigEndian(packet[16..]));
        if (!IsWholeNetwork && destination != address && !destination.IsBroadcast)
        {
            return;
        }

        OnPacket(source, destination, packet[9], packet, packet[20..]);
    }

    private void OnIPv6(ReadOnlySpan<byte> bytes)
    {
        int length = 40 + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (bytes[0] >> 4 != 6 || length > bytes.Length)
        {
            return;
        }

        ReadOnlySpan<byte> packet = bytes[..length];
        IPAddress source = new(packet[8..]);
        IPAddress destination = new(packet[24..]);
        ReadOnlySpan<byte> payload = packet[40..];
        if (packet[6] == IcmpV6 && IsDamaged(Sum(payload) + PseudoHeader(source, destination, IcmpV6, payload.Length)))
        {
            return;
        }

        if (packet[6] == IcmpV6 && payload[0] == 135)
        {
            OnSolicitation(source, payload);
        }
        else if (packet[6] == IcmpV6 && (destination == address || destination.IsMulticast || IsWholeNetwork))
        {
            IcmpArrived?.Invoke(source, payload.ToArray());
        }
        else if (IsWholeNetwork || destination == address || destination.IsMulticast)
        {
            OnPacket(source, destination, packet[6], packet, payload);
        }
    }

    private void OnSolicitation(IPAddress source, ReadOnlySpan<byte> message)
    {
        IPAddress target = new(message[8..]);
        Solicitations.Add((source, target));
        if (AnswersArp && !source.IsAny && (target == address || IsWholeNetwork))
        {
            SendAdvertisement(target, source, flags: 0x60, _mac);
        }
    }

    /// <summary>Says that a station has an address (RFC 4861, 4.4).</summary>
    /// <param name="target">The address.</param>
    /// <param name="to">Who is told.</param>
    /// <param name="flags">0x80 for a router, 0x40 for an answer, 0x20 to override.</param>
    /// <param name="station">Whose it is said to be; null for none.</param>
    public void SendAdvertisement(IPAddress target, IPAddress to, byte flags, MacAddress? station)
    {
        byte[] message = new byte[station is null ? 24 : 32];
        message[0] = 136;
        message[4] = flags;
        target.CopyTo(message.AsSpan(8));
        if (station is MacAddress mac)
        {
            message[24] = 2;
            message[25] = 1;
            mac.CopyTo(message.AsSpan(26));
        }

        SendIcmpV6(target, to, message);
    }

    private void OnPacket(IPAddress source, IPAddress destination, byte protocol, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> payload)
    {
        switch (protocol)
        {
            case Udp when payload.Length >= 8 && !IsDamaged(Sum(payload) + PseudoHeader(source, destination, Udp, payload.Length)):
                OnUdpPacket(source, destination, packet, payload);
                break;
            case Icmp:
                IcmpArrived?.Invoke(source, payload.ToArray());
                break;
            case Tcp when payload.Length >= 20 && !IsDamaged(Sum(payload) + PseudoHeader(source, destination, Tcp, payload.Length)):
                OnTcpSegment(source, destination, payload);
                break;
        }
    }

    private bool IsDamaged(uint sum)
    {
        bool isDamaged = Fold(sum) != 0;
        Xunit.Assert.True(ToleratesDamage || !isDamaged, "a checksum is wrong");
        return isDamaged;
    }

    private void OnUdpPacket(IPAddress source, IPAddress destination, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> udp)
    {
        IPEndpoint from = new(source, BinaryPrimitives.ReadUInt16BigEndian(udp));
        IPEndpoint to = new(destination, BinaryPrimitives.ReadUInt16BigEndian(udp[2..]));
        byte[] payload = udp[8..].ToArray();
        UdpArrived?.Invoke(from, to, payload);
        if (_udp.TryGetValue(to.Port, out Action<IPEndpoint, byte[]>? script))
        {
            script(from, payload);
        }
        else if (destination == address)
        {
            SendPortUnreachable(source, packet);
        }
    }

    private void OnTcpSegment(IPAddress source, IPAddress destination, ReadOnlySpan<byte> bytes)
    {
        PeerSegment segment = PeerSegment.Parse(bytes);
        IPEndpoint remote = new(source, segment.SourcePort);
        IPEndpoint local = new(destination, segment.DestinationPort);
        bool isSyn = segment.Has(PeerSegment.Syn) && !segment.Has(PeerSegment.Ack);
        bool isKnown = _connections.TryGetValue((local, remote), out PeerTcp? connection) && !connection.IsGone && !(isSyn && connection.IsOver);
        if (isKnown)
        {
            connection!.OnSegment(segment);
        }
        else if (!_tcp.TryGetValue(local.Port, out PeerTcpServer? server))
        {
            OtherTcpArrived?.Invoke(bytes.ToArray());
            Refuse(local, remote, segment);
        }
        else if (isSyn)
        {
            Accepted++;
            connection = new PeerTcp(server, remote, local) { Records = NewRecords?.Invoke() };
            _connections[(local, remote)] = connection;
            server.Connections.Add(connection);
            connection.OnSegment(segment);
            server.OnAccepted?.Invoke(connection);
        }
        else
        {
            Refuse(local, remote, segment);
        }
    }

    // RFC 9293, 3.10.7.1.
    private void Refuse(IPEndpoint local, IPEndpoint remote, PeerSegment segment)
    {
        if (IsWholeNetwork || segment.Has(PeerSegment.Rst))
        {
            return;
        }

        SendTcp(local.Address, remote.Address, new PeerSegment
        {
            SourcePort = local.Port,
            DestinationPort = remote.Port,
            Sequence = segment.Acknowledgement,
            Acknowledgement = segment.Sequence + 1,
            Flags = PeerSegment.Rst | PeerSegment.Ack,
        });
    }

    private void SendTcp(IPAddress source, IPAddress destination, PeerSegment segment)
    {
        byte[] bytes = segment.ToBytes();
        ushort sum = Fold(Sum(bytes) + PseudoHeader(source, destination, Tcp, bytes.Length));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), sum);
        SendIP(source, destination, Tcp, bytes);
    }

    private static byte[] UdpPacket(ushort source, ushort destination, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(packet, source);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), destination);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)packet.Length);
        payload.CopyTo(packet.AsSpan(8));
        return packet;
    }

    private static uint PseudoHeader(IPAddress source, IPAddress destination, byte protocol, int length)
    {
        byte[] addresses = new byte[32]; // Of IPv4 all but four of each are zero.
        source.CopyTo(addresses);
        destination.CopyTo(addresses.AsSpan(16));
        return Sum(addresses) + protocol + (uint)length;
    }

    private void SendPortUnreachable(IPAddress to, ReadOnlySpan<byte> packet)
    {
        if (to.Family == AddressFamily.IPv6)
        {
            byte[] error = new byte[8 + packet.Length];
            error[0] = 1;
            error[1] = 4;
            packet.CopyTo(error.AsSpan(8));
            SendIcmpV6(address, to, error, hopLimit: 64);
            return;
        }

        byte[] message = new byte[8 + 28];
        message[0] = 3;
        message[1] = 3;
        packet.Slice(0, 28).CopyTo(message.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Fold(Sum(message)));
        SendIPv4(address.IPv4, to.IPv4, Icmp, message);
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)bytes[i] << 8 : bytes[i];
        }

        return sum;
    }

    private static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
