using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;

namespace NetBoot.Tests.App;

/// <summary>Writes PNG files after RFC 2083, with every filter in turn.</summary>
internal static class PngSample
{
    private static readonly (int X, int Y, int StepX, int StepY)[] s_passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Samples of a pixel: 1, 2, 3 or 4.</summary>
    public static int Channels(int colours) => colours switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>A whole file.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="depth">Bits of a sample.</param>
    /// <param name="colours">0, 2, 3, 4 or 6.</param>
    /// <param name="sample">Of column, row and channel.</param>
    /// <param name="isInterlaced">In seven passes.</param>
    /// <param name="before">Chunks before the data.</param>
    public static byte[] File(
        int width, int height, int depth, int colours, Func<int, int, int, int> sample, bool isInterlaced = false, params byte[][] before)
    {
        byte[] pixels = [.. (isInterlaced ? s_passes : [(0, 0, 1, 1)]).SelectMany(pass => Pass(width, height, depth, colours, sample, pass))];
        byte[] data = Compress(pixels);
        return
        [
            .. Signature, .. Header(width, height, depth, colours, isInterlaced), .. before.SelectMany(chunk => chunk),
            .. Chunk("IDAT", data[..(data.Length / 3)]), .. Chunk("IDAT", []), .. Chunk("IDAT", data[(data.Length / 3)..]), .. End,
        ];
    }

    public static byte[] Signature => [0x89, .. "PNG\r\n\x1A\n"u8];
    public static byte[] End => Chunk("IEND", []);

    public static byte[] Header(int width, int height, int depth = 8, int colours = 2, bool isInterlaced = false)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colours, (byte)(isInterlaced ? 1 : 0));
        return Chunk("IHDR", header);
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] length = new byte[4];
        byte[] crc = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        byte[] checkedPart = [.. Encoding.ASCII.GetBytes(type), .. data];
        uint register = 0xFFFFFFFF;
        foreach (byte each in checkedPart)
        {
            register ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                register = (register & 1) != 0 ? (register >> 1) ^ 0xEDB88320 : register >> 1;
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(crc, ~register);
        return [.. length, .. checkedPart, .. crc];
    }

    public static byte[] Compress(byte[] data)
    {
        MemoryStream stream = new();
        using (ZLibStream zlib = new(stream, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(data);
        }

        return stream.ToArray();
    }

    private static IEnumerable<byte> Pass(
        int width, int height, int depth, int colours, Func<int, int, int, int> sample, (int X, int Y, int StepX, int StepY) pass)
    {
        int channels = Channels(colours);
        int pixelSize = Math.Max(1, channels * depth / 8);
        byte[]? above = null;
        for (int y = pass.Y; y < height && pass.X < width; y += pass.StepY)
        {
            int rowWidth = (width - pass.X + pass.StepX - 1) / pass.StepX;
            byte[] row = new byte[(rowWidth * channels * depth + 7) / 8];
            for (int i = 0; i < rowWidth * channels; i++)
            {
                int value = sample(pass.X + i / channels * pass.StepX, y, i % channels);
                for (int bit = 0; bit < depth; bit++)
                {
                    row[(i * depth + bit) / 8] |= (byte)((value >> (depth - 1 - bit) & 1) << (7 - (i * depth + bit) % 8));
                }
            }

            int filter = y % 5;
            yield return (byte)filter;
            for (int i = 0; i < row.Length; i++)
            {
                int a = i >= pixelSize ? row[i - pixelSize] : 0;
                int b = above?[i] ?? 0;
                int c = i >= pixelSize ? above?[i - pixelSize] ?? 0 : 0;
                int p = a + b - c;
                int paeth = new[] { a, b, c }.MinBy(each => Math.Abs(p - each));
                yield return (byte)(row[i] - filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => paeth, _ => 0 });
            }

            above = row;
        }
    }
}
