using System;
using System.Runtime.CompilerServices;
using NetworkStack.Tcp;
using NetworkStack.Wire;
using Uefi.Interop;
using Uefi.Interop.Raw;

namespace NetworkStack;

/// <summary>
/// A TCP connection that we opened (RFC 9293), made for receiving much and sending little: with window scaling and timestamps
/// (RFC 7323), selective acknowledgements both ways (RFC 2018), fast retransmit (RFC 6582) and RFC 6298 timers.
/// </summary>
/// <remarks>
/// Data that arrives in order goes straight from the link's buffer to the owner; only what lies behind a gap is copied here.
/// Acknowledgements go out once a round of polling, for all that the ring had, and within a round for each quarter of the
/// window, so that the peer sends while we work.
/// </remarks>
public sealed class TcpConnection : IDisposable
{
    /// <summary>The most bytes that <see cref="Send"/> holds until they are acknowledged.</summary>
    public const int SendCapacity = 32 * 1024;

    // The window is at most this, less the rounding of its scaled form.
    private const int ReceiveCapacity = 1024 * 1024;
    private const int WindowShift = 4;
    private const int MaximumWindow = 0xFFFF << WindowShift;

    private const int HeaderSizes = IPv4Packet.HeaderSize + TcpSegment.HeaderSize;
    private const int DefaultSegmentSize = 536; // RFC 9293, 3.7.1
    private const int MinimumSegmentSize = 64;
    private const int MinimumPathMtu = 552; // What Linux takes as the least too: smaller ones are attacks.
    private const int InitialCongestionSegments = 10; // RFC 6928
    private const int DuplicatesForLoss = 3;
    private const int MaximumSackBlocks = 3; // With timestamps no more fit.
    private const int MaximumSackedRanges = 16;
    private const int MaximumConnectTries = 5; // 31 seconds
    private const int MaximumTries = 8; // About a minute
    private const ulong DelayedAcknowledgement = 20_000;

    // A sender that begins with one segment waits for each of the first acknowledgements.
    private const int QuickAcknowledgements = 16;
    private const ulong Never = ulong.MaxValue;

    private readonly Network _network;
    private readonly Arena _arena;
    private readonly ITcpHandler _handler;
    private readonly IPv4Address _local;
    private readonly ushort _port;
    private readonly TcpReorderQueue _reorder = new(ReceiveCapacity);
    private readonly TcpSendBuffer _buffer = new(SendCapacity);
    private readonly TcpRangeList _sacked = new(MaximumSackedRanges);
    private readonly uint _timestampOffset;
    private TcpState _state = TcpState.SynSent;
    private bool _isDisposed;
    private bool _isCloseReported;

    // Sending: SND.UNA, SND.NXT, the highest number ever sent, SND.WND, and what SND.WL1 and SND.WL2 are.
    private uint _unacknowledged;
    private uint _next;
    private uint _highest;
    private uint _window;
    private uint _largestWindow;
    private uint _windowSequence;
    private uint _windowAcknowledgement;
    private int _sendShift;
    private int _segmentSize = DefaultSegmentSize;
    private bool _isCloseRequested;
    private uint _finSequence;

    // Loss and congestion.
    private TcpRetransmissionTimer _timer = new();
    private ulong _retransmitAt = Never;
    private int _tries;
    private bool _isTiming;
    private uint _timedSequence;
    private ulong _timedSince;
    private uint _congestionWindow;
    private uint _slowStartThreshold = int.MaxValue;
    private int _duplicates;
    private bool _isRecovering;
    private uint _recoverUntil;
    private uint _retransmitted;
    private Unreachable? _lastUnreachable;

    // Receiving: RCV.NXT, the end of what was offered, and what the peer can do.
    private uint _expected;
    private uint _offered;
    private TcpReceiveWindow _receiveWindow;
    private int _receiveShift;
    private bool _hasSack;
    private bool _hasTimestamps;
    private uint _peerTimestamp;
    private int _largestSegment = DefaultSegmentSize;
    private bool _hasPeerFin;
    private uint _peerFinSequence;

    // Acknowledging.
    private uint _acknowledged;
    private bool _acknowledgeNow;
    private int _duplicatesSent;
    private int _quickAcknowledgements = QuickAcknowledgements;
    private ulong _acknowledgeAt = Never;

    private TcpConnection(Network network, Arena arena, NetworkInterface netif, IPv4Endpoint remote, ITcpHandler handler, ushort port)
    {
        _network = network;
        _arena = arena;
        _handler = handler;
        _local = netif.Address;
        _port = port;
        Interface = netif;
        Remote = remote;
        _timestampOffset = network.Random.Next32();
        _unacknowledged = network.Random.Next32();
        _next = _unacknowledged;
        _highest = _unacknowledged;
        _recoverUntil = _unacknowledged;
    }

