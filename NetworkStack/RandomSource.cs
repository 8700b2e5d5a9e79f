using System;
using System.Buffers.Binary;
using System.Numerics;

namespace NetBoot.NetworkStack;

/// <summary>
/// Unpredictable numbers from whatever entropy there is: ChaCha20 (RFC 8439, 2.3) whose key is replaced by its own output
/// after every block, so that what was handed out cannot be computed again. Works without EFI_RNG: the caller stirs in what
/// it has (EFI_RNG, counters, addresses, time).
/// </summary>
public sealed class RandomSource
{
    private const int KeyWords = 8;
    private const int BlockWords = 16;
    private readonly uint[] _key = new uint[KeyWords];
    private readonly uint[] _block = new uint[BlockWords];
    private int _next = BlockWords;

    /// <summary>A source whose numbers follow from a seed: for tests.</summary>
    public RandomSource(ulong seed) => Stir(seed);

    /// <summary>Mixes in more entropy; never makes the state more predictable.</summary>
    public void Stir(ulong entropy)
    {
        _key[0] ^= (uint)entropy;
        _key[1] ^= (uint)(entropy >> 32);
        Refill();
        _next = BlockWords;
    }

    /// <summary>Mixes in more entropy; never makes the state more predictable.</summary>
    public void Stir(ReadOnlySpan<byte> entropy)
    {
        while (entropy.Length >= sizeof(ulong))
        {
            Stir(BinaryPrimitives.ReadUInt64LittleEndian(entropy));
            entropy = entropy.Slice(sizeof(ulong));
        }

        ulong rest = (ulong)entropy.Length << 56;
        for (int i = 0; i < entropy.Length; i++)
        {
            rest |= (ulong)entropy[i] << (8 * i);
        }

        Stir(rest);
    }

    /// <summary>32 bits, each as likely as any other.</summary>
    public uint Next32()
    {
        if (_next >= BlockWords)
        {
            Refill();
        }

        uint value = _block[_next];
        _block[_next++] = 0;
        return value;
    }

    /// <summary>A number below <paramref name="bound"/> (not 0), each as likely as another to within bound / 2^32.</summary>
    public uint Below(uint bound) => (uint)(((ulong)Next32() * bound) >> 32);

    /// <summary>
    /// A time, a tenth more or less (RFC 8415, 15; RFC 2131, 4.1): machines that were switched on together do not all ask at the same moments.
    /// </summary>
    /// <param name="time">Microseconds, below a year.</param>
    internal ulong Spread(ulong time) => time - time / 10 + Below((uint)(time / 5000)) * 1000UL;

    // The first half of a block becomes the next key, the second half is handed out.
    private void Refill()
    {
        Span<uint> start = stackalloc uint[BlockWords];
        start.Clear();
        start[0] = 0x61707865;
        start[1] = 0x3320646E;
        start[2] = 0x79622D32;
        start[3] = 0x6B206574;
        new ReadOnlySpan<uint>(_key).CopyTo(start.Slice(4));
        Block(start, _block);
        new ReadOnlySpan<uint>(_block, 0, KeyWords).CopyTo(_key);
        new Span<uint>(_block, 0, KeyWords).Clear();
        _next = KeyWords;
    }

    /// <summary>The ChaCha20 block function (RFC 8439, 2.3): twenty rounds over 16 words, then the input added.</summary>
    internal static void Block(ReadOnlySpan<uint> input, Span<uint> output)
    {
        input.CopyTo(output);
        for (int round = 0; round < 10; round++)
        {
            QuarterRound(output, 0, 4, 8, 12);
            QuarterRound(output, 1, 5, 9, 13);
            QuarterRound(output, 2, 6, 10, 14);
            QuarterRound(output, 3, 7, 11, 15);
            QuarterRound(output, 0, 5, 10, 15);
            QuarterRound(output, 1, 6, 11, 12);
            QuarterRound(output, 2, 7, 8, 13);
            QuarterRound(output, 3, 4, 9, 14);
        }

        for (int i = 0; i < BlockWords; i++)
        {
            output[i] += input[i];
        }
    }

    private static void QuarterRound(Span<uint> x, int a, int b, int c, int d)
    {
        x[a] += x[b];
        x[d] = BitOperations.RotateLeft(x[d] ^ x[a], 16);
        x[c] += x[d];
        x[b] = BitOperations.RotateLeft(x[b] ^ x[c], 12);
        x[a] += x[b];
        x[d] = BitOperations.RotateLeft(x[d] ^ x[a], 8);
        x[c] += x[d];
        x[b] = BitOperations.RotateLeft(x[b] ^ x[c], 7);
    }
}
