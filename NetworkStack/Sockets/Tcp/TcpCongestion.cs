using System;
using System.Runtime.CompilerServices;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>How much may be in flight: slow start and congestion avoidance (RFC 5681), fast recovery (RFC 6582). All in bytes.</summary>
/// <param name="initialSequence">ISS: nothing before it is ever recovered.</param>
internal struct TcpCongestion(uint initialSequence)
{
    private const int InitialSegments = 10; // RFC 6928
    private const int DuplicatesForLoss = 3;

    private uint _slowStartThreshold = int.MaxValue;
    private uint _recover = initialSequence; // RFC 6582, 3.2: the highest number sent when the loss was noticed.
    private int _duplicates;

    /// <summary>cwnd.</summary>
    public uint Window { get; private set; }

    /// <summary>A loss was noticed, and not all that was in flight then is acknowledged.</summary>
    public bool IsRecovering { get; private set; }

    /// <summary>The peer's segment size is known.</summary>
    public void Begin(uint segmentSize) => Window = InitialSegments * segmentSize;

    /// <summary>Counts a duplicate acknowledgement.</summary>
    /// <param name="segmentSize">The most bytes of data in a segment.</param>
    /// <param name="sacked">Bytes that the peer has behind gaps.</param>
    /// <param name="sndUna">SND.UNA.</param>
    /// <param name="sndMax">The number after the last that was sent.</param>
    /// <returns>True when it shows a loss for the first time: recovery begins.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLoss(uint segmentSize, uint sacked, uint sndUna, uint sndMax)
    {
        _duplicates++;
        bool isLoss = _duplicates >= DuplicatesForLoss || sacked >= DuplicatesForLoss * segmentSize;
        if (!isLoss || !TcpSequence.Less(_recover, sndUna))
        {
            return false;
        }

        _slowStartThreshold = HalfOf(sndMax - sndUna, segmentSize);
        Window = _slowStartThreshold + (DuplicatesForLoss * segmentSize);
        IsRecovering = true;
        _recover = sndMax;
        return true;
    }

    /// <summary>While recovering, a duplicate acknowledgement says that a segment has left the network.</summary>
    public void OnDuplicateInRecovery(uint segmentSize)
    {
        _duplicates++;
        Window += segmentSize;
    }

    /// <summary>New data was acknowledged.</summary>
    /// <param name="acknowledgement">SEG.ACK.</param>
    /// <param name="count">How many bytes.</param>
    /// <param name="segmentSize">The most bytes of data in a segment.</param>
    /// <returns>True when it is a partial acknowledgement, which shows the next hole (RFC 6582, 3.2).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool OnNewlyAcknowledged(uint acknowledgement, uint count, uint segmentSize)
    {
        if (IsRecovering && TcpSequence.Less(acknowledgement, _recover))
        {
            Window = Math.Max(Window - Math.Min(count, Window), segmentSize) + segmentSize;
            return true;
        }

        _duplicates = 0;
        if (IsRecovering)
        {
            IsRecovering = false;
            Window = _slowStartThreshold;
            return false;
        }

        Window += Window < _slowStartThreshold ? Math.Min(count, 2 * segmentSize) : Math.Max(segmentSize * segmentSize / Window, 1);
        Window = Math.Min(Window, 2 * TcpConnection.SendCapacity);
        return false;
    }

    /// <summary>Nothing was acknowledged for so long that all in flight counts as lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnTimeout(uint segmentSize, uint sndUna, uint sndMax)
    {
        _slowStartThreshold = HalfOf(sndMax - sndUna, segmentSize);
        Window = segmentSize;
        _recover = sndMax;
        IsRecovering = false;
        _duplicates = 0;
    }

    // RFC 5681, equation 4.
    private static uint HalfOf(uint inFlight, uint segmentSize) => Math.Max(inFlight / 2, 2 * segmentSize);
}
