using System;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>The bytes that were given to be sent and are not acknowledged yet.</summary>
internal sealed class TcpSendBuffer(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private int _start;

    public int Count { get; private set; }

    /// <returns>How many of the bytes found room.</returns>
    public int Append(ReadOnlySpan<byte> data)
    {
        int taken = Math.Min(data.Length, _bytes.Length - Count);
        int at = (_start + Count) % _bytes.Length;
        int first = Math.Min(taken, _bytes.Length - at);
        data.Slice(0, first).CopyTo(new Span<byte>(_bytes, at, first));
        data.Slice(first, taken - first).CopyTo(_bytes);
        Count += taken;
        return taken;
    }

    /// <param name="offset">From the oldest byte; offset and the destination's length stay within <see cref="Count"/>.</param>
    /// <param name="destination">Is filled.</param>
    public void CopyTo(int offset, Span<byte> destination)
    {
        int at = (_start + offset) % _bytes.Length;
        int first = Math.Min(destination.Length, _bytes.Length - at);
        new ReadOnlySpan<byte>(_bytes, at, first).CopyTo(destination);
        new ReadOnlySpan<byte>(_bytes, 0, destination.Length - first).CopyTo(destination.Slice(first));
    }

    /// <summary>Forgets the oldest bytes, at most <see cref="Count"/>.</summary>
    public void Release(int count)
    {
        _start = (_start + count) % _bytes.Length;
        Count -= count;
    }
}
