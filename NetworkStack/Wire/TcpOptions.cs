using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>The options of a TCP segment that this stack knows (RFC 9293, 3.2; RFC 7323; RFC 2018); others are stepped over.</summary>
internal ref struct TcpOptions
{
    public const int MaximumSize = 40;
    public const int TimestampSize = 12;
    public const int SackBlockSize = 8;
    public const int MaximumWindowShift = 14;

    private const byte End = 0;
    private const byte NoOperation = 1;
    private const byte MaximumSegmentSizeKind = 2;
    private const byte WindowScaleKind = 3;
    private const byte SackPermittedKind = 4;
    private const byte SackKind = 5;
    private const byte TimestampKind = 8;
    private const uint TimestampWord = (NoOperation << 24) | (NoOperation << 16) | (TimestampKind << 8) | 10;

    /// <summary>0 when the option is absent.</summary>
    public ushort MaximumSegmentSize;

    /// <summary>-1 when the option is absent; at most 14 (RFC 7323, 2.3).</summary>
    public int WindowShift;

    public bool SackPermitted;
    public bool HasTimestamp;
    public uint TimestampValue;
    public uint TimestampEcho;

    /// <summary>The blocks of a SACK option, 8 bytes each: left and right edge.</summary>
    public ReadOnlySpan<byte> Sack;

    /// <summary>Reads what there is; an option whose length is wrong ends the list.</summary>
    public static TcpOptions Parse(ReadOnlySpan<byte> bytes)
    {
        TcpOptions options = default;
        options.WindowShift = -1;

        // What nearly every segment of a connection with timestamps has (RFC 7323, appendix A).
        if (bytes.Length == TimestampSize && WireBytes.Read32(bytes, 0) == TimestampWord)
        {
            options.HasTimestamp = true;
            options.TimestampValue = WireBytes.Read32(bytes, 4);
            options.TimestampEcho = WireBytes.Read32(bytes, 8);
            return options;
        }

        int at = 0;
        while (at < bytes.Length)
        {
            byte kind = bytes[at];
            if (kind == End)
            {
                break;
            }

            if (kind == NoOperation)
            {
                at++;
                continue;
            }

            int length = at + 1 < bytes.Length ? bytes[at + 1] : 0;
            if (length < 2 || length > bytes.Length - at)
            {
                break;
            }

            ReadOnlySpan<byte> option = bytes.Slice(at, length);
            switch (kind)
            {
                case MaximumSegmentSizeKind when length == 4:
                    options.MaximumSegmentSize = WireBytes.Read16(option, 2);
                    break;
                case WindowScaleKind when length == 3:
                    options.WindowShift = Math.Min(option[2], (byte)MaximumWindowShift);
                    break;
                case SackPermittedKind when length == 2:
                    options.SackPermitted = true;
                    break;
                case SackKind when (length - 2) % SackBlockSize == 0:
                    options.Sack = option.Slice(2);
                    break;
                case TimestampKind when length == 10:
                    options.HasTimestamp = true;
                    options.TimestampValue = WireBytes.Read32(option, 2);
                    options.TimestampEcho = WireBytes.Read32(option, 6);
                    break;
            }

            at += length;
        }

        return options;
    }

    /// <summary>One block of <see cref="Sack"/>, for an index below its length / 8.</summary>
    public readonly void GetSackBlock(int index, out uint left, out uint right)
    {
        ReadOnlySpan<byte> block = Sack.Slice(index * SackBlockSize, SackBlockSize);
        left = WireBytes.Read32(block, 0);
        right = WireBytes.Read32(block, 4);
    }

    /// <summary>Writes a SYN's options.</summary>
    /// <param name="destination">At least <see cref="MaximumSize"/> bytes.</param>
    /// <param name="maximumSegmentSize">Bytes of data that the link has room for.</param>
    /// <param name="windowShift">-1 to leave the option out.</param>
    /// <param name="sackPermitted">Whether to offer selective acknowledgements.</param>
    /// <param name="timestamp">Whether to offer timestamps.</param>
    /// <param name="timestampValue">TSval.</param>
    /// <param name="timestampEcho">TSecr.</param>
    /// <returns>The size, a multiple of 4.</returns>
    public static int WriteSyn(
        Span<byte> destination, ushort maximumSegmentSize, int windowShift, bool sackPermitted, bool timestamp, uint timestampValue, uint timestampEcho)
    {
        destination = destination.Slice(0, MaximumSize);
        WireBytes.Write32(destination, 0, (MaximumSegmentSizeKind << 24) | (4 << 16) | (uint)maximumSegmentSize);
        int size = 4;
        if (windowShift >= 0)
        {
            WireBytes.Write32(destination, size, (NoOperation << 24) | (WindowScaleKind << 16) | (3 << 8) | (uint)windowShift);
            size += 4;
        }

        if (sackPermitted)
        {
            WireBytes.Write32(destination, size, (NoOperation << 24) | (NoOperation << 16) | (SackPermittedKind << 8) | 2);
            size += 4;
        }

        return timestamp ? size + WriteTimestamp(destination.Slice(size), timestampValue, timestampEcho) : size;
    }

    /// <param name="destination">At least <see cref="TimestampSize"/> bytes.</param>
    /// <param name="value">TSval.</param>
    /// <param name="echo">TSecr.</param>
    /// <returns>The size, a multiple of 4.</returns>
    public static int WriteTimestamp(Span<byte> destination, uint value, uint echo)
    {
        destination = destination.Slice(0, TimestampSize);
        WireBytes.Write32(destination, 0, TimestampWord);
        WireBytes.Write32(destination, 4, value);
        WireBytes.Write32(destination, 8, echo);
        return TimestampSize;
    }

    /// <summary>Writes the header of a SACK option for this many blocks, which follow it.</summary>
    /// <returns>Its size, a multiple of 4; the blocks go there with <see cref="WriteSackBlock"/>.</returns>
    public static int WriteSackHeader(Span<byte> destination, int blocks)
    {
        destination = destination.Slice(0, 4);
        WireBytes.Write32(destination, 0, (NoOperation << 24) | (NoOperation << 16) | (SackKind << 8) | (uint)(2 + blocks * SackBlockSize));
        return 4;
    }

    /// <returns>The block's size.</returns>
    public static int WriteSackBlock(Span<byte> destination, uint left, uint right)
    {
        destination = destination.Slice(0, SackBlockSize);
        WireBytes.Write32(destination, 0, left);
        WireBytes.Write32(destination, 4, right);
        return SackBlockSize;
    }
}
