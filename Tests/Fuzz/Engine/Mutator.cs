using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace NetBoot.Tests.Fuzz.Engine;

/// <summary>Makes an input out of others, as AFL's havoc stage does: a few changes at random, on top of each other.</summary>
/// <param name="random">Chance.</param>
/// <param name="maximumSize">Of what is made, in bytes.</param>
/// <param name="words">What is put in now and then.</param>
internal sealed class Mutator(Random random, int maximumSize, IEnumerable<string> words)
{
    private const int LargestStep = 35;

    private static readonly int[] s_interesting =
    [
        0, 1, 2, 4, 8, 16, 32, 64, 100, 127, 128, 255, 256, 512, 1000, 1024, 1500, 1514, 1518, 2048, 4095, 4096, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue,
        -1, -2, -4, -8,
    ];

    private readonly byte[][] _words = [.. words.Select(Encoding.Latin1.GetBytes)];
    private readonly byte[] _input = new byte[maximumSize];
    private int _size;

    /// <summary>A changed copy, which is valid until the next call.</summary>
    /// <param name="input">What is changed.</param>
    /// <param name="other">Some of which may get into it.</param>
    public ReadOnlySpan<byte> Mutate(ReadOnlySpan<byte> input, ReadOnlySpan<byte> other)
    {
        _size = Math.Min(input.Length, maximumSize);
        input[.._size].CopyTo(_input);
        for (int changes = 1 << random.Next(1, 6); changes > 0; changes--)
        {
            Change(other);
        }

        return _input.AsSpan(0, _size);
    }

    private void Change(ReadOnlySpan<byte> other)
    {
        int kind = random.Next(_words.Length == 0 ? 14 : 16);
        if (_size == 0)
        {
            kind = 9;
        }

        switch (kind)
        {
            case 0:
                _input[random.Next(_size)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
            case 2:
                _input[random.Next(_size)] = (byte)random.Next(256);
                break;
            case 3:
                _input[random.Next(_size)] += (byte)random.Next(-LargestStep, LargestStep + 1);
                break;
            case 4:
            case 5:
                Number(s_interesting[random.Next(s_interesting.Length)], isSum: false);
                break;
            case 6:
                Number(random.Next(-LargestStep, LargestStep + 1), isSum: true);
                break;
            case 7:
            case 8:
                Delete();
                break;
            case 9:
                Insert(default);
                break;
            case 10:
                Insert(Piece(_input.AsSpan(0, _size)));
                break;
            case 11:
                Overwrite(Piece(_input.AsSpan(0, _size)));
                break;
            case 12:
                Insert(Piece(other));
                break;
            case 13:
                Overwrite(Piece(other));
                break;
            default:
                Insert(_words[random.Next(_words.Length)]);
                break;
        }
    }

    /// <summary>A number of one, two or four bytes, in either order.</summary>
    private void Number(int value, bool isSum)
    {
        int width = 1 << random.Next(3);
        if (width > _size)
        {
            return;
        }

        Span<byte> place = _input.AsSpan(random.Next(_size - width + 1), width);
        bool isBig = random.Next(2) == 0;
        switch (width)
        {
            case 1:
                place[0] = (byte)(value + (isSum ? place[0] : 0));
                break;
            case 2 when isBig:
                BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)(value + (isSum ? BinaryPrimitives.ReadUInt16BigEndian(place) : 0)));
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)(value + (isSum ? BinaryPrimitives.ReadUInt16LittleEndian(place) : 0)));
                break;
            default:
                int old = isBig ? BinaryPrimitives.ReadInt32BigEndian(place) : BinaryPrimitives.ReadInt32LittleEndian(place);
                int result = value + (isSum ? old : 0);
                BinaryPrimitives.WriteInt32LittleEndian(place, isBig ? BinaryPrimitives.ReverseEndianness(result) : result);
                break;
        }
    }

    private void Delete()
    {
        int count = Length(_size);
        int at = random.Next(_size - count + 1);
        _input.AsSpan(at + count, _size - at - count).CopyTo(_input.AsSpan(at));
        _size -= count;
    }

    /// <summary>Makes room for bytes; where there are none, for one byte many times.</summary>
    private void Insert(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.IsEmpty ? random.Next(1, 17) : bytes.Length, maximumSize - _size);
        byte[] piece = new byte[count];
        if (bytes.IsEmpty)
        {
            piece.AsSpan().Fill((byte)random.Next(256));
        }
        else
        {
            bytes[..count].CopyTo(piece);
        }

        int at = random.Next(_size + 1);
        _input.AsSpan(at, _size - at).CopyTo(_input.AsSpan(at + count));
        piece.CopyTo(_input.AsSpan(at));
        _size += count;
    }

    private void Overwrite(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= _size)
        {
            bytes.CopyTo(_input.AsSpan(random.Next(_size - bytes.Length + 1)));
        }
    }

    private ReadOnlySpan<byte> Piece(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        int count = Length(bytes.Length);
        return bytes.Slice(random.Next(bytes.Length - count + 1), count);
    }

    /// <summary>Mostly few.</summary>
    private int Length(int most) => 1 + random.Next(Math.Min(most, random.Next(4) switch { 0 => 2, 1 => 8, 2 => 32, _ => most }));
}
