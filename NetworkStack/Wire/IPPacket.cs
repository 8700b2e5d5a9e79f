using System;
using System.Runtime.CompilerServices;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A whole datagram of either version, as the layers above IP see it; a view.</summary>
internal readonly ref struct IPPacket
{
    /// <summary>The same of IPv4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IPPacket(IPv4Packet packet)
        : this(packet.Source, packet.Destination, packet.Protocol, packet.Bytes, packet.Payload)
    {
    }

    /// <param name="source">Who sent it.</param>
    /// <param name="destination">To whom.</param>
    /// <param name="protocol">Of the payload.</param>
    /// <param name="bytes">All of it, as far as it is there.</param>
    /// <param name="payload">Behind all headers of IP: the end of the bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IPPacket(IPAddress source, IPAddress destination, IPProtocol protocol, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> payload)
    {
        Source = source;
        Destination = destination;
        Protocol = protocol;
        Bytes = bytes;
        Payload = payload;
    }

    public IPAddress Source { get; }
    public IPAddress Destination { get; }
    public IPProtocol Protocol { get; }
    public ReadOnlySpan<byte> Bytes { get; }
    public ReadOnlySpan<byte> Payload { get; }
    public bool IsIPv6 => Source.Family == AddressFamily.IPv6;

    /// <summary>The addresses' part of a pseudo-header's sum.</summary>
    public ulong AddressSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Source.ChecksumSum + Destination.ChecksumSum;
    }
}
