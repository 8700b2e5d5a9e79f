using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets;

/// <summary>Who owns a <see cref="UdpSocket"/>. Called while the network is polled; may send, and may dispose the socket.</summary>
public interface IUdpHandler
{
    /// <summary>A datagram for the socket's port. The payload is valid during the call only.</summary>
    void OnDatagram(in UdpDatagram datagram);

    /// <summary>
    /// An ICMP destination unreachable, or no ARP answer, for what the socket sent (RFC 1122, 4.1.3.3). A hint: it can be
    /// forged.
    /// </summary>
    /// <param name="destination">Where the datagram was going.</param>
    /// <param name="reason">What cannot be reached.</param>
    void OnUnreachable(IPEndpoint destination, Unreachable reason)
    {
    }
}
