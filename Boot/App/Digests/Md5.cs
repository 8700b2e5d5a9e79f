using System;
using System.Buffers.Binary;
using System.Numerics;

namespace NetBoot.Boot.App.Digests;

/// <summary>MD5 (RFC 1321).</summary>
public sealed class Md5() : MessageDigest(64, isBigEndian: false)
{
    private readonly uint[] _state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];

    public override int Size => 16;

    /// <summary>The table T of RFC 1321, 3.4.</summary>
    private static ReadOnlySpan<uint> Constants =>
    [
        0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
        0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
        0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
        0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
        0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
        0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
        0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
        0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
    ];

    /// <summary>How far each step rotates: four lengths in turn in each of the four rounds (RFC 1321, 3.4).</summary>
    private static ReadOnlySpan<byte> Rotations => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

    protected override void Compress(ReadOnlySpan<byte> block)
    {
        uint a = _state[0];
        uint b = _state[1];
        uint c = _state[2];
        uint d = _state[3];
        for (int i = 0; i < 64; i++)
        {
            int round = i >> 4;
            (uint mixed, int word) = round switch
            {
                0 => ((b & c) | (~b & d), i),
                1 => ((b & d) | (c & ~d), 5 * i + 1),
                2 => (b ^ c ^ d, 3 * i + 5),
                _ => (c ^ (b | ~d), 7 * i),
            };
            mixed += a + Constants[i] + BinaryPrimitives.ReadUInt32LittleEndian(block.Slice((word & 15) * sizeof(uint)));
            a = d;
            d = c;
            c = b;
            b += BitOperations.RotateLeft(mixed, Rotations[round * 4 + (i & 3)]);
        }

        _state[0] += a;
        _state[1] += b;
        _state[2] += c;
        _state[3] += d;
    }

    protected override void WriteState(Span<byte> digest)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(digest.Slice(i * sizeof(uint)), _state[i]);
        }
    }
}
