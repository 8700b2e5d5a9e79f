using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>What an NTP server's answer says.</summary>
internal enum NtpVerdict
{
    /// <summary>No answer to the question.</summary>
    Ignored,

    /// <summary>The time.</summary>
    Time,

    /// <summary>The server does not know the time itself.</summary>
    Unsynchronized,

    /// <summary>The server refuses (RFC 5905, 7.4).</summary>
    KissOfDeath,
}

/// <summary>NTP's packet (RFC 5905, 7.3) as a client has it that asks for the time once.</summary>
internal static class NtpPacket
{
    public const int Size = 48;
    public const ushort Port = 123;

    private const int ReferenceOffset = 12;
    private const int OriginOffset = 24;
    private const int TransmitOffset = 40;
    private const byte Version = 4 << 3;
    private const byte ClientMode = 3;
    private const byte ServerMode = 4;
    private const byte LeapUnknown = 3;

    /// <summary>Seconds from 1900 to 1970.</summary>
    private const long Epoch = 2_208_988_800;

    /// <summary>Writes a question. Of our own clock it says nothing: its time of transmission is a number that tells the answer from others.</summary>
    /// <param name="packet"><see cref="Size"/> bytes.</param>
    /// <param name="number">Of any value.</param>
    public static void WriteRequest(Span<byte> packet, ulong number)
    {
        packet.Clear();
        packet[0] = Version | ClientMode;
        BinaryPrimitives.WriteUInt64BigEndian(packet.Slice(TransmitOffset), number);
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="packet">The whole datagram.</param>
    /// <param name="number">That of the question.</param>
    /// <param name="unixTime">Seconds since 1970 when it was sent: between 1968 and 2104 (RFC 4330, 3).</param>
    /// <param name="code">Of a refusal: four characters, such as "RATE".</param>
    public static NtpVerdict Read(ReadOnlySpan<byte> packet, ulong number, out long unixTime, out ReadOnlySpan<byte> code)
    {
        unixTime = 0;
        code = default;
        if (packet.Length < Size || (packet[0] & 7) != ServerMode || BinaryPrimitives.ReadUInt64BigEndian(packet.Slice(OriginOffset)) != number)
        {
            return NtpVerdict.Ignored;
        }

        byte stratum = packet[1];
        if (stratum == 0)
        {
            code = packet.Slice(ReferenceOffset, 4);
            return NtpVerdict.KissOfDeath;
        }

        uint seconds = BinaryPrimitives.ReadUInt32BigEndian(packet.Slice(TransmitOffset));
        if (packet[0] >> 6 == LeapUnknown || stratum > 15 || seconds == 0)
        {
            return NtpVerdict.Unsynchronized;
        }

        unixTime = seconds - Epoch + (seconds >> 31 == 0 ? 1L << 32 : 0);
        return NtpVerdict.Time;
    }
}
