using System.Collections.Generic;

namespace Boot.Packaging.Compression;

/// <summary>Bits into bytes, the highest first.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> bytes = [];
    private uint pending;
    private int count;

    /// <summary>Writes the low <paramref name="length"/> bits of <paramref name="value"/>: at most 16.</summary>
    public void Write(int value, int length)
    {
        pending = (pending << length) | ((uint)value & ((1u << length) - 1));
        for (count += length; count >= 8; count -= 8)
        {
            bytes.Add((byte)(pending >> (count - 8)));
        }
    }

    /// <summary>All that was written, the last byte filled up with zeros.</summary>
    public byte[] ToArray()
    {
        Write(0, (8 - count) & 7);
        return [.. bytes];
    }
}
