using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

/// <summary>Copying and comparing memory at all lengths and alignments; byte order; views.</summary>
internal static unsafe class SpanChecks
{
    private const int Most = 200;

    internal static void Run()
    {
        Span<byte> source = stackalloc byte[Most * 2];
        Span<byte> target = stackalloc byte[Most * 2];
        bool copies = true;
        bool moves = true;
        bool fills = true;
        bool compares = true;
        for (int length = 0; length < Most; length++)
        {
            for (int offset = 0; offset < 9; offset++)
            {
                Number(source);
                target.Clear();
                source.Slice(offset, length).CopyTo(target.Slice(1));
                for (int i = 0; i < target.Length; i++)
                {
                    copies &= target[i] == (i >= 1 && i <= length ? (byte)(offset + i - 1) : 0);
                }

                compares &= source.Slice(offset, length).SequenceEqual(target.Slice(1, length));
                if (length != 0)
                {
                    target[length] ^= 1;
                    compares &= !source.Slice(offset, length).SequenceEqual(target.Slice(1, length));
                }

                moves &= MovesWithin(source, 20, 20 + offset, length) && MovesWithin(source, 20 + offset, 20, length);
                target.Fill(1);
                target.Slice(offset, length).Fill(0xA5);
                for (int i = 0; i < target.Length; i++)
                {
                    fills &= target[i] == (i >= offset && i < offset + length ? 0xA5 : 1);
                }
            }
        }

        Check(copies, "copies");
        Check(moves, "overlapping copies");
        Check(fills, "fills");
        Check(compares, "comparisons");

        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        Check(BinaryPrimitives.ReadUInt32BigEndian(bytes) == 0x01020304 && BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(1)) == 0x0302 &&
            BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(1)) == 0x0203040506070809, "reading in byte order");
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0xAABBCCDD);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), 0x1122);
        Check(bytes is [0xAA, 0xBB, 0xCC, 0xDD, 0x22, 0x11, ..], "writing in byte order");
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
        Check(words.Length == 4 && words[0] == 0xBBAA, "cast to wider values");
        Big big = default;
        big.Values[3] = 77;
        Big copy = big;
        Check(copy.Values[3] == 77 && MemoryMarshal.AsBytes(new ReadOnlySpan<Big>(in copy)).Length == sizeof(Big), "struct copies");
        Check(bytes.AsSpan().IndexOf((byte)0xCC) == 2 && bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xDD, 0x22]) == 3, "searching bytes");
        Pair* pair = stackalloc Pair[2];
        pair[1] = new Pair { First = 1, Second = 2 };
        Check(*(ulong*)((byte*)pair + 16) == 2, "packed structs");
    }

    private static void Number(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)i;
        }
    }

    private static bool MovesWithin(Span<byte> bytes, int from, int to, int length)
    {
        Number(bytes);
        bytes.Slice(from, length).CopyTo(bytes.Slice(to));
        bool moved = true;
        for (int i = 0; i < bytes.Length; i++)
        {
            moved &= bytes[i] == (byte)(i >= to && i < to + length ? i - to + from : i);
        }

        return moved;
    }

    private struct Big
    {
        public fixed ulong Values[20];
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Pair
    {
        public uint First;
        public ulong Second;
    }
}
