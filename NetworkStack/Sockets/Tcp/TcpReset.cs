using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>The answer to a segment of a connection that does not exist (RFC 9293, 3.10.7.1).</summary>
internal static class TcpReset
{
    public static void Answer(Network network, in Flow back, TcpSegment segment)
    {
        if (segment.Has(TcpFlags.Rst) || !network.MayReset())
        {
            return;
        }

        if (segment.Has(TcpFlags.Ack))
        {
            Send(network, back, segment.DestinationPort, segment.SourcePort, segment.Acknowledgement, 0, TcpFlags.Rst);
            return;
        }

        uint length = (uint)segment.Payload.Length + (segment.Has(TcpFlags.Syn) ? 1u : 0) + (segment.Has(TcpFlags.Fin) ? 1u : 0);
        Send(network, back, segment.DestinationPort, segment.SourcePort, 0, segment.Sequence + length, TcpFlags.Rst | TcpFlags.Ack);
    }

    /// <summary>Sends a segment that is nothing but a header.</summary>
    public static void Send(
        Network network, in Flow flow, ushort localPort, ushort remotePort, uint sequence, uint acknowledgement, TcpFlags flags,
        ushort window = 0)
    {
        TcpSegment.WriteHeader(
            network.Transport.Slice(0, TcpSegment.HeaderSize), TcpSegment.HeaderSize, flow.AddressSum, localPort, remotePort,
            sequence, acknowledgement, flags, window);
        network.Send(flow, IPProtocol.Tcp, TcpSegment.HeaderSize, IPv4Packet.DontFragment);
    }
}
