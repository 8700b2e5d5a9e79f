using System;

namespace NetBoot.Boot.App.Compression;

/// <summary>The Adler-32 of zlib (RFC 1950, 8.2).</summary>
public sealed class Adler32 : Checksum
{
    private const uint Modulus = 65521;

    /// <summary>So many bytes cannot make the sums overflow 32 bits.</summary>
    private const int LongestPiece = 5552;

    private uint _sum = 1;
    private uint _sumOfSums;

    public override uint Value => (_sumOfSums << 16) | _sum;

    public override void Update(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            ReadOnlySpan<byte> piece = data.Slice(0, Math.Min(data.Length, LongestPiece));
            data = data.Slice(piece.Length);
            foreach (byte each in piece)
            {
                _sum += each;
                _sumOfSums += _sum;
            }

            _sum %= Modulus;
            _sumOfSums %= Modulus;
        }
    }
}
