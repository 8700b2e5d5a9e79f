using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets;

/// <summary>A UDP datagram as it was received; a view over the link's buffer.</summary>
public readonly ref struct UdpDatagram(
    NetworkInterface @interface, IPEndpoint source, IPAddress destination, ReadOnlySpan<byte> payload)
{
    /// <summary>Where it came in.</summary>
    public NetworkInterface Interface { get; } = @interface;

    /// <summary>Who sent it.</summary>
    public IPEndpoint Source { get; } = source;

    /// <summary>The address that it was sent to: the interface's, or a broadcast.</summary>
    public IPAddress Destination { get; } = destination;

    /// <summary>Valid during the call only.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;
}
