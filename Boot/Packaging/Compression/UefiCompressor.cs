using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Boot.Packaging.Compression;

/// <summary>
/// The compression that every UEFI firmware can undo with EFI_DECOMPRESS_PROTOCOL: UEFI 2.10, 19. Matches in a window of 8 KiB,
/// and for each block of matches and literals Huffman codes of its own.
/// </summary>
public static class UefiCompressor
{
    private const int Window = 8192;
    private const int ShortestMatch = 3;
    private const int LongestMatch = 256;
    private const int SymbolCount = 256 + LongestMatch - ShortestMatch + 1; // literals, then lengths
    private const int PositionCount = 14; // of a distance less one: how many bits it has
    private const int MaximumBlock = 0xFFFF;
    private const int FirstBlock = 1024;
    private const int Passes = 5;

    /// <summary>Compresses.</summary>
    /// <returns>Compressed size, original size, and the compressed bits.</returns>
    public static byte[] Compress(ReadOnlySpan<byte> data)
    {
        MatchFinder finder = new(data, Window - 1, ShortestMatch, LongestMatch);
        byte[]? best = null;
        List<Block> blocks = [];
        for (int pass = 0; pass < Passes; pass++)
        {
            blocks = Split(Parse(data, finder, blocks));
            BitWriter output = new();
            blocks.ForEach(block => block.Write(output));
            byte[] bits = output.ToArray();
            best = best == null || bits.Length < best.Length ? bits : best;
        }

        byte[] result = new byte[8 + best!.Length];
        BinaryPrimitives.WriteInt32LittleEndian(result, best.Length);
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(4), data.Length);
        best.CopyTo(result, 8);
        return result;
    }

    /// <summary>The cheapest way through the data, at what each symbol cost in the blocks of the last pass.</summary>
    private static List<Token> Parse(ReadOnlySpan<byte> data, MatchFinder finder, List<Block> lastPass)
    {
        int[] costs = new int[data.Length + 1];
        Token[] steps = new Token[data.Length + 1];
        costs.AsSpan(1).Fill(int.MaxValue);
        int block = 0;
        int end = lastPass.Count == 0 ? data.Length : lastPass[0].Size;
        Prices prices = lastPass.Count == 0 ? Prices.Guess : new Prices(lastPass[0]);
        for (int at = 0; at < data.Length; at++)
        {
            while (at >= end)
            {
                prices = new Prices(lastPass[++block]);
                end += lastPass[block].Size;
            }

            Try(at, new Token(data[at]), prices);
            int length = ShortestMatch;
            foreach ((ushort longest, ushort distance) in finder[at])
            {
                for (; length <= longest; length++)
                {
                    Try(at, new Token(length, distance), prices);
                }
            }
        }

        List<Token> tokens = [];
        for (int at = data.Length; at > 0; at -= steps[at].Size)
        {
            tokens.Add(steps[at]);
        }

        tokens.Reverse();
        return tokens;

        void Try(int at, Token token, Prices prices)
        {
            int cost = costs[at] + prices.Of(token);
            if (cost < costs[at + token.Size])
            {
                costs[at + token.Size] = cost;
                steps[at + token.Size] = token;
            }
        }
    }

    /// <summary>Small blocks, of which neighbours become one as long as that saves bits.</summary>
    private static List<Block> Split(List<Token> tokens)
    {
        List<Block> blocks = [.. tokens.Chunk(FirstBlock).Select(chunk => new Block(chunk))];
        List<Block?> joined = [.. Enumerable.Range(0, Math.Max(0, blocks.Count - 1)).Select(i => Join(blocks[i], blocks[i + 1]))];
        while (true)
        {
            int best = -1;
            int bestSaving = 0;
            for (int i = 0; i < joined.Count; i++)
            {
                int saving = joined[i] == null ? 0 : blocks[i].Bits + blocks[i + 1].Bits - joined[i]!.Bits;
                (best, bestSaving) = saving > bestSaving ? (i, saving) : (best, bestSaving);
            }

            if (best < 0)
            {
                return blocks;
            }

            blocks[best] = joined[best]!;
            blocks.RemoveAt(best + 1);
            joined.RemoveAt(best);
            if (best < joined.Count)
            {
                joined[best] = Join(blocks[best], blocks[best + 1]);
            }

            if (best > 0)
            {
                joined[best - 1] = Join(blocks[best - 1], blocks[best]);
            }
        }
    }

    private static Block? Join(Block one, Block other) =>
        one.Tokens.Length + other.Tokens.Length > MaximumBlock ? null : new Block([.. one.Tokens, .. other.Tokens]);

    private static int BitLength(int value) => 32 - int.LeadingZeroCount(value);

    /// <summary>A literal, or the repetition of what stands so far back.</summary>
    private readonly struct Token
    {
        public Token(byte literal)
        {
            Symbol = literal;
            Size = 1;
        }

        public Token(int length, int distance)
        {
            Symbol = (ushort)(256 + length - ShortestMatch);
            Size = (ushort)length;
            Position = (ushort)(distance - 1);
        }

        public ushort Symbol { get; }

        /// <summary>In bytes of the original.</summary>
        public ushort Size { get; }

        public bool IsMatch => Symbol >= 256;

        /// <summary>The distance less one.</summary>
        public ushort Position { get; }
    }

    /// <summary>What a token costs in a block's codes, in bits. What does not occur there costs what the rarest would.</summary>
    private sealed class Prices
    {
        private readonly int[] _symbols = new int[SymbolCount];
        private readonly int[] _positions = new int[PositionCount];

        public Prices(Block block)
        {
            Set(_symbols, block.Symbols, 12);
            Set(_positions, block.Positions, 6);
        }

        private Prices()
        {
            _symbols.AsSpan().Fill(8);
            _positions.AsSpan().Fill(4);
        }

        public static Prices Guess { get; } = new();

        public int Of(Token token)
        {
            int price = _symbols[token.Symbol];
            if (token.IsMatch)
            {
                int bits = BitLength(token.Position);
                price += _positions[bits] + Math.Max(0, bits - 1);
            }

            return price;
        }

        private static void Set(int[] prices, HuffmanCode code, int rare)
        {
            rare = Math.Max(rare, code.Lengths.Max());
            for (int i = 0; i < prices.Length; i++)
            {
                prices[i] = code.Lengths[i] != 0 ? code.Lengths[i] : code.Only == i ? 1 : rare;
            }
        }
    }

    /// <summary>Tokens with codes of their own: UEFI 2.10, 19.2.3 (the block's header) and 19.2.4.</summary>
    private sealed class Block
    {
        private const int RunOfThree = 1;
        private const int RunOfTwenty = 2;
        private const int FirstLength = 2; // a code length of 1 is symbol 3

        private readonly List<(int Symbol, int Extra, int ExtraBits)> _lengths;
        private readonly HuffmanCode _lengthCode;

        public Block(Token[] tokens)
        {
            Tokens = tokens;
            int[] symbols = new int[SymbolCount];
            int[] positions = new int[PositionCount];
            foreach (Token token in tokens)
            {
                symbols[token.Symbol]++;
                Size += token.Size;
                if (token.IsMatch)
                {
                    positions[BitLength(token.Position)]++;
                }
            }

            Symbols = new HuffmanCode(symbols);
            Positions = new HuffmanCode(positions);
            _lengths = ListLengths(Symbols);
            int[] frequencies = new int[16 + FirstLength + 1];
            _lengths.ForEach(each => frequencies[each.Symbol]++);
            _lengthCode = new HuffmanCode(frequencies);
            BitWriter counter = new();
            Write(counter);
            Bits = counter.ToArray().Length * 8;
        }

        public Token[] Tokens { get; }

        /// <summary>In bytes of the original.</summary>
        public int Size { get; }

        /// <summary>How long it is, rounded up to bytes.</summary>
        public int Bits { get; }

        public HuffmanCode Symbols { get; }

        public HuffmanCode Positions { get; }

        public void Write(BitWriter output)
        {
            output.Write(Tokens.Length, 16);
            WriteLengths(output, _lengthCode, 5, hasGap: true);
            output.Write(Symbols.Count, 9);
            if (Symbols.Count == 0)
            {
                output.Write(Symbols.Only ?? 0, 9);
            }

            foreach ((int symbol, int extra, int extraBits) in _lengths)
            {
                _lengthCode.Write(output, symbol);
                output.Write(extra, extraBits);
            }

            WriteLengths(output, Positions, 4, hasGap: false);
            foreach (Token token in Tokens)
            {
                Symbols.Write(output, token.Symbol);
                if (token.IsMatch)
                {
                    int bits = BitLength(token.Position);
                    Positions.Write(output, bits);
                    output.Write(token.Position, Math.Max(0, bits - 1)); // less the highest bit, which is always set
                }
            }
        }

        /// <summary>A small code's lengths: three bits, from 7 on one bit more for each; after the third of some, how many zeros follow.</summary>
        private static void WriteLengths(BitWriter output, HuffmanCode code, int countBits, bool hasGap)
        {
            output.Write(code.Count, countBits);
            if (code.Count == 0)
            {
                output.Write(code.Only ?? 0, countBits);
            }

            for (int i = 0; i < code.Count;)
            {
                int length = code.Lengths[i++];
                if (length < 7)
                {
                    output.Write(length, 3);
                }
                else
                {
                    output.Write((1 << (length - 3)) - 2, length - 3); // as many ones as it is more than 4, and a zero
                }

                if (hasGap && i == 3)
                {
                    int gap = 0;
                    while (gap < 3 && code.Lengths[i] == 0)
                    {
                        gap++;
                        i++;
                    }

                    output.Write(gap, 2);
                }
            }
        }

        /// <summary>The symbols' code lengths, with runs of zeros counted.</summary>
        private static List<(int Symbol, int Extra, int ExtraBits)> ListLengths(HuffmanCode code)
        {
            List<(int, int, int)> list = [];
            int count = code.Count;
            for (int i = 0; i < count;)
            {
                if (code.Lengths[i] != 0)
                {
                    list.Add((code.Lengths[i++] + FirstLength, 0, 0));
                    continue;
                }

                int run = code.Lengths.AsSpan(i, count - i).IndexOfAnyExcept((byte)0);
                i += run;
                if (run == 19)
                {
                    list.Add((0, 0, 0));
                    run = 18;
                }

                if (run >= 20)
                {
                    list.Add((RunOfTwenty, run - 20, 9));
                }
                else if (run >= 3)
                {
                    list.Add((RunOfThree, run - 3, 4));
                }
                else
                {
                    list.AddRange(Enumerable.Repeat((0, 0, 0), run));
                }
            }

            return list;
        }
    }
}
