using System;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Boot.Packaging.Compression;

/// <summary>The best prefix code with no code word longer than 16 bits, numbered canonically: shorter words first, then by symbol.</summary>
internal sealed class HuffmanCode
{
    private const int LongestWord = 16;

    /// <param name="frequencies">How often each symbol occurs.</param>
    public HuffmanCode(int[] frequencies)
    {
        Lengths = new byte[frequencies.Length];
        Words = new ushort[frequencies.Length];
        Node[] leaves =
        [
            .. from symbol in Enumerable.Range(0, frequencies.Length)
               where frequencies[symbol] != 0
               orderby frequencies[symbol]
               select new Node(frequencies[symbol], symbol, null, null),
        ];
        Only = leaves.Length == 1 ? leaves[0].Symbol : null;
        if (leaves.Length > 1)
        {
            SetLengths(leaves);
            SetWords();
        }
    }

    /// <summary>In bits, by symbol; 0 for what does not occur, and for a symbol that is the only one.</summary>
    public byte[] Lengths { get; }

    public ushort[] Words { get; }

    /// <summary>The symbol, if there is but one: its word is empty.</summary>
    public int? Only { get; }

    /// <summary>One more than the highest symbol with a word; 0 if there is none.</summary>
    public int Count => Array.FindLastIndex(Lengths, length => length != 0) + 1;

    public void Write(BitWriter output, int symbol) => output.Write(Words[symbol], Lengths[symbol]);

    // Package-merge: Larmore and Hirschberg, "A fast algorithm for optimal length-limited Huffman codes", J. ACM 37 (1990).
    private void SetLengths(Node[] leaves)
    {
        List<Node> row = [.. leaves];
        for (int level = 1; level < LongestWord; level++)
        {
            List<Node> next = new(2 * leaves.Length);
            int leaf = 0;
            for (int i = 0; i + 1 < row.Count; i += 2)
            {
                long weight = row[i].Weight + row[i + 1].Weight;
                while (leaf < leaves.Length && leaves[leaf].Weight <= weight)
                {
                    next.Add(leaves[leaf++]);
                }

                next.Add(new Node(weight, -1, row[i], row[i + 1]));
            }

            next.AddRange(leaves.AsSpan(leaf));
            row = next;
        }

        for (int i = 0; i < (2 * leaves.Length) - 2; i++)
        {
            CountLeaves(row[i]);
        }
    }

    private void CountLeaves(Node node)
    {
        if (node.Left == null)
        {
            Lengths[node.Symbol]++;
            return;
        }

        CountLeaves(node.Left);
        CountLeaves(node.Right!);
    }

    private void SetWords()
    {
        int word = 0;
        for (int length = 1; length <= LongestWord; length++, word <<= 1)
        {
            for (int symbol = 0; symbol < Lengths.Length; symbol++)
            {
                if (Lengths[symbol] == length)
                {
                    Words[symbol] = (ushort)word++;
                }
            }
        }
    }

    private sealed record Node(long Weight, int Symbol, Node? Left, Node? Right);
}
