using System.Collections.Generic;

namespace NetBoot.Boot.Packaging.Compression;

/// <summary>Bits into bytes, the highest first.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> _bytes = [];
    private uint _pending;
    private int _count;

    /// <summary>Writes the low <paramref name="length"/> bits of <paramref name="value"/>: at most 16.</summary>
    public void Write(int value, int length)
    {
        _pending = (_pending << length) | ((uint)value & ((1u << length) - 1));
        for (_count += length; _count >= 8; _count -= 8)
        {
            _bytes.Add((byte)(_pending >> (_count - 8)));
        }
    }

    /// <summary>All that was written, the last byte filled up with zeros.</summary>
    public byte[] ToArray()
    {
        Write(0, (8 - _count) & 7);
        return [.. _bytes];
    }
}
