using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>TFTP's packets (RFC 1350, 5; RFC 2347): what is read of them, and those that a client sends.</summary>
internal static class TftpPacket
{
    public const int HeaderSize = 4;
    public const ushort ServerPort = 69;

    /// <summary>RFC 2348 asks for requests of at most 512 bytes.</summary>
    public const int MaximumRequestSize = 512;

    /// <summary>RFC 1350, 2: the block size when nothing else is agreed on.</summary>
    public const int DefaultBlockSize = 512;

    public const ushort ReadRequest = 1;
    public const ushort Data = 3;
    public const ushort Acknowledgement = 4;
    public const ushort Error = 5;

    /// <summary>RFC 2347.</summary>
    public const ushort OptionAcknowledgement = 6;

    public const ushort ErrorUndefined = 0;
    public const ushort ErrorDiskFull = 3;
    public const ushort ErrorIllegalOperation = 4;
    public const ushort ErrorUnknownTransfer = 5;
    public const ushort ErrorOptions = 8;

    /// <summary>The operation, or 0 when the packet is too short to have one.</summary>
    public static ushort Operation(ReadOnlySpan<byte> packet) =>
        packet.Length >= HeaderSize ? BinaryPrimitives.ReadUInt16BigEndian(packet)
        : packet.Length >= 2 && packet[1] == OptionAcknowledgement && packet[0] == 0 ? OptionAcknowledgement : (ushort)0;

    /// <summary>Block or error number of a packet of at least four bytes.</summary>
    public static ushort Number(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16BigEndian(packet.Slice(2));

    /// <summary>The text of an error packet, which should end in NUL, but need not.</summary>
    public static ReadOnlySpan<byte> ErrorText(ReadOnlySpan<byte> packet) => DhcpMessage.TrimName(packet.Slice(HeaderSize));

    public static int WriteAcknowledgement(Span<byte> buffer, ushort block)
    {
        BinaryPrimitives.WriteUInt16BigEndian(buffer, Acknowledgement);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(2), block);
        return HeaderSize;
    }

    /// <param name="buffer">Room for the packet.</param>
    /// <param name="code">RFC 1350, appendix.</param>
    /// <param name="text">ASCII; the buffer has room for it, the header and a NUL.</param>
    public static int WriteError(Span<byte> buffer, ushort code, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteUInt16BigEndian(buffer, Error);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(2), code);
        text.CopyTo(buffer.Slice(HeaderSize));
        buffer[HeaderSize + text.Length] = 0;
        return HeaderSize + text.Length + 1;
    }

    /// <summary>Writes a read request in octet mode.</summary>
    /// <param name="buffer">Room for the packet.</param>
    /// <param name="fileName">Without a zero in it.</param>
    /// <param name="blockSize">Asked for with tsize (RFC 2348, RFC 2349); 0 asks for no option at all.</param>
    /// <param name="window">Asked for when above 1 (RFC 7440).</param>
    /// <returns>Bytes written, or -1 when the name is too long.</returns>
    public static int WriteReadRequest(Span<byte> buffer, ReadOnlySpan<byte> fileName, int blockSize, int window)
    {
        const int Rest = 2 + 1 + 6 + 6 + 2 + 8 + 6 + 11 + 6; // all but the name, with numbers of five digits
        if (fileName.Length > Math.Min(buffer.Length, MaximumRequestSize) - Rest)
        {
            return -1;
        }

        BinaryPrimitives.WriteUInt16BigEndian(buffer, ReadRequest);
        int length = 2;
        Append(buffer, ref length, fileName);
        Append(buffer, ref length, "octet"u8);
        if (blockSize > 0)
        {
            Append(buffer, ref length, "tsize"u8);
            AppendNumber(buffer, ref length, 0);
            Append(buffer, ref length, "blksize"u8);
            AppendNumber(buffer, ref length, (uint)blockSize);
            if (window > 1)
            {
                Append(buffer, ref length, "windowsize"u8);
                AppendNumber(buffer, ref length, (uint)window);
            }
        }

        return length;
    }

    private static void Append(Span<byte> buffer, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(buffer.Slice(length));
        length += text.Length;
        buffer[length++] = 0;
    }

    private static void AppendNumber(Span<byte> buffer, ref int length, uint value)
    {
        Span<byte> digits = stackalloc byte[10];
        int at = digits.Length;
        do
        {
            digits[--at] = (byte)('0' + value % 10);
            value /= 10;
        }
        while (value != 0);
        Append(buffer, ref length, digits.Slice(at));
    }
}
