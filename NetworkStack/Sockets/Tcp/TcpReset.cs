using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>The answer to a segment of a connection that does not exist (RFC 9293, 3.10.7.1).</summary>
internal static class TcpReset
{
    public static void Answer(Network network, NetworkInterface netif, IPv4Endpoint remote, TcpSegment segment)
    {
        if (segment.Has(TcpFlags.Rst) || !network.MayReset())
        {
            return;
        }

        if (segment.Has(TcpFlags.Ack))
        {
            Send(network, netif, netif.Address, segment.DestinationPort, remote, segment.Acknowledgement, 0, TcpFlags.Rst);
            return;
        }

        uint length = (uint)segment.Payload.Length + (segment.Has(TcpFlags.Syn) ? 1u : 0) + (segment.Has(TcpFlags.Fin) ? 1u : 0);
        Send(
            network, netif, netif.Address, segment.DestinationPort, remote, 0, segment.Sequence + length, TcpFlags.Rst | TcpFlags.Ack);
    }

    /// <summary>Sends a segment that is nothing but a header.</summary>
    public static void Send(
        Network network, NetworkInterface netif, IPv4Address local, ushort localPort, IPv4Endpoint remote,
        uint sequence, uint acknowledgement, TcpFlags flags, ushort window = 0)
    {
        TcpSegment.WriteHeader(
            network.Transport.Slice(0, TcpSegment.HeaderSize), TcpSegment.HeaderSize, local, localPort, remote.Address, remote.Port,
            sequence, acknowledgement, flags, window);
        network.SendIPv4(netif, local, remote.Address, IPProtocol.Tcp, TcpSegment.HeaderSize, IPv4Packet.DontFragment);
    }
}
