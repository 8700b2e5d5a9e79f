using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Links;

/// <summary>
/// Wraps a link and writes a line for each frame that passes: "> 192.0.2.10 > 192.0.2.2 TCP 49152 > 80 S seq 1 ack 0 win 65535 len 0". Its
/// text lies in an arena of its own, which is reset after each line.
/// </summary>
public sealed class TraceLink(Link inner, IByteSink sink) : Link, IDisposable
{
    private readonly Arena _arena = Arena.Create();

    /// <inheritdoc/>
    public override MacAddress Address => inner.Address;

    /// <inheritdoc/>
    public override MacAddress PermanentAddress => inner.PermanentAddress;

    /// <inheritdoc/>
    public override int Mtu => inner.Mtu;

    /// <inheritdoc/>
    public override bool IsUp => inner.IsUp;

    /// <inheritdoc/>
    public override Error? Open() => inner.Open();

    /// <inheritdoc/>
    public override void Close() => inner.Close();

    /// <inheritdoc/>
    public override Error? SetAddress(MacAddress? address) => inner.SetAddress(address);

    /// <inheritdoc/>
    public override void SetGroups(ReadOnlySpan<MacAddress> groups) => inner.SetGroups(groups);

    /// <inheritdoc/>
    public override bool Send(ReadOnlySpan<byte> frame)
    {
        Trace('>', frame);
        return inner.Send(frame);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Receive()
    {
        ReadOnlySpan<byte> frame = inner.Receive();
        if (!frame.IsEmpty)
        {
            Trace('<', frame);
        }

        return frame;
    }

    /// <summary>Frees what it allocated; the link that it wraps is its owner's.</summary>
    public void Dispose() => _arena.Dispose();

    private void Trace(char direction, ReadOnlySpan<byte> frame)
    {
        using (_arena.Enter())
        {
            TextBuilder text = new(128, 0);
            text.Append(direction);
            text.Append(' ');
            Describe(ref text, frame);
            text.Append('\n');
            ReadOnlySpan<char> line = text.Written;
            Span<byte> bytes = new byte[line.Length];
            for (int i = 0; i < line.Length; i++)
            {
                bytes[i] = (byte)line[i];
            }

            sink.Write(bytes);
        }

        _arena.Reset();
    }

    private static void Describe(ref TextBuilder text, ReadOnlySpan<byte> bytes)
    {
        if (!EthernetFrame.TryParse(bytes, out EthernetFrame frame))
        {
            text.Append("short frame");
        }
        else if (frame.Type == EtherType.Arp && ArpPacket.TryParse(frame.Payload, out ArpPacket arp))
        {
            text.Append(arp.Operation == ArpPacket.Request ? "ARP who has " : "ARP answer to ");
            arp.Target.AppendTo(ref text);
            text.Append(" from ");
            arp.Sender.AppendTo(ref text);
            text.Append(' ');
            arp.SenderMac.AppendTo(ref text);
        }
        else if (frame.Type == EtherType.IPv4 && IPv4Packet.TryParse(frame.Payload, out IPv4Packet packet))
        {
            packet.Source.AppendTo(ref text);
            text.Append(" > ");
            packet.Destination.AppendTo(ref text);
            Describe(ref text, packet);
        }
        else
        {
            text.Append("type ");
            text.AppendFormatted((uint)frame.Type, "x4");
            text.Append(" len ");
            text.AppendFormatted(bytes.Length);
        }
    }

    private static void Describe(ref TextBuilder text, IPv4Packet packet)
    {
        if (packet.IsFragment)
        {
            text.Append(" fragment ");
            text.AppendFormatted((uint)packet.Identification);
            text.Append(" at ");
            text.AppendFormatted(packet.FragmentOffset);
            text.Append(packet.HasMoreFragments ? " len " : " last len ");
            text.AppendFormatted(packet.Payload.Length);
        }
        else if (packet.Protocol == IPProtocol.Tcp && TcpSegment.TryParse(packet.Payload, out TcpSegment segment))
        {
            text.Append(" TCP ");
            AppendPorts(ref text, segment.SourcePort, segment.DestinationPort);
            text.Append(' ');
            AppendFlag(ref text, segment, TcpFlags.Syn, 'S');
            AppendFlag(ref text, segment, TcpFlags.Fin, 'F');
            AppendFlag(ref text, segment, TcpFlags.Rst, 'R');
            AppendFlag(ref text, segment, TcpFlags.Psh, 'P');
            AppendFlag(ref text, segment, TcpFlags.Ack, '.');
            text.Append(" seq ");
            text.AppendFormatted(segment.Sequence);
            text.Append(" ack ");
            text.AppendFormatted(segment.Acknowledgement);
            text.Append(" win ");
            text.AppendFormatted((uint)segment.Window);
            text.Append(" len ");
            text.AppendFormatted(segment.Payload.Length);
        }
        else if (packet.Protocol == IPProtocol.Udp && UdpPacket.TryParse(packet.Payload, out UdpPacket udp))
        {
            text.Append(" UDP ");
            AppendPorts(ref text, udp.SourcePort, udp.DestinationPort);
            text.Append(" len ");
            text.AppendFormatted(udp.Payload.Length);
        }
        else if (packet.Protocol == IPProtocol.Icmp && IcmpMessage.TryParse(packet.Payload, out IcmpMessage message))
        {
            text.Append(" ICMP type ");
            text.AppendFormatted((uint)message.Type);
            text.Append(" code ");
            text.AppendFormatted((uint)message.Code);
        }
        else
        {
            text.Append(" protocol ");
            text.AppendFormatted((uint)packet.Protocol);
            text.Append(" len ");
            text.AppendFormatted(packet.Payload.Length);
        }
    }

    private static void AppendPorts(ref TextBuilder text, ushort source, ushort destination)
    {
        text.AppendFormatted((uint)source);
        text.Append(" > ");
        text.AppendFormatted((uint)destination);
    }

    private static void AppendFlag(ref TextBuilder text, TcpSegment segment, TcpFlags flag, char name)
    {
        if (segment.Has(flag))
        {
            text.Append(name);
        }
    }
}
