using System;
using System.Runtime.CompilerServices;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An IPv4 datagram or fragment (RFC 791, 3.1).</summary>
internal readonly ref struct IPv4Packet
{
    public const int HeaderSize = 20;
    public const int MaximumSize = 65535;
    public const ushort DontFragment = 0x4000;
    private const ushort MoreFragments = 0x2000;
    private const ushort OffsetMask = 0x1FFF;
    private const byte Version4NoOptions = 0x45;
    private const byte TimeToLive = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _headerSize;

    private IPv4Packet(ReadOnlySpan<byte> bytes, int headerSize)
    {
        _bytes = bytes;
        _headerSize = headerSize;
    }

    /// <summary>The whole datagram, as long as its header says.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    public ushort Identification => WireBytes.Read16(_bytes, 4);
    public bool IsFragment
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (WireBytes.Read16(_bytes, 6) & (MoreFragments | OffsetMask)) != 0;
    }
    public bool HasMoreFragments => (WireBytes.Read16(_bytes, 6) & MoreFragments) != 0;

    /// <summary>In bytes; up to 65528.</summary>
    public int FragmentOffset => (WireBytes.Read16(_bytes, 6) & OffsetMask) * 8;

    public IPProtocol Protocol => (IPProtocol)WireBytes.Read8(_bytes, 9);
    public IPv4Address Source => WireBytes.ReadIPv4(_bytes, 12);
    public IPv4Address Destination => WireBytes.ReadIPv4(_bytes, 16);
    public ReadOnlySpan<byte> Payload => _bytes.Slice(_headerSize);

    public bool IsChecksumCorrect
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => InternetChecksum.IsCorrect(InternetChecksum.Sum(_bytes.Slice(0, _headerSize)));
    }

    /// <summary>
    /// False unless version, header length and total length agree with each other and with the bytes. Options are stepped
    /// over. What follows the total length is padding.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParse(ReadOnlySpan<byte> bytes, out IPv4Packet packet)
    {
        packet = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        byte first = WireBytes.Read8(bytes, 0);
        int headerSize = (first & 0xF) * 4;
        int totalSize = WireBytes.Read16(bytes, 2);
        if (first >> 4 != 4 || headerSize < HeaderSize || totalSize < headerSize || totalSize > bytes.Length)
        {
            return false;
        }

        packet = new IPv4Packet(bytes.Slice(0, totalSize), headerSize);
        return true;
    }

    /// <summary>
    /// The same for the datagram that an ICMP error quotes: it may be cut off after the header and eight more bytes, and
    /// its checksum may no longer fit.
    /// </summary>
    public static bool TryParseQuoted(ReadOnlySpan<byte> bytes, out IPv4Packet packet)
    {
        packet = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        byte first = WireBytes.Read8(bytes, 0);
        int headerSize = (first & 0xF) * 4;
        if (first >> 4 != 4 || headerSize < HeaderSize || headerSize > bytes.Length)
        {
            return false;
        }

        packet = new IPv4Packet(bytes, headerSize);
        return true;
    }

    /// <param name="packet">At least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="totalSize">Header and payload, at most 65535.</param>
    /// <param name="identification">Tells the fragments of one packet from those of another.</param>
    /// <param name="flags">0 or <see cref="DontFragment"/>.</param>
    /// <param name="protocol">Of what follows the header.</param>
    /// <param name="source">Ours, or 0.0.0.0 while there is none.</param>
    /// <param name="destination">Where it is to arrive in the end.</param>
    public static void WriteHeader(
        Span<byte> packet, int totalSize, ushort identification, ushort flags, IPProtocol protocol, IPv4Address source, IPv4Address destination)
    {
        packet = packet.Slice(0, HeaderSize);
        WireBytes.Write8(packet, 0, Version4NoOptions);
        WireBytes.Write8(packet, 1, 0);
        WireBytes.Write16(packet, 2, (ushort)totalSize);
        WireBytes.Write16(packet, 4, identification);
        WireBytes.Write16(packet, 6, flags);
        WireBytes.Write8(packet, 8, TimeToLive);
        WireBytes.Write8(packet, 9, (byte)protocol);
        WireBytes.Write16(packet, 10, 0);
        WireBytes.Write32(packet, 12, source.Value);
        WireBytes.Write32(packet, 16, destination.Value);
        WireBytes.WriteChecksum(packet, 10, InternetChecksum.Finish(InternetChecksum.Sum(packet)));
    }
}
