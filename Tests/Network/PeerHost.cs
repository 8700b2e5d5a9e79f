using System;
using System.Collections.Generic;
using NetworkStack;
using NetworkStack.Wire;
using Uefi.Interop;

namespace Tests.Network;

/// <summary>
/// The other end of a simulated wire: it answers ARP for every address but the stack's, and hands IPv4 datagrams to whoever was registered.
/// </summary>
public sealed class PeerHost
{
    public static readonly MacAddress Mac = new([0x52, 0x55, 0x0A, 0x00, 0x02, 0x02]);

    private readonly SimulatedLink _wire;
    private ushort _identification;

    public PeerHost(VirtualTime time, SimulatedLink wire)
    {
        Time = time;
        _wire = wire;
        wire.Sent = OnFrame;
    }

    public VirtualTime Time { get; }

    public bool AnswersArp { get; set; } = true;
    public int ArpRequests { get; private set; }

    /// <summary>Every frame that the stack sent.</summary>
    public List<byte[]> Frames { get; } = [];

    /// <summary>TCP servers by port.</summary>
    public Dictionary<ushort, PeerTcpServer> TcpServers { get; } = [];

    /// <summary>Called for each UDP packet: source, destination, payload.</summary>
    public Action<IPv4Endpoint, IPv4Endpoint, byte[]>? OnUdp { get; set; }

    /// <summary>Called for each ICMP message: source, the message.</summary>
    public Action<IPv4Address, byte[]>? OnIcmp { get; set; }

    /// <summary>Called for TCP segments whose port has no server.</summary>
    public Action<byte[]>? OnOtherTcp { get; set; }

    public void SendUdp(IPv4Endpoint source, IPv4Endpoint destination, ReadOnlySpan<byte> payload, MacAddress? mac = null)
    {
        byte[] packet = new byte[UdpPacket.HeaderSize + payload.Length];
        payload.CopyTo(packet.AsSpan(UdpPacket.HeaderSize));
        UdpPacket.WriteHeader(packet, source.Address, source.Port, destination.Address, destination.Port);
        SendIPv4(source.Address, destination.Address, 17, packet, mac);
    }

    public void SendIPv4(IPv4Address source, IPv4Address destination, byte protocol, ReadOnlySpan<byte> payload, MacAddress? mac = null)
    {
        byte[] packet = new byte[IPv4Packet.HeaderSize + payload.Length];
        payload.CopyTo(packet.AsSpan(IPv4Packet.HeaderSize));
        IPv4Packet.WriteHeader(packet, packet.Length, _identification++, 0, (IPProtocol)protocol, source, destination);
        SendFrame(0x0800, packet, mac ?? (destination.IsBroadcast ? MacAddress.Broadcast : SimulatedLink.StationAddress));
    }

    public void SendFrame(ushort type, ReadOnlySpan<byte> payload, MacAddress? mac = null)
    {
        byte[] frame = new byte[Math.Max(60, EthernetFrame.HeaderSize + payload.Length)];
        EthernetFrame.WriteHeader(frame, mac ?? SimulatedLink.StationAddress, Mac, (EtherType)type);
        payload.CopyTo(frame.AsSpan(EthernetFrame.HeaderSize));
        _wire.Deliver(frame);
    }

    public void SendArp(ushort operation, MacAddress senderMac, IPv4Address sender, MacAddress targetMac, IPv4Address target)
    {
        byte[] packet = new byte[ArpPacket.Size];
        ArpPacket.Write(packet, operation, senderMac, sender, targetMac, target);
        SendFrame(0x0806, packet, operation == ArpPacket.Request ? MacAddress.Broadcast : null);
    }

    private void OnFrame(byte[] bytes)
    {
        Frames.Add(bytes);
        if (!EthernetFrame.TryParse(bytes, out EthernetFrame frame))
        {
            return;
        }
        if (frame.Type == EtherType.Arp && ArpPacket.TryParse(frame.Payload, out ArpPacket arp))
        {
            if (arp.Operation == ArpPacket.Request)
            {
                ArpRequests++;
                if (AnswersArp && arp.Target != arp.Sender)
                {
                    SendArp(ArpPacket.Reply, Mac, arp.Target, arp.SenderMac, arp.Sender);
                }
            }
            return;
        }
        if (frame.Type != EtherType.IPv4 || !IPv4Packet.TryParse(frame.Payload, out IPv4Packet packet) || !packet.IsChecksumCorrect)
        {
            return;
        }
        switch (packet.Protocol)
        {
            case IPProtocol.Udp when UdpPacket.TryParse(packet.Payload, out UdpPacket udp) && udp.IsChecksumCorrect(packet.Source, packet.Destination):
                OnUdp?.Invoke(
                    new IPv4Endpoint(packet.Source, udp.SourcePort), new IPv4Endpoint(packet.Destination, udp.DestinationPort), udp.Payload.ToArray());
                break;
            case IPProtocol.Icmp:
                OnIcmp?.Invoke(packet.Source, packet.Payload.ToArray());
                break;
            case IPProtocol.Tcp when TcpSegment.TryParse(packet.Payload, out TcpSegment segment) && segment.IsChecksumCorrect(packet.Source, packet.Destination):
                if (TcpServers.TryGetValue(segment.DestinationPort, out PeerTcpServer? server))
                {
                    server.OnSegment(packet.Source, packet.Destination, segment);
                }
                else
                {
                    OnOtherTcp?.Invoke(packet.Payload.ToArray());
                }
                break;
        }
    }
}
