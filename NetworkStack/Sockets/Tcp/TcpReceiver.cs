using System;
using System.Runtime.CompilerServices;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// The receiving half of a connection: what may come, what came behind a gap, and when it is acknowledged. Data in order goes straight to the
/// owner.
/// </summary>
internal sealed class TcpReceiver(TcpConnection connection, Network network, StreamHandler handler)
{
    /// <summary>By how much the windows that we offer are scaled (RFC 7323, 2).</summary>
    public const int WindowShift = 4;

    /// <summary>Bytes that wait behind gaps, at most. The window is at most this, less the rounding of its scaled form.</summary>
    public const int Capacity = 1024 * 1024;

    private const int MaximumWindow = 0xFFFF << WindowShift;

    private const int DuplicatesForLoss = 3;
    private const int MaximumSackBlocks = 3; // With timestamps no more fit.
    private const ulong DelayedAcknowledgement = 20_000;

    // A sender that begins with one segment waits for each of the first acknowledgements.
    private const int QuickAcknowledgements = 16;

    private readonly TcpReorderQueue _reorder = new(Capacity);

    // RFC 9293, 3.3.1: RCV.NXT is the next number expected. The end of what was offered, RCV.NXT plus RCV.WND when it was, is
    // _rcvAdv (BSD's rcv_adv): it never moves back. Last.ACK.sent is RFC 7323's, 4.3.
    private uint _rcvNxt;
    private uint _rcvAdv;
    private uint _lastAckSent;
    private TcpReceiveWindow _window;
    private int _windowShift;
    private int _largestSegment = connection.DefaultSegmentSize;
    private bool _hasPeerFin;
    private uint _peerFinSequence;

    private bool _acknowledgeNow;
    private int _duplicatesSent;
    private int _quickAcknowledgements = QuickAcknowledgements;
    private ulong _acknowledgeAt = TcpSender.Never;

    /// <summary>RCV.NXT.</summary>
    public uint Next => _rcvNxt;

    /// <summary>Last.ACK.sent.</summary>
    public uint LastAcknowledged => _lastAckSent;

    /// <summary>The peer knows scaled windows.</summary>
    public bool IsScaled => _windowShift != 0;

    /// <summary>Something came behind a gap and waits.</summary>
    public bool HasGaps => !_reorder.IsEmpty;

    /// <summary>An acknowledgement goes out at the end of the round.</summary>
    public bool IsAcknowledgementDue => _acknowledgeNow;

    /// <summary>The peer's SYN.</summary>
    /// <param name="sequence">IRS.</param>
    /// <param name="isScaled">Whether the peer knows scaled windows.</param>
    /// <param name="largestSegment">The most bytes of data that the link has room for.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnSyn(uint sequence, bool isScaled, int largestSegment)
    {
        _rcvNxt = sequence + 1;
        _lastAckSent = _rcvNxt;
        _rcvAdv = _rcvNxt;
        _windowShift = isScaled ? WindowShift : 0;
        _window = new TcpReceiveWindow(largestSegment, isScaled ? MaximumWindow : ushort.MaxValue, _rcvNxt, network.Now);
    }

    /// <summary>Our SYN offers a window too.</summary>
    public void OnSynSent(int window) => _rcvAdv = _rcvNxt + (uint)window;

    /// <summary>RFC 9293, 3.4: whether a segment from sequence up to end has anything that was offered room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAcceptable(uint sequence, uint end) => end == sequence
        ? TcpSequence.LessOrEqual(_rcvNxt, sequence) && TcpSequence.LessOrEqual(sequence, _rcvAdv)
        : TcpSequence.Less(_rcvNxt, end) && TcpSequence.Less(sequence, _rcvAdv);

    /// <summary>Within the window, but not at its very edge.</summary>
    public bool IsBeyondNext(uint sequence) => TcpSequence.Less(_rcvNxt, sequence) && TcpSequence.Less(sequence, _rcvAdv);

    /// <summary>Takes an acceptable segment's text and FIN, as far as they are new and were offered room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnText(TcpSegment segment)
    {
        ReadOnlySpan<byte> data = segment.Payload;
        uint sequence = segment.Sequence;
        bool isFin = segment.Has(TcpFlags.Fin);
        if (TcpSequence.Less(sequence, _rcvNxt))
        {
            uint known = _rcvNxt - sequence;
            data = data.Slice((int)Math.Min(known, (uint)data.Length));
            sequence = _rcvNxt;
        }

        uint room = _rcvAdv - sequence;
        if ((uint)data.Length > room)
        {
            data = data.Slice(0, (int)room);
            isFin = false;
        }

        if (isFin)
        {
            _hasPeerFin = true; // The latest counts: one that was forged into the window is forgotten when the peer's own comes.
            _peerFinSequence = sequence + (uint)data.Length;
        }

        if (data.Length != 0 && connection.MayReceive)
        {
            OnData(sequence, data);
        }
    }

