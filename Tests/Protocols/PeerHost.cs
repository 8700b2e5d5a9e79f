using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetworkStack;
using Uefi.Interop;

namespace Tests.Protocols;

/// <summary>A host on a wire that answers ARP and hands UDP and TCP to scripts. Written apart from the product's own wire formats.</summary>
internal sealed class PeerHost(IPeerMedium wire, IPv4Address address, MacAddress mac)
{
    private readonly Dictionary<ushort, Action<IPv4Endpoint, byte[]>> _udp = [];
    private readonly Dictionary<ushort, Action<PeerTcp>> _tcp = [];
    private readonly Dictionary<(ushort Local, ushort Remote), PeerTcp> _connections = [];

    public IPeerMedium Wire => wire;
    public IPv4Address Address => address;
    public bool AnswersArp { get; set; } = true;

    /// <summary>TCP connections that were ever accepted.</summary>
    public int Accepted { get; private set; }

    public void OnUdp(ushort port, Action<IPv4Endpoint, byte[]> script) => _udp[port] = script;

    public void StopUdp(ushort port) => _udp.Remove(port);

    public void OnTcp(ushort port, Action<PeerTcp> accept) => _tcp[port] = accept;

    public void StopTcp(ushort port) => _tcp.Remove(port);

    public void SendUdp(ushort port, IPv4Endpoint to, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(packet, port);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), to.Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)packet.Length);
        payload.CopyTo(packet.AsSpan(8)); // checksum 0: none (RFC 768)
        SendIPv4(17, to.Address, packet);
    }

    public void SendTcp(IPv4Address to, byte[] segment)
    {
        uint sum = Sum(segment) + (address.Value >> 16) + (address.Value & 0xFFFF) + (to.Value >> 16) + (to.Value & 0xFFFF) + 6 + (uint)segment.Length;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), Fold(sum));
        SendIPv4(6, to, segment);
    }

    public void Forget(PeerTcp connection) => _connections.Remove((connection.Port, connection.Remote.Port));

    public void OnFrame(byte[] frame)
    {
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12));
        if (type == 0x806 && frame[21] == 1 && AnswersArp && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(38)) == address.Value)
        {
            byte[] reply = new byte[60];
            frame.AsSpan(6, 6).CopyTo(reply);
            mac.CopyTo(reply.AsSpan(6));
            frame.AsSpan(12, 8).CopyTo(reply.AsSpan(12));
            reply[21] = 2;
            mac.CopyTo(reply.AsSpan(22));
            frame.AsSpan(38, 4).CopyTo(reply.AsSpan(28));
            frame.AsSpan(22, 10).CopyTo(reply.AsSpan(32));
            wire.Carry(true, reply);
        }
        if (type != 0x800)
        {
            return;
        }
        ReadOnlySpan<byte> packet = frame.AsSpan(14, BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16)));
        Xunit.Assert.Equal(0, Fold(Sum(packet.Slice(0, 20))));
        uint destination = BinaryPrimitives.ReadUInt32BigEndian(packet.Slice(16));
        if (destination != address.Value && destination != uint.MaxValue)
        {
            return;
        }
        IPv4Address source = new(BinaryPrimitives.ReadUInt32BigEndian(packet.Slice(12)));
        ReadOnlySpan<byte> rest = packet.Slice(20);
        IPv4Endpoint from = new(source, BinaryPrimitives.ReadUInt16BigEndian(rest));
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(rest.Slice(2));
        if (packet[9] == 17)
        {
            if (_udp.TryGetValue(port, out Action<IPv4Endpoint, byte[]>? script))
            {
                script(from, rest.Slice(8).ToArray());
            }
            else if (destination == address.Value)
            {
                SendPortUnreachable(source, packet);
            }
        }
        else if (packet[9] == 6)
        {
            OnTcpSegment(from, port, rest.ToArray());
        }
    }

    private void OnTcpSegment(IPv4Endpoint from, ushort port, byte[] segment)
    {
        if (_connections.TryGetValue((port, from.Port), out PeerTcp? connection))
        {
            connection.OnSegment(segment);
        }
        else if ((segment[13] & 2) != 0 && _tcp.TryGetValue(port, out Action<PeerTcp>? accept))
        {
            Accepted++;
            connection = new PeerTcp(this, port, from, segment);
            _connections[(port, from.Port)] = connection;
            accept(connection);
        }
        else if ((segment[13] & 4) == 0)
        {
            byte[] reset = new byte[20];
            BinaryPrimitives.WriteUInt16BigEndian(reset, port);
            BinaryPrimitives.WriteUInt16BigEndian(reset.AsSpan(2), from.Port);
            segment.AsSpan(8, 4).CopyTo(reset.AsSpan(4));
            uint next = BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(4)) + 1;
            BinaryPrimitives.WriteUInt32BigEndian(reset.AsSpan(8), next);
            reset[12] = 0x50;
            reset[13] = 0x14;
            SendTcp(from.Address, reset);
        }
    }

    private void SendPortUnreachable(IPv4Address to, ReadOnlySpan<byte> packet)
    {
        byte[] message = new byte[8 + 28];
        message[0] = 3;
        message[1] = 3;
        packet.Slice(0, 28).CopyTo(message.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Fold(Sum(message)));
        SendIPv4(1, to, message);
    }

    private void SendIPv4(byte protocol, IPv4Address to, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[14 + 20 + payload.Length];
        (to.IsBroadcast ? MacAddress.Broadcast : wire.ClientMac).CopyTo(frame);
        mac.CopyTo(frame.AsSpan(6));
        frame[12] = 8;
        Span<byte> header = frame.AsSpan(14, 20);
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header.Slice(2), (ushort)(20 + payload.Length));
        header[8] = 64;
        header[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(header.Slice(12), address.Value);
        BinaryPrimitives.WriteUInt32BigEndian(header.Slice(16), to.Value);
        BinaryPrimitives.WriteUInt16BigEndian(header.Slice(10), Fold(Sum(header)));
        payload.CopyTo(frame.AsSpan(34));
        wire.Carry(true, frame);
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
