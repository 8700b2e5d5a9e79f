using System;
using System.Runtime.CompilerServices;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An IPv6 datagram, with whatever extension headers it has (RFC 8200, 3).</summary>
internal readonly ref struct IPv6Packet
{
    public const int HeaderSize = 40;

    /// <summary>What every link carries (RFC 8200, 5).</summary>
    public const int MinimumMtu = 1280;

    /// <summary>What no router lets through: a sender on the link alone can have given it (RFC 4861, 11.2).</summary>
    public const byte MaximumHopLimit = 255;

    public const byte DefaultHopLimit = 64;

    private readonly ReadOnlySpan<byte> _bytes;

    private IPv6Packet(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The whole datagram, as long as its header says.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The kind of the first header behind this one.</summary>
    public IPProtocol NextHeader => (IPProtocol)WireBytes.Read8(_bytes, 6);

    public byte HopLimit => WireBytes.Read8(_bytes, 7);
    public IPAddress Source => new(_bytes.Slice(8, IPAddress.IPv6Size));
    public IPAddress Destination => new(_bytes.Slice(24, IPAddress.IPv6Size));

    /// <summary>False unless version and payload length agree with the bytes. What follows the payload is padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParse(ReadOnlySpan<byte> bytes, out IPv6Packet packet)
    {
        packet = default;
        if (bytes.Length < HeaderSize || WireBytes.Read8(bytes, 0) >> 4 != 6)
        {
            return false;
        }

        int size = HeaderSize + WireBytes.Read16(bytes, 4);
        if (size > bytes.Length)
        {
            return false;
        }

        packet = new IPv6Packet(bytes.Slice(0, size));
        return true;
    }

    /// <summary>The same for the datagram that an ICMP error quotes, of which the end may be missing.</summary>
    public static bool TryParseQuoted(ReadOnlySpan<byte> bytes, out IPv6Packet packet)
    {
        bool isThere = bytes.Length >= HeaderSize && WireBytes.Read8(bytes, 0) >> 4 == 6;
        packet = isThere ? new IPv6Packet(bytes) : default;
        return isThere;
    }

    /// <param name="packet">At least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="payloadSize">Of all that follows the header, at most 65535.</param>
    /// <param name="next">Of what follows the header.</param>
    /// <param name="hopLimit">How many routers may pass it on, and one more.</param>
    /// <param name="source">Ours, or :: while there is none.</param>
    /// <param name="destination">Where it is to arrive in the end.</param>
    public static void WriteHeader(Span<byte> packet, int payloadSize, IPProtocol next, byte hopLimit, IPAddress source, IPAddress destination)
    {
        packet = packet.Slice(0, HeaderSize);
        WireBytes.Write32(packet, 0, 0x6000_0000);
        WireBytes.Write16(packet, 4, (ushort)payloadSize);
        WireBytes.Write8(packet, 6, (byte)next);
        WireBytes.Write8(packet, 7, hopLimit);
        source.CopyTo(packet.Slice(8));
        destination.CopyTo(packet.Slice(24));
    }
}
