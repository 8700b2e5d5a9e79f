using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>A piece of a datagram of either version (RFC 791, 3.2; RFC 8200, 4.5).</summary>
internal readonly ref struct IPFragment
{
    /// <param name="packet">With <see cref="IPv4Packet.IsFragment"/>.</param>
    public IPFragment(IPv4Packet packet)
    {
        Source = packet.Source;
        Destination = packet.Destination;
        Protocol = packet.Protocol;
        Identification = packet.Identification;
        Offset = packet.FragmentOffset;
        HasMore = packet.HasMoreFragments;
        Payload = packet.Payload;
    }

    /// <param name="packet">Whose chain of headers ends at a fragment header.</param>
    /// <param name="at">Where that is; its eight bytes are there.</param>
    public IPFragment(IPv6Packet packet, int at)
    {
        ReadOnlySpan<byte> header = packet.Bytes.Slice(at, 8);
        Source = packet.Source;
        Destination = packet.Destination;
        Protocol = (IPProtocol)header[0];
        Identification = WireBytes.Read32(header, 4);
        Offset = WireBytes.Read16(header, 2) & ~7;
        HasMore = (header[3] & 1) != 0;
        Payload = packet.Bytes.Slice(at + 8);
    }

    public IPAddress Source { get; }
    public IPAddress Destination { get; }

    /// <summary>Of the payload. In version 6 the fragments of one datagram may differ: the first one's counts.</summary>
    public IPProtocol Protocol { get; }

    /// <summary>Tells the fragments of one datagram from those of another; 16 bits in version 4.</summary>
    public uint Identification { get; }

    /// <summary>In bytes, a multiple of eight; up to 65528.</summary>
    public int Offset { get; }

    public bool HasMore { get; }
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>All of it in one piece: nothing to be put together (RFC 6946).</summary>
    public bool IsAtomic => Offset == 0 && !HasMore;

    public bool IsIPv6 => Source.Family == AddressFamily.IPv6;
}
