using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Writes pairs of key and value into fixed room.</summary>
internal ref struct IscsiTextWriter(Span<byte> room)
{
    private readonly Span<byte> _room = room;

    public int Length { get; private set; }

    /// <summary>Something did not fit.</summary>
    public bool IsCut { get; private set; }

    public void Add(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        Put(key);
        Put("="u8);
        Put(value);
        Put("\0"u8);
    }

    /// <summary>A value of characters that are bytes.</summary>
    public void Add(scoped ReadOnlySpan<byte> key, string value)
    {
        Put(key);
        Put("="u8);
        foreach (char c in value)
        {
            Put((byte)c);
        }

        Put("\0"u8);
    }

    public void Add(scoped ReadOnlySpan<byte> key, uint value)
    {
        Span<byte> digits = stackalloc byte[10];
        int at = digits.Length;
        do
        {
            digits[--at] = (byte)('0' + value % 10);
            value /= 10;
        }
        while (value != 0);
        Add(key, digits.Slice(at));
    }

    /// <summary>Bytes, in hexadecimal.</summary>
    public void AddBytes(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        Put(key);
        Put("=0x"u8);
        foreach (byte b in value)
        {
            Put("0123456789abcdef"u8[b >> 4]);
            Put("0123456789abcdef"u8[b & 15]);
        }

        Put("\0"u8);
    }

    private void Put(scoped ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            Put(b);
        }
    }

    private void Put(byte b)
    {
        if (Length == _room.Length)
        {
            IsCut = true;
            return;
        }

        _room[Length++] = b;
    }
}