    public IPv4Endpoint Remote { get; }

    public NetworkInterface Interface { get; }

    /// <summary>True from the handshake's end until the connection is gone; the peer may have finished already.</summary>
    public bool IsConnected => _state is not (TcpState.Closed or TcpState.SynSent or TcpState.SynReceived);

    /// <summary>Bytes that were given to <see cref="Send"/> and are not acknowledged yet.</summary>
    public int Unacknowledged => _buffer.Count;

    internal TcpConnection? Next { get; set; }

    internal TcpConnection? NextDisposed { get; set; }

    internal int ReceiveWindow => _receiveWindow.Size;

    private uint Clock => (uint)(_network.Now / 1000) + _timestampOffset;

    private int OptionsSize => _hasTimestamps ? TcpOptions.TimestampSize : 0;

    // The first sequence number that the buffer has nothing for.
    private uint DataEnd => _isCloseRequested ? _finSequence : _unacknowledged + (uint)_buffer.Count;

    private bool IsFinSent => _isCloseRequested && TcpSequence.Less(_finSequence, _highest);

    /// <summary>Begins to connect; <see cref="ITcpHandler.OnConnected"/> or OnClosed tells how it went.</summary>
    /// <param name="error">EFI_NO_MAPPING without a route, EFI_INVALID_PARAMETER for what is not a host's port.</param>
    public static TcpConnection? Connect(Network network, IPv4Endpoint remote, ITcpHandler handler, out Error? error)
    {
        error = null;
        if (!remote.Address.IsUnicast || remote.Port == 0)
        {
            error = new Error(EFI_STATUS.EFI_INVALID_PARAMETER, Text.Format($"TCP {remote}: not the address and port of a host"));
            return null;
        }
        NetworkInterface? netif = network.Route(remote.Address);
        if (netif is null)
        {
            error = network.NoRoute(remote.Address);
            return null;
        }
        if (netif.Address == remote.Address || netif.IsBroadcast(remote.Address))
        {
            error = new Error(EFI_STATUS.EFI_INVALID_PARAMETER, Text.Format($"TCP {remote}: not another host"));
            return null;
        }
        Arena arena = Arena.Create();
        TcpConnection connection;
        using (arena.Enter())
        {
            connection = new TcpConnection(network, arena, netif, remote, handler, network.NewTcpPort(remote));
        }
        network.Add(connection);
        connection.SendSyn();
        return connection;
    }

    /// <summary>Queues bytes to be sent, from Connect on until <see cref="Close"/>.</summary>
    /// <returns>How many were taken: fewer when <see cref="SendCapacity"/> is full, 0 when the connection is closed.</returns>
    public int Send(ReadOnlySpan<byte> data)
    {
        if (_state == TcpState.Closed || _isCloseRequested)
        {
            return 0;
        }
        int taken = _buffer.Append(data);
        if (!_network.IsPolling)
        {
            Flush(); // In a handler's call the end of the round does it, for all that the handler gave.
        }
        return taken;
    }

    /// <summary>Ends our direction of the stream (FIN) after all that was queued; the peer may still send.</summary>
    public void Close()
    {
        if (_state == TcpState.Closed || _isCloseRequested)
        {
            return;
        }
        if (_state == TcpState.SynSent)
        {
            Detach();
            return;
        }
        _finSequence = DataEnd;
        _isCloseRequested = true;
        if (_state == TcpState.Established)
        {
            _state = TcpState.FinWait1;
        }
        else if (_state == TcpState.CloseWait)
        {
            _state = TcpState.LastAck;
        }
        if (!_network.IsPolling)
        {
            Flush();
        }
    }

    /// <summary>Ends the connection at once: the peer gets a RST, the handler is not called any more.</summary>
    public void Abort()
    {
        if (_state == TcpState.Closed)
        {
            return;
        }
        if (_state is not (TcpState.SynSent or TcpState.TimeWait))
        {
            TcpReset.Send(_network, Interface, _local, _port, Remote, _next, _expected, TcpFlags.Rst | TcpFlags.Ack);
        }
        Detach();
    }

