using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A UDP packet (RFC 768).</summary>
internal readonly ref struct UdpPacket
{
    public const int HeaderSize = 8;

    private readonly ReadOnlySpan<byte> _bytes;

    private UdpPacket(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ushort SourcePort => WireBytes.Read16(_bytes, 0);
    public ushort DestinationPort => WireBytes.Read16(_bytes, 2);
    public ReadOnlySpan<byte> Payload => _bytes.Slice(HeaderSize);

    /// <summary>False when the length is below 8 or beyond the bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out UdpPacket packet)
    {
        packet = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        int length = WireBytes.Read16(bytes, 4);
        if (length < HeaderSize || length > bytes.Length)
        {
            return false;
        }

        packet = new UdpPacket(bytes.Slice(0, length));
        return true;
    }

    /// <summary>False when the sender made no checksum, which IPv4 alone allows (RFC 8200, 8.1).</summary>
    public bool HasChecksum => WireBytes.Read16(_bytes, 6) != 0;

    /// <summary>Whether the checksum fits.</summary>
    /// <param name="addresses">The sum of both.</param>
    public bool IsChecksumCorrect(ulong addresses) =>
        InternetChecksum.IsCorrect(InternetChecksum.PseudoHeader(addresses, IPProtocol.Udp, _bytes.Length) + InternetChecksum.Sum(_bytes));

    /// <summary>Completes a packet whose payload is already in place.</summary>
    /// <param name="packet">The whole packet, at least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="addresses">The sum of both, for the checksum.</param>
    /// <param name="sourcePort">Ours.</param>
    /// <param name="destinationPort">The peer's.</param>
    public static void WriteHeader(Span<byte> packet, ulong addresses, ushort sourcePort, ushort destinationPort)
    {
        ReadOnlySpan<byte> payload = packet.Slice(HeaderSize);
        WireBytes.Write16(packet, 0, sourcePort);
        WireBytes.Write16(packet, 2, destinationPort);
        WireBytes.Write16(packet, 4, (ushort)packet.Length);
        WireBytes.Write16(packet, 6, 0);
        ulong sum = InternetChecksum.PseudoHeader(addresses, IPProtocol.Udp, packet.Length) +
            InternetChecksum.Sum(packet.Slice(0, HeaderSize)) + InternetChecksum.Sum(payload);
        ushort checksum = InternetChecksum.Finish(sum);
        WireBytes.WriteChecksum(packet, 6, checksum == 0 ? (ushort)0xFFFF : checksum);
    }
}
