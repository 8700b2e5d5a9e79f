using System;
using System.Buffers.Binary;
using System.Numerics;

namespace NetBoot.Boot.App.Digests;

/// <summary>SHA-256 (FIPS 180-4, 6.2).</summary>
public sealed class Sha256() : MessageDigest(64, isBigEndian: true)
{
    private readonly uint[] _state = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];
    private readonly uint[] _schedule = new uint[64];

    public override int Size => 32;

    protected override void Compress(ReadOnlySpan<byte> block)
    {
        uint[] w = _schedule;
        for (int t = 0; t < w.Length; t++)
        {
            w[t] = t < 16
                ? BinaryPrimitives.ReadUInt32BigEndian(block.Slice(t * sizeof(uint)))
                : w[t - 16] + Rotate(w[t - 15], 7, 18, w[t - 15] >> 3) + w[t - 7] + Rotate(w[t - 2], 17, 19, w[t - 2] >> 10);
        }

        uint a = _state[0];
        uint b = _state[1];
        uint c = _state[2];
        uint d = _state[3];
        uint e = _state[4];
        uint f = _state[5];
        uint g = _state[6];
        uint h = _state[7];
        for (int t = 0; t < w.Length; t++)
        {
            uint first = h + Rotate(e, 6, 11, BitOperations.RotateRight(e, 25)) + ((e & f) ^ (~e & g)) + (uint)(Sha512.Constants[t] >> 32) + w[t];
            uint second = Rotate(a, 2, 13, BitOperations.RotateRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + first;
            d = c;
            c = b;
            b = a;
            a = first + second;
        }

        _state[0] += a;
        _state[1] += b;
        _state[2] += c;
        _state[3] += d;
        _state[4] += e;
        _state[5] += f;
        _state[6] += g;
        _state[7] += h;
    }

    protected override void WriteState(Span<byte> digest)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest.Slice(i * sizeof(uint)), _state[i]);
        }
    }

    private static uint Rotate(uint value, int first, int second, uint third) =>
        BitOperations.RotateRight(value, first) ^ BitOperations.RotateRight(value, second) ^ third;
}
