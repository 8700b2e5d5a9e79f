using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>What client and server agreed on in an option acknowledgement (RFC 2347), checked against what was asked for.</summary>
internal struct TftpNegotiatedOptions()
{
    /// <summary>RFC 2348: 8 to 65464 bytes.</summary>
    public const int MinimumBlockSize = 8;

    public int BlockSize { get; private set; } = TftpPacket.DefaultBlockSize;

    /// <summary>Blocks that an acknowledgement covers (RFC 7440).</summary>
    public int Window { get; private set; } = 1;

    /// <summary>The file's size in bytes (RFC 2349), if the server told. A hint: some say 0, or that of another form of the file.</summary>
    public ulong? Size { get; private set; }

    /// <summary>Reads an OACK packet. Options that nobody asked for mean nothing.</summary>
    /// <param name="packet">The whole OACK.</param>
    /// <param name="blockSize">Asked for; the server may only lower it. 0 when it was not asked for.</param>
    /// <param name="window">The same; 1 when it was not asked for.</param>
    /// <param name="negotiated">What both ends keep to from now on.</param>
    /// <param name="wrong">The option that is not acceptable: out of range, or without an end.</param>
    /// <returns>False when the transfer must be ended with error 8.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> packet, int blockSize, int window, out TftpNegotiatedOptions negotiated, out ReadOnlySpan<byte> wrong)
    {
        negotiated = new TftpNegotiatedOptions();
        wrong = default;
        ReadOnlySpan<byte> rest = packet.Slice(2);
        ReadOnlySpan<byte> name = rest;
        ReadOnlySpan<byte> text = rest;
        while (!rest.IsEmpty)
        {
            if (!TryCut(ref rest, out name) || !TryCut(ref rest, out text))
            {
                wrong = rest.IsEmpty ? packet.Slice(2) : rest;
                return false;
            }

            wrong = name;
            bool isNumber = AsciiText.TryReadDecimal(text, out ulong value);
            if (blockSize > 0 && AsciiText.EqualsIgnoreCase(name, "blksize"u8))
            {
                if (!isNumber || value < MinimumBlockSize || value > (ulong)blockSize)
                {
                    return false;
                }

                negotiated.BlockSize = (int)value;
            }
            else if (window > 1 && AsciiText.EqualsIgnoreCase(name, "windowsize"u8))
            {
                if (!isNumber || value < 1 || value > (ulong)window)
                {
                    return false;
                }

                negotiated.Window = (int)value;
            }
            else if (AsciiText.EqualsIgnoreCase(name, "tsize"u8))
            {
                negotiated.Size = isNumber ? value : null;
            }
        }

        wrong = default;
        return true;
    }

    private static bool TryCut(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        int end = rest.IndexOf((byte)0);
        text = end < 0 ? default : rest.Slice(0, end);
        rest = rest.Slice(end + 1);
        return end >= 0;
    }
}
