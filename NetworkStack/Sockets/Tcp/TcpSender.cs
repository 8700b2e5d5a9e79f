using System;
using System.Runtime.CompilerServices;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// The sending half of a connection: what is queued and in flight, the peer's window, what is sent again and when (RFC 6298, RFC 6582,
/// RFC 2018).
/// </summary>
internal sealed class TcpSender(TcpConnection connection, Network network, uint initialSequence)
{
    public const ulong Never = ulong.MaxValue;

    private const int MinimumSegmentSize = 64;
    public const int MinimumPathMtu = 552; // What Linux takes as the least too: smaller ones are attacks.
    private const int MaximumSackedRanges = 16;
    private const int MaximumConnectTries = 5; // 31 seconds
    private const int MaximumTries = 8; // About a minute

    private readonly TcpSendBuffer _buffer = new(TcpConnection.SendCapacity);
    private readonly TcpRangeList _sacked = new(MaximumSackedRanges);

    // RFC 9293, 3.3.1: SND.UNA is the oldest number that is not acknowledged, SND.NXT the next to be sent, SND.WND the peer's window,
    // SND.WL1 and SND.WL2 the sequence and acknowledgement numbers of the segment that it was taken from. After a time-out SND.NXT goes back to
    // SND.UNA; _sndMax stays: the number after the last that was ever sent (BSD's snd_max).
    private uint _sndUna = initialSequence;
    private uint _sndNxt = initialSequence;
    private uint _sndMax = initialSequence;
    private uint _sndWnd;
    private uint _sndWl1;
    private uint _sndWl2;
    private uint _largestWindow;
    private int _windowShift;
    private int _segmentSize = connection.DefaultSegmentSize;
    private bool _isCloseRequested;
    private uint _finSequence;

    private TcpRetransmissionTimer _timer = new();
    private TcpRoundTripClock _clock;
    private TcpCongestion _congestion = new(initialSequence);
    private ulong _retransmitAt = Never;
    private int _tries;
    private uint _retransmitted;

    /// <summary>Bytes that are queued or in flight.</summary>
    public int PendingBytes => _buffer.Count;

    /// <summary>SND.UNA.</summary>
    public uint Unacknowledged => _sndUna;

    /// <summary>SND.NXT.</summary>
    public uint Next => _sndNxt;

    /// <summary>The number after the last that was ever sent.</summary>
    public uint Highest => _sndMax;

    public bool IsCloseRequested => _isCloseRequested;

    public uint FinSequence => _finSequence;

    public bool IsFinAcknowledged => _isCloseRequested && TcpSequence.Less(_finSequence, _sndUna);

    /// <summary>The smoothed round-trip time in microseconds; 0 before the first sample.</summary>
    public ulong RoundTrip => _timer.RoundTrip;

    /// <summary>How long to wait for an acknowledgement, in microseconds.</summary>
    public ulong Timeout => _timer.Timeout;

    // The first sequence number that the buffer has nothing for.
    private uint DataEnd => _isCloseRequested ? _finSequence : _sndUna + (uint)_buffer.Count;

    private bool IsFinSent => _isCloseRequested && TcpSequence.Less(_finSequence, _sndMax);

    /// <returns>How many of the bytes found room.</returns>
    public int Append(ReadOnlySpan<byte> data) => _buffer.Append(data);

    /// <summary>A FIN follows what is queued.</summary>
    public void RequestClose()
    {
        _finSequence = DataEnd;
        _isCloseRequested = true;
    }

    /// <summary>Copies queued bytes into a segment.</summary>
    public void CopyTo(uint sequence, Span<byte> destination) => _buffer.CopyTo((int)(sequence - _sndUna), destination);

    /// <summary>Whether an ICMP error that quotes <paramref name="sequence"/> is about something in flight (RFC 5927, 4.1).</summary>
    public bool IsInFlight(uint sequence) => !TcpSequence.Less(sequence, _sndUna) && TcpSequence.Less(sequence, _sndMax);

    /// <summary>RFC 5961, 5.2: neither of what was never sent, nor too old to be from this connection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsPlausible(uint acknowledgement) =>
        !TcpSequence.Less(_sndMax, acknowledgement) && !TcpSequence.Less(acknowledgement, _sndUna - _largestWindow);

    /// <summary>The SYN goes out, or goes out again.</summary>
    /// <returns>ISS.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint OnSynSent()
    {
        _clock.Stop();
        if (_tries == 0)
        {
            _clock.OnSent(_sndUna, network.Now);
        }

        _sndNxt = _sndUna + 1;
        _sndMax = _sndNxt;
        _retransmitAt = network.Now + _timer.Timeout;
        return _sndUna;
    }

