using System;
using System.Runtime.CompilerServices;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A TCP segment (RFC 9293, 3.1).</summary>
internal readonly ref struct TcpSegment
{
    public const int HeaderSize = 20;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _headerSize;

    private TcpSegment(ReadOnlySpan<byte> bytes, int headerSize)
    {
        _bytes = bytes;
        _headerSize = headerSize;
    }

    public ushort SourcePort => WireBytes.Read16(_bytes, 0);
    public ushort DestinationPort => WireBytes.Read16(_bytes, 2);
    public uint Sequence => WireBytes.Read32(_bytes, 4);
    public uint Acknowledgement => WireBytes.Read32(_bytes, 8);
    public TcpFlags Flags => (TcpFlags)WireBytes.Read8(_bytes, 13);

    /// <summary>As it is on the wire, before scaling.</summary>
    public ushort Window => WireBytes.Read16(_bytes, 14);

    public ReadOnlySpan<byte> Options => _bytes.Slice(HeaderSize, _headerSize - HeaderSize);
    public ReadOnlySpan<byte> Payload => _bytes.Slice(_headerSize);

    public bool Has(TcpFlags flags) => (Flags & flags) != 0;

    /// <summary>False when the data offset is below 5 words or beyond the bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParse(ReadOnlySpan<byte> bytes, out TcpSegment segment)
    {
        segment = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        int headerSize = (WireBytes.Read8(bytes, 12) >> 4) * 4;
        if (headerSize < HeaderSize || headerSize > bytes.Length)
        {
            return false;
        }

        segment = new TcpSegment(bytes, headerSize);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsChecksumCorrect(ulong addresses) => InternetChecksum.IsCorrect(
        InternetChecksum.PseudoHeader(addresses, IPProtocol.Tcp, _bytes.Length) + InternetChecksum.Sum(_bytes));

    /// <summary>Completes a segment whose options and payload are already in place.</summary>
    /// <param name="segment">The whole segment.</param>
    /// <param name="headerSize">20 to 60, a multiple of 4, at most the segment's length.</param>
    /// <param name="addresses">The sum of both, for the checksum.</param>
    /// <param name="sourcePort">Ours.</param>
    /// <param name="destinationPort">The peer's.</param>
    /// <param name="sequence">SEG.SEQ.</param>
    /// <param name="acknowledgement">SEG.ACK; 0 without the ACK flag.</param>
    /// <param name="flags">The control bits.</param>
    /// <param name="window">SEG.WND as it is on the wire.</param>
    public static void WriteHeader(
        Span<byte> segment, int headerSize, ulong addresses, ushort sourcePort, ushort destinationPort,
        uint sequence, uint acknowledgement, TcpFlags flags, ushort window)
    {
        ReadOnlySpan<byte> rest = segment.Slice(HeaderSize);
        WireBytes.Write16(segment, 0, sourcePort);
        WireBytes.Write16(segment, 2, destinationPort);
        WireBytes.Write32(segment, 4, sequence);
        WireBytes.Write32(segment, 8, acknowledgement);
        WireBytes.Write8(segment, 12, (byte)(headerSize / 4 << 4));
        WireBytes.Write8(segment, 13, (byte)flags);
        WireBytes.Write16(segment, 14, window);
        WireBytes.Write32(segment, 16, 0);
        ulong sum = InternetChecksum.PseudoHeader(addresses, IPProtocol.Tcp, segment.Length) +
            InternetChecksum.Sum(segment.Slice(0, HeaderSize)) + InternetChecksum.Sum(rest);
        WireBytes.WriteChecksum(segment, 16, InternetChecksum.Finish(sum));
    }
}
