using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An ICMP message of either version (RFC 792; RFC 4443, 2.1).</summary>
internal readonly ref struct IcmpMessage
{
    public const int HeaderSize = 8;
    public const byte EchoReply = 0;
    public const byte DestinationUnreachable = 3;
    public const byte EchoRequest = 8;
    public const byte PortUnreachableCode = 3;
    public const byte PortUnreachableCodeV6 = 4; // RFC 4443, 3.1

    private readonly ReadOnlySpan<byte> _bytes;

    private IcmpMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public byte Type => WireBytes.Read8(_bytes, 0);
    public byte Code => WireBytes.Read8(_bytes, 1);

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Bytes 4 to 7: identifier and sequence number of an echo.</summary>
    public uint Rest => WireBytes.Read32(_bytes, 4);

    /// <summary>Of "fragmentation needed": the MTU of the next hop, 0 from old routers (RFC 1191, 4).</summary>
    public int NextHopMtu => WireBytes.Read16(_bytes, 6);

    /// <summary>An echo's data, or an error's quoted datagram.</summary>
    public ReadOnlySpan<byte> Body => _bytes.Slice(HeaderSize);

    /// <summary>What version 6 covers besides the message.</summary>
    /// <param name="pseudoHeader">0 in version 4, which has none.</param>
    public bool IsChecksumCorrect(ulong pseudoHeader) => InternetChecksum.IsCorrect(pseudoHeader + InternetChecksum.Sum(_bytes));

    public static bool TryParse(ReadOnlySpan<byte> bytes, out IcmpMessage message)
    {
        message = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        message = new IcmpMessage(bytes);
        return true;
    }

    /// <summary>Completes a message whose body is already in place.</summary>
    /// <param name="message">The whole message, at least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="type">RFC 792, or <see cref="IcmpV6Type"/>.</param>
    /// <param name="code">Belongs to the type.</param>
    /// <param name="rest">The header's last four bytes.</param>
    /// <param name="pseudoHeader">0 in version 4, which has none.</param>
    public static void WriteHeader(Span<byte> message, byte type, byte code, uint rest, ulong pseudoHeader = 0)
    {
        ReadOnlySpan<byte> body = message.Slice(HeaderSize);
        WireBytes.Write8(message, 0, type);
        WireBytes.Write8(message, 1, code);
        WireBytes.Write16(message, 2, 0);
        WireBytes.Write32(message, 4, rest);
        ulong sum = pseudoHeader + InternetChecksum.Sum(message.Slice(0, HeaderSize)) + InternetChecksum.Sum(body);
        WireBytes.WriteChecksum(message, 2, InternetChecksum.Finish(sum));
    }
}