    /// <returns>True once: all before the peer's FIN is there.</returns>
    public bool TryTakeFin()
    {
        if (!_hasPeerFin || _rcvNxt != _peerFinSequence)
        {
            return false;
        }

        _rcvNxt++;
        _hasPeerFin = false;
        _acknowledgeNow = true;
        return true;
    }

    /// <summary>An acknowledgement goes out at the end of the round, if not before.</summary>
    public void AcknowledgeNow() => _acknowledgeNow = true;

    /// <summary>Acknowledges what is due.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndRound(ulong now)
    {
        uint pending = _rcvNxt - _lastAckSent;
        if (_acknowledgeNow || pending >= 2 * (uint)_largestSegment)
        {
            connection.SendAcknowledgement();
        }
        else if (pending != 0)
        {
            if (_quickAcknowledgements > 0)
            {
                _quickAcknowledgements--;
                connection.SendAcknowledgement();
            }
            else if (_acknowledgeAt == TcpSender.Never)
            {
                _acknowledgeAt = now + DelayedAcknowledgement;
            }
            else if (now >= _acknowledgeAt)
            {
                connection.SendAcknowledgement();
            }
        }
    }

    /// <summary>The window that a segment offers now, as it is on the wire.</summary>
    public ushort OfferedWindow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // The edge never moves back (RFC 9293, 3.8.6): a smaller window is reached as data arrives. Rounded up, for the same reason.
            uint edge = TcpSequence.Max(_rcvAdv, _rcvNxt + (uint)_window.Size);
            return (ushort)Math.Min((edge - _rcvNxt + (1u << _windowShift) - 1) >> _windowShift, ushort.MaxValue);
        }
    }

    /// <summary>A segment went out that acknowledges RCV.NXT and offers a window.</summary>
    /// <param name="window"><see cref="OfferedWindow"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnAcknowledged(ushort window)
    {
        _rcvAdv = _rcvNxt + ((uint)window << _windowShift);
        _lastAckSent = _rcvNxt;
        _acknowledgeNow = false;
        _acknowledgeAt = TcpSender.Never;
    }

    /// <summary>Writes what came behind gaps as a SACK option (RFC 2018, 3), the latest first.</summary>
    /// <returns>Bytes written, a multiple of 4.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int WriteSack(Span<byte> options)
    {
        int blocks = Math.Min(_reorder.Ranges.Count, MaximumSackBlocks);
        int size = TcpOptions.WriteSackHeader(options, blocks);
        for (int i = 0; i < blocks; i++)
        {
            TcpRange range = _reorder.Ranges[i];
            size += TcpOptions.WriteSackBlock(options.Slice(size), range.Start, range.End);
        }

        return size;
    }

    private void OnData(uint sequence, ReadOnlySpan<byte> data)
    {
        _largestSegment = Math.Max(_largestSegment, data.Length);
        if (sequence != _rcvNxt)
        {
            OnDataBehindGap(sequence, data);
            return;
        }

        _rcvNxt += (uint)data.Length;
        if (!_reorder.IsEmpty)
        {
            _acknowledgeNow = true; // A gap is filled, or part of one (RFC 5681, 4.2).
        }

        handler.OnData(data);
        while (!_reorder.IsEmpty && !connection.IsClosed)
        {
            ReadOnlySpan<byte> next = _reorder.Take(_rcvNxt);
            if (next.IsEmpty)
            {
                break;
            }

            _rcvNxt += (uint)next.Length;
            handler.OnData(next);
        }

        if (connection.IsClosed)
        {
            return;
        }

        if (_reorder.IsEmpty)
        {
            _duplicatesSent = 0;
        }

        _window.OnProgress(_rcvNxt, connection.RoundTrip, network.Now);
        if (_rcvNxt - _lastAckSent >= (uint)_window.Size / 4)
        {
            connection.SendAcknowledgement();
        }
    }

    private void OnDataBehindGap(uint sequence, ReadOnlySpan<byte> data)
    {
        if (!_reorder.TryAdd(sequence, data))
        {
            connection.Interface.Counters.Drop(DropReason.TcpNoRoom);
            return;
        }

        int gaps = 0;
        uint missing = 0;
        uint from = _rcvNxt;
        while (gaps < MaximumSackBlocks && _reorder.Ranges.TryFindHole(from, out TcpRange hole))
        {
            gaps++;
            missing += hole.End - hole.Start;
            from = hole.End;
        }

        _window.OnGap(_rcvNxt, (int)missing, gaps, connection.Interface.Burst, _rcvAdv, network.Now);

        // A peer that knows SACK learns all from the round's last acknowledgement; another counts duplicates.
        if (!connection.HasSack || _duplicatesSent < DuplicatesForLoss)
        {
            _duplicatesSent += connection.SendAcknowledgement() ? 1 : 0;
        }
        else
        {
            _acknowledgeNow = true;
        }
    }
}