    /// <summary>
    /// Frees the connection; the handler is not called any more. When everything was sent and acknowledged but the FIN, what is left of the
    /// end goes on by itself; otherwise the connection is aborted. Legal in the handler's own calls.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }
        _isDisposed = true;
        if (_isCloseRequested && _buffer.Count == 0 && _state != TcpState.Closed)
        {
            Flush();
            Linger();
        }
        else
        {
            Abort();
        }
        _network.FreeLater(this);
    }

    internal bool Matches(IPv4Endpoint remote, ushort port) => _port == port && Remote == remote;

    internal void Free() => _arena.Dispose();

    /// <summary>The interface is being closed or gets another address.</summary>
    internal void OnInterfaceLost() => Fail(EFI_STATUS.EFI_ABORTED, "the network interface was closed");

    internal void OnUnreachable(uint sequence, Unreachable reason, int mtu)
    {
        if (TcpSequence.Less(sequence, _unacknowledged) || !TcpSequence.Less(sequence, _highest))
        {
            return; // Not about anything in flight: late, or made up (RFC 5927, 4.1).
        }
        if (reason == Unreachable.TooBig)
        {
            // RFC 1191, 6.4; an old router that does not say gets what every host takes.
            int size = Math.Max(mtu, MinimumPathMtu) - HeaderSizes - OptionsSize;
            if (size < _segmentSize && _state is not TcpState.SynSent)
            {
                _segmentSize = size;
                _next = _unacknowledged;
                Flush();
            }
            return;
        }
        _lastUnreachable = reason;

        // RFC 1122, 4.2.3.9: "port", "protocol" and "prohibited" end an attempt to connect, others may pass. Nobody answering ARP is our own
        // finding. An established connection outlives them all (RFC 5927, 5.2).
        if (_state == TcpState.SynSent && reason is not (Unreachable.Network or Unreachable.Host))
        {
            Fail(EFI_STATUS.EFI_NO_RESPONSE, Describe(reason));
        }
    }

    /// <summary>Runs after each round of receiving: sends what is due.</summary>
    internal void EndRound(ulong now)
    {
        if (_state == TcpState.Closed)
        {
            return;
        }
        if (now >= _retransmitAt)
        {
            OnRetransmitTimeout(now);
        }
        if (_state is TcpState.Closed or TcpState.SynSent or TcpState.SynReceived)
        {
            return;
        }
        Flush();
        uint pending = _expected - _acknowledged;
        if (_acknowledgeNow || pending >= 2 * (uint)_largestSegment)
        {
            SendAcknowledgement();
        }
        else if (pending != 0)
        {
            if (_quickAcknowledgements > 0)
            {
                _quickAcknowledgements--;
                SendAcknowledgement();
            }
            else if (_acknowledgeAt == Never)
            {
                _acknowledgeAt = now + DelayedAcknowledgement;
            }
            else if (now >= _acknowledgeAt)
            {
                SendAcknowledgement();
            }
        }
    }

    internal void OnSegment(TcpSegment segment)
    {
        if (_state == TcpState.Closed)
        {
            return;
        }
        TcpOptions options = TcpOptions.Parse(segment.Options);
        if (_state == TcpState.SynSent)
        {
            OnSegmentInSynSent(segment, options);
            return;
        }

        ReadOnlySpan<byte> data = segment.Payload;
        TcpFlags flags = segment.Flags;
        uint sequence = segment.Sequence;
        bool isFin = (flags & TcpFlags.Fin) != 0;
        uint end = sequence + (uint)data.Length + (isFin ? 1u : 0);

        // RFC 9293, 3.10.7.4, in its order. First: is it in the window? A RST only counts at its very edge (RFC 5961, 3.2).
        if ((flags & TcpFlags.Rst) != 0)
        {
            if (sequence == _expected)
            {
                OnReset();
            }
            else
            {
                Challenge(TcpSequence.Less(_expected, sequence) && TcpSequence.Less(sequence, _offered));
            }
            return;
        }
        bool isStale = _hasTimestamps && options.HasTimestamp && TcpSequence.Less(options.TimestampValue, _peerTimestamp); // PAWS
        bool isInWindow = end == sequence
            ? TcpSequence.LessOrEqual(_expected, sequence) && TcpSequence.LessOrEqual(sequence, _offered)
            : TcpSequence.Less(_expected, end) && TcpSequence.Less(sequence, _offered);
        if (isStale || !isInWindow)
        {
            OnOutsideWindow();
            return;
        }
        if ((flags & TcpFlags.Syn) != 0)
        {
            Challenge(true); // RFC 5961, 4.2
            return;
        }
        if ((flags & TcpFlags.Ack) == 0)
        {
            Interface.Counters.Drop(DropReason.BadTcp);
            return;
        }
        if (_hasTimestamps && options.HasTimestamp && TcpSequence.LessOrEqual(sequence, _acknowledged))
        {
            _peerTimestamp = options.TimestampValue; // RFC 7323, 4.3
        }
        if (!OnAcknowledgement(segment, options))
        {
            return;
        }

        if (TcpSequence.Less(sequence, _expected))
        {
            uint known = _expected - sequence;
            data = data.Slice((int)Math.Min(known, (uint)data.Length));
            sequence = _expected;
        }
        uint room = _offered - sequence;
        if ((uint)data.Length > room)
        {
            data = data.Slice(0, (int)room);
            isFin = false;
        }
        if (isFin && !_hasPeerFin)
        {
            _hasPeerFin = true;
            _peerFinSequence = sequence + (uint)data.Length;
        }
        if (data.Length != 0 && _state is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2)
        {
            OnData(sequence, data);
        }
        if (_hasPeerFin && _expected == _peerFinSequence && _state != TcpState.Closed)
        {
            OnPeerFin();
        }
    }

    private void OnSegmentInSynSent(TcpSegment segment, TcpOptions options)
    {
        bool isAck = segment.Has(TcpFlags.Ack);
        if (isAck && segment.Acknowledgement != _highest)
        {
            TcpReset.Answer(_network, Interface, Remote, segment);
            return;
        }
        if (segment.Has(TcpFlags.Rst))
        {
            if (isAck)
            {
                Fail(EFI_STATUS.EFI_ABORTED, "connection refused");
            }
            return;
        }
        if (!segment.Has(TcpFlags.Syn))
        {
            return;
        }

        _expected = segment.Sequence + 1;
        _acknowledged = _expected;
        _offered = _expected;
        _hasSack = options.SackPermitted;
        _hasTimestamps = options.HasTimestamp;
        _peerTimestamp = options.TimestampValue;
        bool isScaled = options.WindowShift >= 0;
        _sendShift = isScaled ? options.WindowShift : 0;
        _receiveShift = isScaled ? WindowShift : 0;
        int offer = options.MaximumSegmentSize == 0 ? DefaultSegmentSize : options.MaximumSegmentSize;
        _segmentSize = Math.Max(Math.Min(offer, Interface.Mtu - HeaderSizes), MinimumSegmentSize) - OptionsSize;
        _congestionWindow = (uint)(InitialCongestionSegments * _segmentSize);
        _receiveWindow = new TcpReceiveWindow(
            Interface.Mtu - HeaderSizes - OptionsSize, isScaled ? MaximumWindow : ushort.MaxValue, _expected, _network.Now);
        SetSendWindow(segment, segment.Window);
        if (isAck)
        {
            OnSynAcknowledged(segment.Acknowledgement);
            SendAcknowledgementUnlessDataGoes();
        }
        else
        {
            // Both ends opened at once (RFC 9293, figure 8).
            _state = TcpState.SynReceived;
            _unacknowledged = _highest - 1;
            _next = _unacknowledged;
            SendSyn();
        }
    }

    private void OnSynAcknowledged(uint acknowledgement)
    {
        if (_isTiming)
        {
            _timer.Sample(_network.Now - _timedSince);
        }
        _isTiming = false;
        _tries = 0;
        _retransmitAt = Never;
        _unacknowledged = acknowledgement;
        _next = acknowledgement;
        _state = _isCloseRequested ? TcpState.FinWait1 : TcpState.Established;
        if (_isCloseRequested)
        {
            _finSequence = acknowledgement + (uint)_buffer.Count;
        }
        _handler.OnConnected();
    }

    // The handshake's last segment carries the request if there is one already.
    private void SendAcknowledgementUnlessDataGoes()
    {
        _acknowledgeNow = true;
        Flush();
        if (_acknowledgeNow && _state != TcpState.Closed)
        {
            SendAcknowledgement();
        }
    }

    // False when the segment is to be dropped, or ended the connection.
    private bool OnAcknowledgement(TcpSegment segment, TcpOptions options)
    {
        uint acknowledgement = segment.Acknowledgement;
        if (_state == TcpState.SynReceived)
        {
            if (acknowledgement != _highest)
            {
                TcpReset.Answer(_network, Interface, Remote, segment);
                return false;
            }
            SetSendWindow(segment, (uint)segment.Window << _sendShift);
            OnSynAcknowledged(acknowledgement);
            return _state != TcpState.Closed;
        }

        // RFC 5961, 5.2: what was never sent, or is too old to be from this connection.
        if (TcpSequence.Less(_highest, acknowledgement) || TcpSequence.Less(acknowledgement, _unacknowledged - _largestWindow))
        {
            Interface.Counters.Drop(DropReason.TcpBadAcknowledgement);
            Challenge(true);
            return false;
        }

        uint window = (uint)segment.Window << _sendShift;
        bool isDuplicate = acknowledgement == _unacknowledged && segment.Payload.Length == 0 && window == _window &&
            !segment.Has(TcpFlags.Fin) && _unacknowledged != _highest;
        if (TcpSequence.Less(_windowSequence, segment.Sequence) ||
            (_windowSequence == segment.Sequence && TcpSequence.LessOrEqual(_windowAcknowledgement, acknowledgement)))
        {
            SetSendWindow(segment, window);
        }
        if (_hasSack && !options.Sack.IsEmpty)
        {
            OnSack(options);
        }
        if (TcpSequence.Less(_unacknowledged, acknowledgement))
        {
            OnNewlyAcknowledged(acknowledgement, options);
        }
        else if (isDuplicate)
        {
            OnDuplicateAcknowledgement();
        }
        return _state != TcpState.Closed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetSendWindow(TcpSegment segment, uint window)
    {
        if (window == 0)
        {
            _tries = 0; // Shut, but alive: it may stay so for as long as it likes (RFC 1122, 4.2.2.17).
        }
        else if (_window == 0 && IsConnected)
        {
            _next = _unacknowledged; // Whatever was sent into the shut window is likely gone.
        }
        _window = window;
        _largestWindow = Math.Max(_largestWindow, window);
        _windowSequence = segment.Sequence;
        _windowAcknowledgement = segment.Acknowledgement;
    }

    private void OnSack(TcpOptions options)
    {
        for (int i = 0; i < options.Sack.Length / TcpOptions.SackBlockSize; i++)
        {
            options.GetSackBlock(i, out uint left, out uint right);
            if (TcpSequence.LessOrEqual(_unacknowledged, left) && TcpSequence.Less(left, right) && TcpSequence.LessOrEqual(right, _highest))
            {
                _sacked.TryAdd(left, right); // When there is no room for it the bytes are sent twice at worst.
            }
        }
    }

    private void OnNewlyAcknowledged(uint acknowledgement, TcpOptions options)
    {
        uint count = acknowledgement - _unacknowledged;
        _buffer.Release((int)Math.Min(count, (uint)_buffer.Count));
        _unacknowledged = acknowledgement;
        _next = TcpSequence.Max(_next, acknowledgement);
        _sacked.RemoveBefore(acknowledgement);
        _tries = 0;
        _lastUnreachable = null;
        SampleRoundTrip(acknowledgement, options);
        uint segment = (uint)_segmentSize;
        if (_isRecovering)
        {
            if (TcpSequence.Less(acknowledgement, _recoverUntil))
            {
                // A partial acknowledgement shows the next hole (RFC 6582, 3.2).
                _congestionWindow = Math.Max(_congestionWindow - Math.Min(count, _congestionWindow), segment) + segment;
                _retransmitted = TcpSequence.Max(_retransmitted, acknowledgement);
                RetransmitHole();
            }
            else
            {
                _isRecovering = false;
                _duplicates = 0;
                _congestionWindow = _slowStartThreshold;
            }
        }
        else
        {
            _duplicates = 0;
            _congestionWindow += _congestionWindow < _slowStartThreshold
                ? Math.Min(count, 2 * segment)
                : Math.Max(segment * segment / _congestionWindow, 1);
            _congestionWindow = Math.Min(_congestionWindow, 2 * SendCapacity);
        }
        _retransmitAt = _unacknowledged == _highest ? Never : _network.Now + _timer.Timeout;
        if (_isCloseRequested && TcpSequence.Less(_finSequence, acknowledgement))
        {
            OnFinAcknowledged();
        }
    }

    private void OnFinAcknowledged()
    {
        switch (_state)
        {
            case TcpState.FinWait1:
                _state = TcpState.FinWait2;
                break;
            case TcpState.Closing:
                EnterTimeWait();
                break;
            case TcpState.LastAck:
                Detach();
                break;
        }
    }

    // Timestamps measure every acknowledgement, but only in milliseconds; the timed segment is never one that was sent twice (Karn).
    private void SampleRoundTrip(uint acknowledgement, TcpOptions options)
    {
        if (_isTiming && TcpSequence.Less(_timedSequence, acknowledgement))
        {
            _isTiming = false;
            _timer.Sample(_network.Now - _timedSince);
        }
        else if (_hasTimestamps && options.HasTimestamp && options.TimestampEcho != 0)
        {
            uint elapsed = Clock - options.TimestampEcho;
            if (elapsed < TcpRetransmissionTimer.Maximum / 1000)
            {
                _timer.Sample(elapsed * 1000UL);
            }
        }
    }

    private void OnDuplicateAcknowledgement()
    {
        _duplicates++;
        if (_isRecovering)
        {
            _congestionWindow += (uint)_segmentSize;
            RetransmitHole();
            return;
        }
        bool isLoss = _duplicates >= DuplicatesForLoss || _sacked.Size >= DuplicatesForLoss * (uint)_segmentSize;
        if (!isLoss || !TcpSequence.Less(_recoverUntil, _unacknowledged))
        {
            return;
        }
        uint inFlight = _highest - _unacknowledged;
        _slowStartThreshold = Math.Max(inFlight / 2, 2 * (uint)_segmentSize);
        _congestionWindow = _slowStartThreshold + DuplicatesForLoss * (uint)_segmentSize;
        _isRecovering = true;
        _recoverUntil = _highest;
        _retransmitted = _unacknowledged;
        RetransmitHole();
    }

    // Sends the first missing segment again that was not sent again yet: what SACK shows as missing, or else the oldest.
    private void RetransmitHole()
    {
        uint from = TcpSequence.Max(_retransmitted, _unacknowledged);
        uint end = DataEnd;
        if (_sacked.TryFindHole(from, out TcpRange hole))
        {
            end = TcpSequence.Min(end, hole.End);
            from = hole.Start;
        }
        else if (from != _unacknowledged)
        {
            return;
        }
        int length = Math.Min((int)(end - from), _segmentSize);
        if (length > 0)
        {
            SendData(from, length);
            _retransmitted = from + (uint)length;
        }
        else if (IsFinSent)
        {
            SendFin();
            _retransmitted = _finSequence + 1;
        }
    }

    private void OnRetransmitTimeout(ulong now)
    {
        _isTiming = false;
        if (_state == TcpState.TimeWait)
        {
            Detach();
            return;
        }
        bool isConnecting = _state is TcpState.SynSent or TcpState.SynReceived;
        if (++_tries > (isConnecting ? MaximumConnectTries : MaximumTries))
        {
            string reason = _lastUnreachable is Unreachable unreachable ? Describe(unreachable) : "no answer";
            Fail(EFI_STATUS.EFI_TIMEOUT, reason);
            return;
        }
        _timer.BackOff();
        _retransmitAt = now + _timer.Timeout;
        if (isConnecting)
        {
            SendSyn();
            return;
        }
        if (_window == 0 && DataEnd != _unacknowledged)
        {
            SendData(_unacknowledged, 1); // The peer's window is shut: one byte asks whether it still is (RFC 9293, 3.8.6.1).
            return;
        }

        // Everything from the oldest on is sent again as the window allows; what SACK said may be withdrawn (RFC 2018, 8).
        _slowStartThreshold = Math.Max((_highest - _unacknowledged) / 2, 2 * (uint)_segmentSize);
        _congestionWindow = (uint)_segmentSize;
        _recoverUntil = _highest;
        _isRecovering = false;
        _duplicates = 0;
        _sacked.Clear();
        _next = _unacknowledged;
        Flush();
    }

    private void OnReset()
    {
        if (_state is TcpState.TimeWait or TcpState.LastAck or TcpState.Closing)
        {
            Detach();
        }
        else
        {
            Fail(EFI_STATUS.EFI_ABORTED, "connection reset by the peer");
        }
    }

    // Repetitions must be acknowledged: our acknowledgement was lost. Bounded, so that two ends cannot keep each other going.
    private void OnOutsideWindow()
    {
        Interface.Counters.Drop(DropReason.TcpOutsideWindow);
        Challenge(true);
    }

    private void Challenge(bool isDue)
    {
        if (isDue && _network.MayAnswer())
        {
            SendAcknowledgement();
        }
    }

    private void OnData(uint sequence, ReadOnlySpan<byte> data)
    {
        _largestSegment = Math.Max(_largestSegment, data.Length);
        if (sequence != _expected)
        {
            OnDataBehindGap(sequence, data);
            return;
        }
        _expected += (uint)data.Length;
        if (!_reorder.IsEmpty)
        {
            _acknowledgeNow = true; // A gap is filled, or part of one (RFC 5681, 4.2).
        }
        _handler.OnData(data);
        while (!_reorder.IsEmpty && _state != TcpState.Closed)
        {
            ReadOnlySpan<byte> next = _reorder.Take(_expected);
            if (next.IsEmpty)
            {
                break;
            }
            _expected += (uint)next.Length;
            _handler.OnData(next);
        }
        if (_state == TcpState.Closed)
        {
            return;
        }
        if (_reorder.IsEmpty)
        {
            _duplicatesSent = 0;
        }
        _receiveWindow.OnProgress(_expected, _timer.RoundTrip, _network.Now);
        if (_expected - _acknowledged >= (uint)_receiveWindow.Size / 4)
        {
            SendAcknowledgement();
        }
    }

    private void OnDataBehindGap(uint sequence, ReadOnlySpan<byte> data)
    {
        if (!_reorder.TryAdd(sequence, data))
        {
            Interface.Counters.Drop(DropReason.TcpNoRoom);
            return;
        }
        int gaps = 0;
        uint missing = 0;
        uint from = _expected;
        while (gaps < MaximumSackBlocks && _reorder.Ranges.TryFindHole(from, out TcpRange hole))
        {
            gaps++;
            missing += hole.End - hole.Start;
            from = hole.End;
        }
        _receiveWindow.OnGap(_expected, (int)missing, gaps, Interface.Burst, _offered, _network.Now);

        // A peer that knows SACK learns all from the round's last acknowledgement; another counts duplicates.
        if (!_hasSack || _duplicatesSent < DuplicatesForLoss)
        {
            _duplicatesSent++;
            SendAcknowledgement();
        }
        else
        {
            _acknowledgeNow = true;
        }
    }

    private void OnPeerFin()
    {
        _expected++;
        _hasPeerFin = false;
        _acknowledgeNow = true;
        switch (_state)
        {
            case TcpState.Established:
                _state = TcpState.CloseWait;
                break;
            case TcpState.FinWait1:
                _state = TcpState.Closing;
                break;
            case TcpState.FinWait2:
                EnterTimeWait();
                break;
        }
        if (!_isCloseReported)
        {
            _isCloseReported = true;
            _handler.OnClosed(null);
        }
    }

    private void EnterTimeWait()
    {
        _state = TcpState.TimeWait;
        _retransmitAt = _network.Now + TcpRemnants.TimeWait;
    }

    // Sends what the peer's window and the congestion window allow, and the FIN after it.
    private void Flush()
    {
        if (_state is not (TcpState.Established or TcpState.CloseWait or TcpState.FinWait1 or TcpState.Closing or TcpState.LastAck))
        {
            return;
        }
        uint end = DataEnd;
        uint limit = _unacknowledged + Math.Min(_window, _congestionWindow);
        while (TcpSequence.Less(_next, end))
        {
            int length = Math.Min((int)(end - _next), _segmentSize);
            int room = (int)(limit - _next);
            if (room < length)
            {
                // A small piece only when nothing else would get the peer to answer (RFC 9293, 3.8.6.2.1).
                if (room <= 0 || _next != _unacknowledged)
                {
                    break;
                }
                length = room;
            }
            SendData(_next, length);
        }
        if (_isCloseRequested && _next == _finSequence)
        {
            SendFin();
        }
        if (_retransmitAt == Never && (_unacknowledged != _highest || _unacknowledged != end))
        {
            _retransmitAt = _network.Now + _timer.Timeout; // With nothing in flight this is the persist timer.
        }
    }

    private void SendSyn()
    {
        uint sequence = _unacknowledged;
        bool isAnswer = _state == TcpState.SynReceived;
        Span<byte> segment = _network.Transport;
        int headerSize = TcpSegment.HeaderSize + TcpOptions.WriteSyn(
            segment.Slice(TcpSegment.HeaderSize), (ushort)(Interface.Mtu - HeaderSizes), isAnswer && _receiveShift == 0 ? -1 : WindowShift,
            !isAnswer || _hasSack, !isAnswer || _hasTimestamps, Clock, isAnswer ? _peerTimestamp : 0);
        _isTiming = _tries == 0;
        _timedSince = _network.Now;
        _timedSequence = sequence;
        _next = sequence + 1;
        _highest = _next;
        if (isAnswer)
        {
            _offered = _expected + TcpReceiveWindow.Initial - 1;
        }
        _retransmitAt = _network.Now + _timer.Timeout;
        Send(segment.Slice(0, headerSize), headerSize, sequence, isAnswer ? TcpFlags.Syn | TcpFlags.Ack : TcpFlags.Syn, TcpReceiveWindow.Initial - 1);
    }

    private void SendData(uint sequence, int length)
    {
        uint end = sequence + (uint)length;
        TcpFlags flags = end == DataEnd ? TcpFlags.Ack | TcpFlags.Psh : TcpFlags.Ack;
        if (TcpSequence.Less(sequence, _highest))
        {
            _isTiming = false;
        }
        else if (!_isTiming)
        {
            _isTiming = true;
            _timedSequence = sequence;
            _timedSince = _network.Now;
        }
        if (sequence == _next)
        {
            _next = end;
        }
        SendSegment(sequence, length, flags);
    }

    private void SendFin()
    {
        _next = TcpSequence.Max(_next, _finSequence + 1);
        SendSegment(_finSequence, 0, TcpFlags.Fin | TcpFlags.Ack);
    }

    private void SendAcknowledgement() => SendSegment(_next, 0, TcpFlags.Ack);

    private void SendSegment(uint sequence, int length, TcpFlags flags)
    {
        Span<byte> segment = _network.Transport;
        int headerSize = TcpSegment.HeaderSize;
        if (_hasTimestamps)
        {
            headerSize += TcpOptions.WriteTimestamp(segment.Slice(headerSize), Clock, _peerTimestamp);
        }
        if (_hasSack && !_reorder.IsEmpty && length == 0)
        {
            int blocks = Math.Min(_reorder.Ranges.Count, MaximumSackBlocks);
            headerSize += TcpOptions.WriteSackHeader(segment.Slice(headerSize), blocks);
            for (int i = 0; i < blocks; i++)
            {
                TcpRange range = _reorder.Ranges[i];
                headerSize += TcpOptions.WriteSackBlock(segment.Slice(headerSize), range.Start, range.End);
            }
        }
        if (length != 0)
        {
            _buffer.CopyTo((int)(sequence - _unacknowledged), segment.Slice(headerSize, length));
        }
        _highest = TcpSequence.Max(_highest, _next);

        // The edge never moves back (RFC 9293, 3.8.6): a smaller window is reached as data arrives. Rounded up, for the same reason.
        _offered = TcpSequence.Max(_offered, _expected + (uint)_receiveWindow.Size);
        uint window = Math.Min((_offered - _expected + (1u << _receiveShift) - 1) >> _receiveShift, ushort.MaxValue);
        _offered = _expected + (window << _receiveShift);
        _acknowledged = _expected;
        _acknowledgeNow = false;
        _acknowledgeAt = Never;
        Send(segment.Slice(0, headerSize + length), headerSize, sequence, flags, (ushort)window);
    }

    private void Send(Span<byte> segment, int headerSize, uint sequence, TcpFlags flags, ushort window)
    {
        uint acknowledgement = (flags & TcpFlags.Ack) != 0 ? _expected : 0;
        TcpSegment.WriteHeader(
            segment, headerSize, _local, _port, Remote.Address, Remote.Port, sequence, acknowledgement, flags, window);
        _network.SendIPv4(Interface, _local, Remote.Address, IPProtocol.Tcp, segment.Length, IPv4Packet.DontFragment);
    }

    private void Linger()
    {
        if (_state == TcpState.Closed)
        {
            return;
        }
        if (_acknowledgeNow)
        {
            SendAcknowledgement();
        }
        _network.Linger(new TcpRemnant
        {
            Interface = Interface,
            Local = _local,
            Remote = Remote,
            Port = _port,
            Fin = _finSequence,
            Next = _expected,
            IsFinAcknowledged = TcpSequence.Less(_finSequence, _unacknowledged),
            IsPeerFinished = _state is TcpState.Closing or TcpState.LastAck or TcpState.TimeWait,
            HasTimestamps = _hasTimestamps,
            TimestampOffset = _timestampOffset,
            PeerTimestamp = _peerTimestamp,
            Retransmit = _network.Now + _timer.Timeout,
            Timeout = _timer.Timeout,
        });
        Detach();
    }

    // The connection is gone from the network; what its owner still calls does nothing.
    private void Detach()
    {
        if (_state != TcpState.Closed)
        {
            _state = TcpState.Closed;
            _retransmitAt = Never;
            _network.Remove(this);
        }
    }

    private void Fail(EFI_STATUS status, string reason)
    {
        if (_state == TcpState.Closed)
        {
            return;
        }
        Detach();
        if (!_isCloseReported)
        {
            _isCloseReported = true;
            _handler.OnClosed(new Error(status, Text.Format($"TCP {Remote}: {reason}")));
        }
    }

    private static string Describe(Unreachable reason) => reason switch
    {
        Unreachable.Host => "host unreachable",
        Unreachable.Network => "network unreachable",
        Unreachable.Prohibited => "forbidden by an administrator",
        Unreachable.Neighbour => "nobody answers ARP for it or the gateway",
        _ => "port unreachable",
    };
}
