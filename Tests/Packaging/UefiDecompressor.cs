using System;
using System.IO;

namespace NetBoot.Tests.Packaging;

/// <summary>What firmware's EFI_DECOMPRESS_PROTOCOL does (UEFI 2.10, 19.3 and 19.5), bit by bit. Input that is none throws InvalidDataException.</summary>
internal ref struct UefiDecompressor
{
    private readonly ReadOnlySpan<byte> _source;
    private int _bit;

    private UefiDecompressor(ReadOnlySpan<byte> source) => _source = source;

    public static byte[] Decompress(ReadOnlySpan<byte> source)
    {
        int compressed = BitConverter.ToInt32(source);
        int original = BitConverter.ToInt32(source[4..]);
        Require(compressed <= source.Length - 8, "the compressed size is larger than what is there");
        return new UefiDecompressor(source.Slice(8, compressed)).Run(new byte[original]);
    }

    private byte[] Run(byte[] output)
    {
        int at = 0;
        while (at < output.Length)
        {
            int symbols = Bits(16);
            Code lengths = SmallCode(19, 5, gapAfter: 3);
            Code characters = CharacterCode(lengths);
            Code positions = SmallCode(14, 4, gapAfter: -1);
            for (; symbols > 0; symbols--)
            {
                Require(at < output.Length, "more symbols than output");
                int symbol = Symbol(characters);
                if (symbol < 256)
                {
                    output[at++] = (byte)symbol;
                    continue;
                }

                int width = Symbol(positions);
                int distance = 1 + (width < 2 ? width : (1 << (width - 1)) + Bits(width - 1));
                Require(distance <= at, "a match before the start");
                int length = symbol - 253;
                Require(length <= output.Length - at, "a match beyond the end");
                for (; length > 0; length--, at++)
                {
                    output[at] = output[at - distance];
                }
            }
        }

        Require(_bit <= _source.Length * 8, "bits beyond the end");
        Require(_source.Length * 8 - _bit < 8, "bytes that nobody reads");
        return output;
    }

    private Code SmallCode(int count, int countBits, int gapAfter)
    {
        int used = Bits(countBits);
        if (used == 0)
        {
            return new Code(Bits(countBits));
        }

        Require(used <= count, "a code with too many symbols");
        byte[] lengths = new byte[count];
        for (int i = 0; i < used;)
        {
            int length = Bits(3);
            while (length >= 7 && Bits(1) == 1)
            {
                length++;
            }

            lengths[i++] = (byte)length;
            if (i == gapAfter)
            {
                i += Bits(2);
            }
        }

        return new Code(lengths);
    }

    private Code CharacterCode(Code lengthCode)
    {
        int used = Bits(9);
        if (used == 0)
        {
            return new Code(Bits(9));
        }

        byte[] lengths = new byte[510];
        for (int i = 0; i < used;)
        {
            int symbol = Symbol(lengthCode);
            if (symbol > 2)
            {
                Require(i < lengths.Length, "a code with too many symbols");
                lengths[i++] = (byte)(symbol - 2);
            }
            else
            {
                i += symbol == 0 ? 1 : symbol == 1 ? 3 + Bits(4) : 20 + Bits(9);
            }
        }

        return new Code(lengths);
    }

    private int Symbol(Code code)
    {
        if (code.Only is int only)
        {
            return only;
        }

        int word = 0;
        for (int length = 1; length <= 16; length++)
        {
            word = (word << 1) | Bits(1);
            int index = word - code.FirstWord[length];
            if (index >= 0 && index < code.Symbols[length].Length)
            {
                return code.Symbols[length][index];
            }
        }

        throw new InvalidDataException("no such code word");
    }

    private int Bits(int count)
    {
        int value = 0;
        for (; count > 0; count--, _bit++)
        {
            int each = _bit / 8 < _source.Length ? (_source[_bit / 8] >> (7 - (_bit % 8))) & 1 : 0;
            value = (value << 1) | each;
        }

        return value;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise);
        }
    }

    private sealed class Code
    {
        public Code(int only) => Only = only;

        /// <summary>As edk2: a code that leaves words unused, or has too many, is none.</summary>
        public Code(byte[] lengths)
        {
            int word = 0;
            for (int length = 1; length <= 16; length++)
            {
                word <<= 1;
                FirstWord[length] = word;
                int of = length;
                Symbols[length] = [.. System.Linq.Enumerable.Where(System.Linq.Enumerable.Range(0, lengths.Length), i => lengths[i] == of)];
                word += Symbols[length].Length;
            }

            Require(word == 1 << 16, "an incomplete code");
        }

        public int? Only { get; }

        public int[] FirstWord { get; } = new int[17];

        public int[][] Symbols { get; } = new int[17][];
    }
}
