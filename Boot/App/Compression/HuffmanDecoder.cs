using System;

namespace NetBoot.Boot.App.Compression;

/// <summary>
/// A prefix code of DEFLATE (RFC 1951, 3.2.2), read from the lowest bit on: short codes by a table, longer ones a bit at a time.
/// </summary>
/// <param name="capacity">The most symbols that there may be.</param>
public sealed class HuffmanDecoder(int capacity)
{
    /// <summary>Bits of the longest code.</summary>
    public const int MaximumLength = 15;

    private const int TableBits = 9;
    private const int LengthBits = 4;

    /// <summary>By the next bits: the symbol above the length of its code; 0 for longer codes and for none.</summary>
    private readonly ushort[] _table = new ushort[1 << TableBits];

    /// <summary>How many codes there are of each length.</summary>
    private readonly ushort[] _counts = new ushort[MaximumLength + 1];

    /// <summary>Symbols in the order of their codes.</summary>
    private readonly ushort[] _symbols = new ushort[capacity];

    /// <summary>Takes the lengths of the symbols' codes, 0 for symbols without one.</summary>
    /// <returns>
    /// False when more codes are claimed than there is room for, or fewer; only a code of nothing, or of one bit alone, may be incomplete
    /// (RFC 1951, 3.2.7).
    /// </returns>
    public bool TryBuild(ReadOnlySpan<byte> lengths)
    {
        Array.Clear(_counts);
        Array.Clear(_table);
        foreach (byte length in lengths)
        {
            _counts[length]++;
        }

        int used = lengths.Length - _counts[0];
        _counts[0] = 0;
        int room = 1;
        for (int length = 1; length <= MaximumLength; length++)
        {
            room = room * 2 - _counts[length];
            if (room < 0)
            {
                return false;
            }
        }

        if (room > 0 && used != _counts[1])
        {
            return false;
        }

        int code = 0;
        int index = 0;
        for (int length = 1; length <= MaximumLength; length++, code <<= 1)
        {
            for (int symbol = 0; symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] == length)
                {
                    _symbols[index++] = (ushort)symbol;
                    Enter(code++, length, symbol);
                }
            }
        }

        return true;
    }

    /// <summary>The symbol whose code comes next, or -1 when none does.</summary>
    /// <param name="bits">What comes next, from the lowest bit on; zeros behind the data's end.</param>
    /// <param name="length">The bits of the code.</param>
    public int Decode(ulong bits, out int length)
    {
        int entry = _table[(int)bits & (_table.Length - 1)];
        if (entry != 0)
        {
            length = entry & ((1 << LengthBits) - 1);
            return entry >> LengthBits;
        }

        int code = 0;
        int first = 0;
        int index = 0;
        for (length = 1; length <= MaximumLength; length++)
        {
            code |= (int)bits & 1;
            bits >>= 1;
            int count = _counts[length];
            if (code - first < count)
            {
                return _symbols[index + code - first];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        return -1;
    }

    /// <summary>Enters a short code wherever its bits, which are read from the highest on, are the lowest.</summary>
    private void Enter(int code, int length, int symbol)
    {
        if (length > TableBits)
        {
            return;
        }

        int reversed = 0;
        for (int bit = 0; bit < length; bit++)
        {
            reversed = (reversed << 1) | ((code >> bit) & 1);
        }

        for (int at = reversed; at < _table.Length; at += 1 << length)
        {
            _table[at] = (ushort)((symbol << LengthBits) | length);
        }
    }
}
