using System;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// How many bytes the peer may send ahead. What limits us is not memory (the owner takes everything at once) but the
/// receive ring below SNP, whose size nobody tells: a window beyond it makes the peer overrun it, again and again.
/// </summary>
/// <remarks>
/// It starts modest, and doubles while the peer is held up by it: when a whole window arrives within about a round-trip time.
/// It is cut when losses look like a full ring: behind a run of frames that came back to back and was either most of the
/// window or lost several. A single loss in a thin stream is the network's, and only the sender's business. After a cut it
/// grows by small steps, and waits longer for each try.
/// </remarks>
internal struct TcpReceiveWindow
{
    public const int Initial = 64 * 1024;

    // A run of frames shorter than this cannot have filled any ring.
    private const int ShortestRing = 8;
    private const int MinimumSegments = 8;
    private const int FirstPatience = 4;
    private const int LongestPatience = 64;

    private readonly int _maximum;
    private readonly int _minimum;
    private readonly int _segment;
    private int _size;
    private int _patience;
    private int _cleanEpochs;
    private uint _epochEnd;
    private uint _cutUntil;
    private ulong _epochStart;
    private bool _epochHadLoss;

    /// <param name="segment">The largest segment we receive.</param>
    /// <param name="maximum">The most that can be offered and kept.</param>
    /// <param name="next">The first sequence number of the stream.</param>
    /// <param name="now">Microseconds.</param>
    public TcpReceiveWindow(int segment, int maximum, uint next, ulong now)
    {
        _segment = segment;
        _maximum = maximum;
        _minimum = Math.Min(MinimumSegments * segment, maximum);
        _size = Math.Min(Initial, maximum);
        _epochEnd = next + (uint)_size;
        _epochStart = now;
        _cutUntil = next;
    }

    public readonly int Size => _size;

    /// <summary>Everything before <paramref name="next"/> has arrived.</summary>
    /// <param name="next">RCV.NXT.</param>
    /// <param name="roundTrip">Microseconds.</param>
    /// <param name="now">Microseconds.</param>
    public void OnProgress(uint next, ulong roundTrip, ulong now)
    {
        if (TcpSequence.Less(next, _epochEnd))
        {
            return;
        }

        // The clock is read once a round, and a round may take a millisecond.
        if (!_epochHadLoss && now - _epochStart <= 2 * roundTrip + 1000)
        {
            if (_patience == 0)
            {
                _size = Math.Min(_size * 2, _maximum);
            }
            else if (++_cleanEpochs >= _patience)
            {
                _cleanEpochs = 0;
                _size = Math.Min(_size + Math.Max(_size / 16, _segment), _maximum);
            }
        }

        StartEpoch(next, now);
    }

    /// <summary>Segments are missing between <paramref name="next"/> and what has just arrived.</summary>
    /// <param name="next">RCV.NXT.</param>
    /// <param name="missing">Bytes in the gaps.</param>
    /// <param name="gaps">How many gaps there are.</param>
    /// <param name="burst">Frames that came back to back before the loss.</param>
    /// <param name="offered">The end of what the peer may send.</param>
    /// <param name="now">Microseconds.</param>
    public void OnGap(uint next, int missing, int gaps, int burst, uint offered, ulong now)
    {
        _epochHadLoss = true;
        long run = (long)burst * _segment;
        bool isRing = burst >= ShortestRing && (run >= _size / 2 || gaps > 1 || missing > _segment);
        if (!isRing || TcpSequence.Less(next, _cutUntil))
        {
            return;
        }

        // The run was what the ring holds, unless the ring never got empty.
        int apparent = run < _size ? (int)(run * 7 / 8) : 0;
        _size = Math.Max(Math.Max(apparent, _size / 2), _minimum);
        _patience = _patience == 0 ? FirstPatience : Math.Min(_patience * 2, LongestPatience);
        _cleanEpochs = 0;
        _cutUntil = offered; // Losses in what was already offered are the same event.
        StartEpoch(next, now);
        _epochHadLoss = true;
    }

    private void StartEpoch(uint next, ulong now)
    {
        _epochEnd = next + (uint)_size;
        _epochStart = now;
        _epochHadLoss = false;
        if (!TcpSequence.Less(next, _cutUntil))
        {
            _cutUntil = next; // It stays near: of numbers 2 GiB apart nobody can tell which is before the other.
        }
    }
}
