using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Protocols;

/// <summary>A host on a wire that answers ARP and hands UDP and TCP to scripts. Written apart from the product's own wire formats.</summary>
/// <param name="address">
/// Its own; 0.0.0.0 for one that stands for the whole network: it answers ARP for every address, and nothing else on its own.
/// </param>
internal sealed class PeerHost(IPeerMedium wire, IPv4Address address, MacAddress? mac = null)
{
    /// <summary>The station address of a host that is given none.</summary>
    public static readonly MacAddress Mac = new([0x52, 0x55, 0x0A, 0x00, 0x02, 0x02]);

    private const ushort IPv4 = 0x0800;
    private const ushort Arp = 0x0806;
    private const byte Icmp = 1;
    private const byte Tcp = 6;
    private const byte Udp = 17;

    private readonly MacAddress _mac = mac ?? Mac;
    private readonly Dictionary<ushort, Action<IPv4Endpoint, byte[]>> _udp = [];
    private readonly Dictionary<ushort, PeerTcpServer> _tcp = [];
    private readonly Dictionary<(IPv4Endpoint Local, IPv4Endpoint Remote), PeerTcp> _connections = [];
    private ushort _identification;

    public IPeerMedium Wire => wire;
    public IPv4Address Address => address;
    public bool AnswersArp { get; set; } = true;
    public int ArpRequests { get; private set; }

    /// <summary>Frames whose checksums are wrong are dropped; on a wire that spoils nothing they are the client's fault.</summary>
    public bool ToleratesDamage { get; init; }

    /// <summary>Every frame that the client sent.</summary>
    public List<byte[]> Frames { get; } = [];

    /// <summary>TCP connections that were ever accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Called for each UDP packet: source, destination, payload.</summary>
    public Action<IPv4Endpoint, IPv4Endpoint, byte[]>? UdpArrived { get; set; }

    /// <summary>Called for each ICMP message: source, the message.</summary>
    public Action<IPv4Address, byte[]>? IcmpArrived { get; set; }

    /// <summary>Called for TCP segments whose port has no server.</summary>
    public Action<byte[]>? OtherTcpArrived { get; set; }

    private bool IsWholeNetwork => address.IsAny;

    public void OnUdp(ushort port, Action<IPv4Endpoint, byte[]> script) => _udp[port] = script;

    public void StopUdp(ushort port) => _udp.Remove(port);

    /// <summary>Serves a port by a script, which sends as much at once as the client's window takes.</summary>
    public void OnTcp(ushort port, Action<PeerTcp> accept) =>
        _ = new PeerTcpServer(this, port) { InitialCongestionWindow = 1000, OnAccepted = accept };

    public void Listen(ushort port, PeerTcpServer server) => _tcp[port] = server;

    public void StopTcp(ushort port) => _tcp.Remove(port);

    public void SendUdp(ushort port, IPv4Endpoint to, ReadOnlySpan<byte> payload) => // Checksum 0: none (RFC 768).
        SendIPv4(address, to.Address, Udp, UdpPacket(port, to.Port, payload));

    public void SendUdpFrom(IPv4Endpoint source, IPv4Endpoint destination, ReadOnlySpan<byte> payload, MacAddress? to = null)
    {
        byte[] packet = UdpPacket(source.Port, destination.Port, payload);
        ushort sum = Fold(Sum(packet) + PseudoHeader(source.Address, destination.Address, Udp, packet.Length));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), sum == 0 ? (ushort)0xFFFF : sum);
        SendIPv4(source.Address, destination.Address, Udp, packet, to);
    }

    public void SendTcp(PeerTcp connection, PeerSegment segment) => SendTcp(connection.Local.Address, connection.Remote.Address, segment);

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

        ReadOnlySpan<byte> payload = packet[20..];
        switch (packet[9])
        {
            case Udp when payload.Length >= 8 && !IsDamaged(Sum(payload) + PseudoHeader(source, destination, Udp, payload.Length)):
                OnUdpPacket(source, destination, packet);
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

    private void OnUdpPacket(IPv4Address source, IPv4Address destination, ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> udp = packet[20..];
        IPv4Endpoint from = new(source, BinaryPrimitives.ReadUInt16BigEndian(udp));
        IPv4Endpoint to = new(destination, BinaryPrimitives.ReadUInt16BigEndian(udp[2..]));
        byte[] payload = udp[8..].ToArray();
        UdpArrived?.Invoke(from, to, payload);
        if (_udp.TryGetValue(to.Port, out Action<IPv4Endpoint, byte[]>? script))
        {
            script(from, payload);
        }
        else if (destination == address)
        {
            SendPortUnreachable(source, packet);
        }
    }

    private void OnTcpSegment(IPv4Address source, IPv4Address destination, ReadOnlySpan<byte> bytes)
    {
        PeerSegment segment = PeerSegment.Parse(bytes);
        IPv4Endpoint remote = new(source, segment.SourcePort);
        IPv4Endpoint local = new(destination, segment.DestinationPort);
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
            connection = new PeerTcp(server, remote, local);
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
    private void Refuse(IPv4Endpoint local, IPv4Endpoint remote, PeerSegment segment)
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

    private void SendTcp(IPv4Address source, IPv4Address destination, PeerSegment segment)
    {
        byte[] bytes = segment.ToBytes();
        ushort sum = Fold(Sum(bytes) + PseudoHeader(source, destination, Tcp, bytes.Length));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), sum);
        SendIPv4(source, destination, Tcp, bytes);
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

    private static uint PseudoHeader(IPv4Address source, IPv4Address destination, byte protocol, int length) =>
        (source.Value >> 16) + (source.Value & 0xFFFF) + (destination.Value >> 16) + (destination.Value & 0xFFFF) + protocol + (uint)length;

    private void SendPortUnreachable(IPv4Address to, ReadOnlySpan<byte> packet)
    {
        byte[] message = new byte[8 + 28];
        message[0] = 3;
        message[1] = 3;
        packet.Slice(0, 28).CopyTo(message.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Fold(Sum(message)));
        SendIPv4(address, to, Icmp, message);
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
