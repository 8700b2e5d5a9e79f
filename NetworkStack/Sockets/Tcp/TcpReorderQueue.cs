using System;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// What was received behind a gap: a ring of bytes, placed by their sequence numbers, and the ranges that are there. It holds
/// as much as the window ever offers, so that what was offered always fits.
/// </summary>
/// <param name="capacity">A power of two.</param>
internal sealed class TcpReorderQueue(int capacity)
{
    private const int MaximumRanges = 64;

    private readonly byte[] _bytes = new byte[capacity];
    private readonly TcpRangeList _ranges = new(MaximumRanges);

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>What is held, the range that changed last first.</summary>
    public TcpRangeList Ranges => _ranges;

    /// <summary>Keeps data that lies behind the next byte expected, within the capacity from it.</summary>
    /// <returns>False when there are too many gaps already.</returns>
    public bool TryAdd(uint sequence, ReadOnlySpan<byte> data)
    {
        if (!_ranges.TryAdd(sequence, sequence + (uint)data.Length))
        {
            return false;
        }

        int at = (int)(sequence & (uint)(_bytes.Length - 1));
        int first = Math.Min(data.Length, _bytes.Length - at);
        data.Slice(0, first).CopyTo(new Span<byte>(_bytes, at, first));
        data.Slice(first).CopyTo(_bytes);
        return true;
    }

    /// <summary>
    /// Takes out what follows <paramref name="next"/> without a gap, as far as it lies in one piece; empty when there is nothing. Call again
    /// after what was returned is used: it stays valid until the next <see cref="TryAdd"/>.
    /// </summary>
    public ReadOnlySpan<byte> Take(uint next)
    {
        _ranges.RemoveBefore(next);
        if (!_ranges.TryFind(next, out TcpRange range))
        {
            return default;
        }

        int at = (int)(next & (uint)(_bytes.Length - 1));
        int length = Math.Min((int)(range.End - next), _bytes.Length - at);
        _ranges.RemoveBefore(next + (uint)length);
        return new ReadOnlySpan<byte>(_bytes, at, length);
    }
}
