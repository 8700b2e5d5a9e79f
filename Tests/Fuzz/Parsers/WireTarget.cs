using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>Every view on the same bytes, and every byte that it shows.</summary>
internal sealed class WireTarget : FuzzTarget
{
    private ulong _sum;

    public override string Name => "wire";

    public override string Subject => "Ethernet, ARP, IPv4, ICMP, UDP and TCP headers, LLDP and spanning trees from the network";

    public override IEnumerable<byte[]> Seeds => SampleFrames.All;

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (!EthernetFrame.TryParse(input, out EthernetFrame frame))
        {
            return;
        }

        _sum += frame.Destination.Value + frame.Source.Value + (uint)frame.VlanId + (uint)frame.Type;
        Look(frame.Payload);
        LldpReader lldp = new(frame.Payload);
        while (lldp.Read())
        {
            _sum += (uint)lldp.Type;
            Look(lldp.Value);
        }

        if (BridgePdu.TryParse(frame.Payload, out BridgePdu pdu))
        {
            _sum += (uint)pdu.ForwardDelay + (pdu.IsRapid && pdu.IsForwarding ? 1u : 0);
        }

        if (ArpPacket.TryParse(frame.Payload, out ArpPacket arp))
        {
            _sum += arp.Operation + arp.SenderMac.Value + arp.Sender.Value + arp.TargetMac.Value + arp.Target.Value;
        }

        if (IPv4Packet.TryParse(frame.Payload, out IPv4Packet packet))
        {
            Look(packet);
        }
    }

    private void Look(IPv4Packet packet)
    {
        _sum += (uint)packet.FragmentOffset + packet.Identification + packet.Source.Value + (packet.IsChecksumCorrect && packet.IsFragment ? 1u : 0);
        Look(packet.Payload);
        if (IcmpMessage.TryParse(packet.Payload, out IcmpMessage icmp))
        {
            _sum += icmp.Rest + icmp.Type + icmp.Code + (uint)icmp.NextHopMtu + (icmp.IsChecksumCorrect(0) ? 1u : 0);
            Look(icmp.Body);
            if (IPv4Packet.TryParseQuoted(icmp.Body, out IPv4Packet quoted))
            {
                _sum += quoted.Source.Value + (uint)quoted.Protocol;
                Look(quoted.Payload);
            }
        }

        if (UdpPacket.TryParse(packet.Payload, out UdpPacket udp))
        {
            _sum += udp.SourcePort + (uint)udp.DestinationPort + (udp.IsChecksumCorrect(new IPPacket(packet).AddressSum) ? 1u : 0);
            Look(udp.Payload);
        }

        if (TcpSegment.TryParse(packet.Payload, out TcpSegment segment))
        {
            _sum += segment.Sequence + segment.Acknowledgement + segment.Window + (uint)segment.Flags +
                (segment.IsChecksumCorrect(new IPPacket(packet).AddressSum) ? 1u : 0);
            Look(segment.Payload);
            Look(TcpOptions.Parse(segment.Options));
        }
    }

    private void Look(TcpOptions options)
    {
        FuzzFinding.Unless(options.WindowShift <= TcpOptions.MaximumWindowShift, $"a window shift of {options.WindowShift}");
        for (int i = 0; i < options.Sack.Length / TcpOptions.SackBlockSize; i++)
        {
            options.GetSackBlock(i, out uint left, out uint right);
            _sum += left ^ right;
        }
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        foreach (byte each in bytes)
        {
            _sum += each;
        }
    }
}
