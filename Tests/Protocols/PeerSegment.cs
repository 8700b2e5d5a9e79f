using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace NetBoot.Tests.Protocols;

/// <summary>A TCP segment of a scripted host (RFC 9293, 3.1; RFC 7323; RFC 2018). Written apart from the product's own wire formats.</summary>
internal sealed class PeerSegment
{
    public const byte Fin = 1;
    public const byte Syn = 2;
    public const byte Rst = 4;
    public const byte Psh = 8;
    public const byte Ack = 16;

    private const int HeaderSize = 20;

    public ushort SourcePort { get; init; }
    public ushort DestinationPort { get; init; }
    public uint Sequence { get; init; }
    public uint Acknowledgement { get; init; }
    public byte Flags { get; init; }
    public ushort Window { get; init; }
    public byte[] Data { get; init; } = [];

    /// <summary>0 without the option.</summary>
    public ushort MaximumSegmentSize { get; set; }

    /// <summary>-1 without the option.</summary>
    public int WindowShift { get; set; } = -1;

    public bool IsSackPermitted { get; set; }
    public (uint Value, uint Echo)? Timestamp { get; set; }
    public List<(uint Left, uint Right)> Sack { get; } = [];

    public bool Has(byte flag) => (Flags & flag) != 0;

    public static PeerSegment Parse(ReadOnlySpan<byte> bytes)
    {
        int headerSize = (bytes[12] >> 4) * 4;
        PeerSegment segment = new()
        {
            SourcePort = BinaryPrimitives.ReadUInt16BigEndian(bytes),
            DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            Acknowledgement = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            Flags = bytes[13],
            Window = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]),
            Data = bytes[headerSize..].ToArray(),
        };
        segment.ParseOptions(bytes[HeaderSize..headerSize]);
        return segment;
    }

    /// <summary>All but the checksum, which stays 0.</summary>
    public byte[] ToBytes()
    {
        byte[] options = Options();
        byte[] bytes = new byte[HeaderSize + options.Length + Data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), Acknowledgement);
        bytes[12] = (byte)((HeaderSize + options.Length) << 2);
        bytes[13] = Flags;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), Window);
        options.CopyTo(bytes, HeaderSize);
        Data.CopyTo(bytes, HeaderSize + options.Length);
        return bytes;
    }

    private void ParseOptions(ReadOnlySpan<byte> options)
    {
        while (options.Length > 1 && options[0] != 0)
        {
            if (options[0] == 1)
            {
                options = options[1..];
                continue;
            }

            ReadOnlySpan<byte> value = options[2..options[1]];
            switch (options[0])
            {
                case 2:
                    MaximumSegmentSize = BinaryPrimitives.ReadUInt16BigEndian(value);
                    break;
                case 3:
                    WindowShift = value[0];
                    break;
                case 4:
                    IsSackPermitted = true;
                    break;
                case 5:
                    for (int i = 0; i < value.Length; i += 8)
                    {
                        Sack.Add((BinaryPrimitives.ReadUInt32BigEndian(value[i..]), BinaryPrimitives.ReadUInt32BigEndian(value[(i + 4)..])));
                    }

                    break;
                case 8:
                    Timestamp = (BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt32BigEndian(value[4..]));
                    break;
            }

            options = options[options[1]..];
        }
    }

    private byte[] Options()
    {
        List<byte> options = [];
        if (MaximumSegmentSize != 0)
        {
            options.AddRange([2, 4, (byte)(MaximumSegmentSize >> 8), (byte)MaximumSegmentSize]);
        }

        if (WindowShift >= 0)
        {
            options.AddRange([1, 3, 3, (byte)WindowShift]);
        }

        if (IsSackPermitted)
        {
            options.AddRange([1, 1, 4, 2]);
        }

        if (Timestamp is (uint value, uint echo))
        {
            options.AddRange([1, 1, 8, 10, .. BigEndian(value), .. BigEndian(echo)]);
        }

        if (Sack.Count > 0)
        {
            options.AddRange([1, 1, 5, (byte)(2 + (8 * Sack.Count))]);
            foreach ((uint left, uint right) in Sack)
            {
                options.AddRange([.. BigEndian(left), .. BigEndian(right)]);
            }
        }

        return [.. options];
    }

    private static byte[] BigEndian(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
