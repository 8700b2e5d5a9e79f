namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>Measures the round trip of one segment at a time, never of one that was sent twice (RFC 6298, 3: Karn's algorithm).</summary>
internal struct TcpRoundTripClock
{
    private bool _isRunning;
    private uint _sequence;
    private ulong _since;

    /// <summary>A segment that begins with <paramref name="sequence"/> goes out for the first time.</summary>
    public void OnSent(uint sequence, ulong now)
    {
        if (!_isRunning)
        {
            _isRunning = true;
            _sequence = sequence;
            _since = now;
        }
    }

    /// <summary>Something goes out again: what is acknowledged next may be either.</summary>
    public void Stop() => _isRunning = false;

    /// <returns>True when the acknowledgement is of the measured segment: microseconds since it was sent.</returns>
    public bool TryRead(uint acknowledgement, ulong now, out ulong roundTrip)
    {
        roundTrip = now - _since;
        if (!_isRunning || !TcpSequence.Less(_sequence, acknowledgement))
        {
            return false;
        }

        _isRunning = false;
        return true;
    }
}