    /// <summary>What the peer's SYN says.</summary>
    /// <param name="segment">The SYN, for its window.</param>
    /// <param name="offer">Its largest segment, 0 when it does not say.</param>
    /// <param name="windowShift">By how much its windows are scaled; -1 when they are not.</param>
    /// <param name="most">The most bytes of a segment, options included, that the link has room for.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnSyn(TcpSegment segment, int offer, int windowShift, int most)
    {
        _windowShift = Math.Max(windowShift, 0);
        int size = Math.Min(offer == 0 ? connection.DefaultSegmentSize : offer, most);
        _segmentSize = Math.Max(size, MinimumSegmentSize) - connection.OptionsSize;
        _congestion.Begin((uint)_segmentSize);
        SetWindow(segment, segment.Window); // That of a SYN is never scaled (RFC 7323, 2.2).
    }

    /// <summary>Both ends opened at once: the SYN goes again, with an acknowledgement.</summary>
    public void OnSimultaneousOpen()
    {
        _sndUna = _sndMax - 1;
        _sndNxt = _sndUna;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnSynAcknowledged(uint acknowledgement)
    {
        if (_clock.TryRead(acknowledgement, network.Now, out ulong roundTrip))
        {
            _timer.Sample(roundTrip);
        }

        _clock.Stop();
        _tries = 0;
        _retransmitAt = Never;
        _sndUna = acknowledgement;
        _sndNxt = acknowledgement;
        if (_isCloseRequested)
        {
            _finSequence = acknowledgement + (uint)_buffer.Count;
        }
    }

    /// <summary>Takes a window that was scaled, or may be.</summary>
    public void SetScaledWindow(TcpSegment segment) => SetWindow(segment, (uint)segment.Window << _windowShift);

    /// <summary>A plausible acknowledgement, with the window and the SACK blocks that came with it.</summary>
    public void OnAcknowledgement(TcpSegment segment, TcpOptions options)
    {
        uint acknowledgement = segment.Acknowledgement;
        uint window = (uint)segment.Window << _windowShift;
        bool isDuplicate = acknowledgement == _sndUna && segment.Payload.Length == 0 && window == _sndWnd &&
            !segment.Has(TcpFlags.Fin) && _sndUna != _sndMax;
        if (TcpSequence.Less(_sndWl1, segment.Sequence) ||
            (_sndWl1 == segment.Sequence && TcpSequence.LessOrEqual(_sndWl2, acknowledgement)))
        {
            SetWindow(segment, window);
        }

        if (connection.HasSack && !options.Sack.IsEmpty)
        {
            OnSack(options);
        }

        if (TcpSequence.Less(_sndUna, acknowledgement))
        {
            OnNewlyAcknowledged(acknowledgement, options);
        }
        else if (isDuplicate)
        {
            OnDuplicateAcknowledgement();
        }
    }

    /// <summary>RFC 1191, 6.4: a router could not pass on a packet; an old one that does not say its MTU (0) gets what every host takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnTooBig(int mtu)
    {
        int size = Math.Max(mtu, connection.MinimumMtu) - connection.HeaderSizes - connection.OptionsSize;
        if (size < _segmentSize)
        {
            _segmentSize = size;
            _sndNxt = _sndUna;
            Flush();
        }
    }

    public bool IsTimeoutDue(ulong now) => now >= _retransmitAt;

    /// <summary>The retransmission timer has run out.</summary>
    /// <returns>False when there were tries enough.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAgain(bool isConnecting, ulong now)
    {
        _clock.Stop();
        if (++_tries > (isConnecting ? MaximumConnectTries : MaximumTries))
        {
            return false;
        }

        _timer.BackOff();
        _retransmitAt = now + _timer.Timeout;
        return true;
    }

    /// <summary>Sends again what was not acknowledged in time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RetransmitAll()
    {
        if (_sndWnd == 0 && DataEnd != _sndUna)
        {
            SendData(_sndUna, 1); // The peer's window is shut: one byte asks whether it still is (RFC 9293, 3.8.6.1).
            return;
        }

        // Everything from the oldest on is sent again as the window allows; what SACK said may be withdrawn (RFC 2018, 8).
        _congestion.OnTimeout((uint)_segmentSize, _sndUna, _sndMax);
        _sacked.Clear();
        _sndNxt = _sndUna;
        Flush();
    }

    /// <summary>Sends what the peer's window and the congestion window allow, and the FIN after it.</summary>
    public void Flush()
    {
        if (!connection.MaySend)
        {
            return;
        }

        uint end = DataEnd;
        uint limit = _sndUna + Math.Min(_sndWnd, _congestion.Window);
        while (TcpSequence.Less(_sndNxt, end))
        {
            int length = Math.Min((int)(end - _sndNxt), _segmentSize);
            int room = (int)(limit - _sndNxt);
            if (room < length)
            {
                // A small piece only when nothing else would get the peer to answer (RFC 9293, 3.8.6.2.1).
                if (room <= 0 || _sndNxt != _sndUna)
                {
                    break;
                }

                length = room;
            }

            if (!SendData(_sndNxt, length))
            {
                break; // The next round goes on.
            }
        }

        if (_isCloseRequested && _sndNxt == _finSequence)
        {
            SendFin();
        }

        if (_retransmitAt == Never && (_sndUna != _sndMax || _sndUna != end))
        {
            _retransmitAt = network.Now + _timer.Timeout; // With nothing in flight this is the persist timer.
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetWindow(TcpSegment segment, uint window)
    {
        if (window == 0)
        {
            _tries = 0; // Shut, but alive: it may stay so for as long as it likes (RFC 1122, 4.2.2.17).
        }
        else if (_sndWnd == 0 && connection.IsConnected)
        {
            _sndNxt = _sndUna; // Whatever was sent into the shut window is likely gone.
        }

        _sndWnd = window;
        _largestWindow = Math.Max(_largestWindow, window);
        _sndWl1 = segment.Sequence;
        _sndWl2 = segment.Acknowledgement;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnSack(TcpOptions options)
    {
        for (int i = 0; i < options.Sack.Length / TcpOptions.SackBlockSize; i++)
        {
            options.GetSackBlock(i, out uint left, out uint right);
            if (TcpSequence.LessOrEqual(_sndUna, left) && TcpSequence.Less(left, right) && TcpSequence.LessOrEqual(right, _sndMax))
            {
                _sacked.TryAdd(left, right); // When there is no room for it the bytes are sent twice at worst.
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnNewlyAcknowledged(uint acknowledgement, TcpOptions options)
    {
        uint count = acknowledgement - _sndUna;
        _buffer.Release((int)Math.Min(count, (uint)_buffer.Count));
        _sndUna = acknowledgement;
        _sndNxt = TcpSequence.Max(_sndNxt, acknowledgement);
        _sacked.RemoveBefore(acknowledgement);
        _tries = 0;
        SampleRoundTrip(acknowledgement, options);
        if (_congestion.OnNewlyAcknowledged(acknowledgement, count, (uint)_segmentSize))
        {
            _retransmitted = TcpSequence.Max(_retransmitted, acknowledgement);
            RetransmitHole();
        }

        _retransmitAt = _sndUna == _sndMax ? Never : network.Now + _timer.Timeout;
        connection.OnProgress();
    }

    // Timestamps measure every acknowledgement, but only in milliseconds.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SampleRoundTrip(uint acknowledgement, TcpOptions options)
    {
        if (_clock.TryRead(acknowledgement, network.Now, out ulong roundTrip))
        {
            _timer.Sample(roundTrip);
        }
        else if (connection.TryReadEcho(options, out roundTrip))
        {
            _timer.Sample(roundTrip);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnDuplicateAcknowledgement()
    {
        uint segmentSize = (uint)_segmentSize;
        if (_congestion.IsRecovering)
        {
            _congestion.OnDuplicateInRecovery(segmentSize);
            RetransmitHole();
        }
        else if (_congestion.IsLoss(segmentSize, _sacked.Size, _sndUna, _sndMax))
        {
            _retransmitted = _sndUna;
            RetransmitHole();
        }
    }

    // Sends the first missing segment again that was not sent again yet: what SACK shows as missing, or else the oldest.
    private void RetransmitHole()
    {
        uint from = TcpSequence.Max(_retransmitted, _sndUna);
        uint end = DataEnd;
        if (_sacked.TryFindHole(from, out TcpRange hole))
        {
            end = TcpSequence.Min(end, hole.End);
            from = hole.Start;
        }
        else if (from != _sndUna)
        {
            return;
        }

        int length = Math.Min((int)(end - from), _segmentSize);
        if (length > 0)
        {
            if (SendData(from, length))
            {
                _retransmitted = from + (uint)length;
            }
        }
        else if (IsFinSent)
        {
            SendFin();
            _retransmitted = _finSequence + 1;
        }
    }

    /// <returns>False when the link has no room: nothing has changed.</returns>
    private bool SendData(uint sequence, int length)
    {
        uint end = sequence + (uint)length;
        TcpFlags flags = end == DataEnd ? TcpFlags.Ack | TcpFlags.Psh : TcpFlags.Ack;
        if (!connection.SendSegment(sequence, length, flags))
        {
            return false;
        }

        if (TcpSequence.Less(sequence, _sndMax))
        {
            _clock.Stop();
        }
        else
        {
            _clock.OnSent(sequence, network.Now);
        }

        if (sequence == _sndNxt)
        {
            _sndNxt = end;
        }

        _sndMax = TcpSequence.Max(_sndMax, _sndNxt);
        return true;
    }

    private void SendFin()
    {
        if (connection.SendSegment(_finSequence, 0, TcpFlags.Fin | TcpFlags.Ack))
        {
            _sndNxt = TcpSequence.Max(_sndNxt, _finSequence + 1);
            _sndMax = TcpSequence.Max(_sndMax, _sndNxt);
        }
    }
}
