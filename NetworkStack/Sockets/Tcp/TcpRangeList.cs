namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// A bounded set of disjoint ranges, the one that changed last first: the order in which SACK reports them (RFC 2018, 4).
/// </summary>
internal sealed class TcpRangeList(int capacity)
{
    private readonly TcpRange[] _ranges = new TcpRange[capacity];

    public int Count { get; private set; }

    public TcpRange this[int index] => _ranges[index];

    /// <summary>Bytes in all ranges.</summary>
    public uint Size
    {
        get
        {
            uint size = 0;
            for (int i = 0; i < Count; i++)
            {
                size += _ranges[i].End - _ranges[i].Start;
            }

            return size;
        }
    }

    /// <summary>Adds a range (not empty), and joins it with those that it overlaps or touches.</summary>
    /// <returns>False when there is no room for one more: nothing was added.</returns>
    public bool TryAdd(uint start, uint end)
    {
        int kept = 0;
        bool joins = false;
        for (int i = 0; i < Count; i++)
        {
            joins |= Touches(_ranges[i], start, end);
        }

        if (!joins && Count == _ranges.Length)
        {
            return false;
        }

        for (int i = 0; i < Count; i++)
        {
            TcpRange range = _ranges[i];
            if (Touches(range, start, end))
            {
                start = TcpSequence.Min(start, range.Start);
                end = TcpSequence.Max(end, range.End);
            }
            else
            {
                _ranges[kept++] = range;
            }
        }

        for (int i = kept; i > 0; i--)
        {
            _ranges[i] = _ranges[i - 1];
        }

        _ranges[0] = new TcpRange(start, end);
        Count = kept + 1;
        return true;
    }

    /// <summary>Forgets everything before <paramref name="sequence"/>.</summary>
    public void RemoveBefore(uint sequence)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            TcpRange range = _ranges[i];
            if (TcpSequence.Less(sequence, range.End))
            {
                _ranges[kept++] = new TcpRange(TcpSequence.Max(range.Start, sequence), range.End);
            }
        }

        Count = kept;
    }

    /// <summary>The range that <paramref name="sequence"/> lies in.</summary>
    public bool TryFind(uint sequence, out TcpRange range)
    {
        for (int i = 0; i < Count; i++)
        {
            range = _ranges[i];
            if (TcpSequence.LessOrEqual(range.Start, sequence) && TcpSequence.Less(sequence, range.End))
            {
                return true;
            }
        }

        range = default;
        return false;
    }

    /// <summary>The first hole at or after <paramref name="sequence"/> that has a range behind it.</summary>
    public bool TryFindHole(uint sequence, out TcpRange hole)
    {
        hole = default;
        while (TryFind(sequence, out TcpRange range))
        {
            sequence = range.End;
        }

        bool found = false;
        for (int i = 0; i < Count; i++)
        {
            uint start = _ranges[i].Start;
            if (TcpSequence.Less(sequence, start) && (!found || TcpSequence.Less(start, hole.End)))
            {
                hole = new TcpRange(sequence, start);
                found = true;
            }
        }

        return found;
    }

    public void Clear() => Count = 0;

    // Adding must give one range even where the new one joins two that were apart: both touch it as it was given.
    private static bool Touches(TcpRange range, uint start, uint end) =>
        TcpSequence.LessOrEqual(range.Start, end) && TcpSequence.LessOrEqual(start, range.End);
}
