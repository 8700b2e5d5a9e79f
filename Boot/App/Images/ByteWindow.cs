using System;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// What is seen of bytes that come one after the other without being anywhere as a whole: <paramref name="room"/> of them behind the first
/// <paramref name="skip"/>. The default value sees none, and only counts.
/// </summary>
/// <param name="skip">Bytes in front of the window.</param>
/// <param name="target">Where those in it go.</param>
/// <param name="room">Bytes that <paramref name="target"/> has room for.</param>
public unsafe struct ByteWindow(ulong skip, byte* target, ulong room)
{
    private const int Alignment = 4;

    private ulong _skip = skip;
    private byte* _target = target;
    private ulong _room = room;

    /// <summary>Bytes that came, seen or not.</summary>
    public ulong Position { get; private set; }

    public void Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            Write(bytes, (ulong)data.Length);
        }
    }

    public void Write(byte* data, ulong length)
    {
        Position += length;
        ulong skipped = Math.Min(_skip, length);
        _skip -= skipped;
        ulong count = Math.Min(length - skipped, _room);
        Copy(data + skipped, _target, count);
        _target += count;
        _room -= count;
    }

    /// <summary>Zeros up to a multiple of four bytes.</summary>
    public void Align() => Write("\0\0\0"u8.Slice(0, (int)((0 - Position) & (Alignment - 1))));

    /// <summary>Copies more than a span can have.</summary>
    public static void Copy(byte* from, byte* to, ulong length)
    {
        while (length > 0)
        {
            int count = (int)Math.Min(length, 1 << 30);
            new ReadOnlySpan<byte>(from, count).CopyTo(new Span<byte>(to, count));
            from += count;
            to += count;
            length -= (ulong)count;
        }
    }
}
