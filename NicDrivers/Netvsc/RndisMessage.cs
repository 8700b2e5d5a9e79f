using System;
using System.Buffers.Binary;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>
/// An RNDIS message from the host: exactly one range of a transfer-page packet. The range bounds it, and not the length in its header:
/// a host is known to send a status whose length leaves its data out (0x40020006), and lengths that cover padding.
/// </summary>
/// <remarks>Its memory is the host's too, so no word is read twice.</remarks>
public readonly ref struct RndisMessage
{
    private const int HeaderSize = 8;

    private readonly ReadOnlySpan<byte> _bytes;

    private RndisMessage(RndisMessageType type, ReadOnlySpan<byte> bytes)
    {
        Type = type;
        _bytes = bytes;
    }

    public RndisMessageType Type { get; }

    public static bool TryParse(ReadOnlySpan<byte> range, out RndisMessage message)
    {
        if (range.Length < HeaderSize)
        {
            message = default;
            return false;
        }

        message = new RndisMessage((RndisMessageType)BinaryPrimitives.ReadUInt32LittleEndian(range), range);
        return true;
    }

    /// <summary>An answer's or a keep-alive's request; of what has none, whatever is there, or 0.</summary>
    public uint RequestId => Word(8);

    /// <summary>The NDIS_STATUS of an answer; a failure where the message ends before it.</summary>
    public uint Status => _bytes.Length >= 16 ? Word(12) : uint.MaxValue;

    /// <summary>Of an indication: what has happened.</summary>
    public uint Indication => Word(8);

    /// <summary>The value that answers a query; empty when it lies outside of the message. A query that failed may have any here.</summary>
    public ReadOnlySpan<byte> Information
    {
        get
        {
            uint length = Word(16);
            uint offset = Word(20);
            uint room = (uint)_bytes.Length - HeaderSize;
            return offset <= room && length <= room - offset
                ? _bytes.Slice(HeaderSize + (int)offset, (int)length)
                : default;
        }
    }

    private uint Word(int at) =>
        _bytes.Length - at >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(at)) : 0;
}
