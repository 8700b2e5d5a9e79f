using System;

namespace NetworkStack.Tcp;

/// <summary>
/// How many bytes the peer may send ahead. What limits us is not memory (the owner takes everything at once) but the
/// receive ring below SNP, whose size nobody tells: a window beyond it makes the peer overrun it, again and again.
/// </summary>
/// <remarks>
/// It starts modest. It grows while the peer is held up by it: when a whole window arrives within about a round-trip time.
/// It is cut when several segments are lost behind a run of frames that came back to back, which is how a full ring looks; a
/// single loss, or loss in a thin stream, is the network's and only the sender's business. After a cut it grows slowly.
/// </remarks>
internal struct TcpReceiveWindow
{
    public const int Initial = 64 * 1024;

    // A run of frames shorter than this cannot have filled any ring.
    private const int ShortestRing = 8;
    private const int MinimumSegments = 8;

    private readonly int _maximum;
    private readonly int _minimum;
    private readonly int _segment;
    private int _size;
    private int _threshold;
    private uint _epochEnd;
    private uint _cutUntil;
    private ulong _epochStart;
    private bool _epochHadLoss;

    /// <param name="segment">The largest segment we receive.</param>
    /// <param name="maximum">The most that can be offered and kept.</param>
    /// <param name="next">The first sequence number of the stream.</param>
    public TcpReceiveWindow(int segment, int maximum, uint next, ulong now)
    {
        _segment = segment;
        _maximum = maximum;
        _minimum = Math.Min(MinimumSegments * segment, maximum);
        _size = Math.Min(Initial, maximum);
        _threshold = maximum;
        _epochEnd = next + (uint)_size;
        _epochStart = now;
        _cutUntil = next;
    }

    public readonly int Size => _size;

    /// <summary>Everything before <paramref name="next"/> has arrived.</summary>
    /// <param name="roundTrip">Microseconds.</param>
    public void OnProgress(uint next, ulong roundTrip, ulong now)
    {
        if (TcpSequence.Less(next, _epochEnd))
        {
            return;
        }

        // The clock is read once a round; a round may take a millisecond.
        if (!_epochHadLoss && now - _epochStart <= 2 * roundTrip + 1000)
        {
            int grown = _size < _threshold ? Math.Min(_size * 2, _threshold) : _size + 4 * _segment;
            _size = Math.Min(Math.Max(grown, _size), _maximum);
        }
        StartEpoch(next, now);
    }

    /// <summary>Segments are missing between <paramref name="next"/> and what has just arrived.</summary>
    /// <param name="missing">Bytes in the gaps.</param>
    /// <param name="gaps">How many gaps there are.</param>
    /// <param name="burst">Frames since the link was last seen empty.</param>
    /// <param name="offered">The end of what the peer may send.</param>
    public void OnGap(uint next, int missing, int gaps, int burst, uint offered, ulong now)
    {
        _epochHadLoss = true;
        if (burst < ShortestRing || (gaps < 2 && missing < 2 * _segment) || TcpSequence.Less(next, _cutUntil))
        {
            return;
        }
        _size = Math.Max(_size / 2, _minimum);
        _threshold = _size;
        _cutUntil = offered; // Losses in what was already offered are the same event.
        StartEpoch(next, now);
        _epochHadLoss = true;
    }

    private void StartEpoch(uint next, ulong now)
    {
        _epochEnd = next + (uint)_size;
        _epochStart = now;
        _epochHadLoss = false;
    }
}
