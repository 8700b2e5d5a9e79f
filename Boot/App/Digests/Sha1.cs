using System;
using System.Buffers.Binary;
using System.Numerics;

namespace NetBoot.Boot.App.Digests;

/// <summary>SHA-1 (FIPS 180-4, 6.1).</summary>
public sealed class Sha1() : MessageDigest(64, isBigEndian: true)
{
    private readonly uint[] _state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];
    private readonly uint[] _schedule = new uint[80];

    public override int Size => 20;

    protected override void Compress(ReadOnlySpan<byte> block)
    {
        uint[] w = _schedule;
        for (int t = 0; t < w.Length; t++)
        {
            w[t] = t < 16
                ? BinaryPrimitives.ReadUInt32BigEndian(block.Slice(t * sizeof(uint)))
                : BitOperations.RotateLeft(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        }

        uint a = _state[0];
        uint b = _state[1];
        uint c = _state[2];
        uint d = _state[3];
        uint e = _state[4];
        for (int t = 0; t < w.Length; t++)
        {
            uint mixed = (t / 20) switch
            {
                0 => ((b & c) ^ (~b & d)) + 0x5A827999,
                1 => (b ^ c ^ d) + 0x6ED9EBA1,
                2 => ((b & c) ^ (b & d) ^ (c & d)) + 0x8F1BBCDC,
                _ => (b ^ c ^ d) + 0xCA62C1D6,
            };
            mixed += BitOperations.RotateLeft(a, 5) + e + w[t];
            e = d;
            d = c;
            c = BitOperations.RotateLeft(b, 30);
            b = a;
            a = mixed;
        }

        _state[0] += a;
        _state[1] += b;
        _state[2] += c;
        _state[3] += d;
        _state[4] += e;
    }

    protected override void WriteState(Span<byte> digest)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest.Slice(i * sizeof(uint)), _state[i]);
        }
    }
}
