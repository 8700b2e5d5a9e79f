using System;
using System.Runtime.CompilerServices;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// A TCP connection that we opened (RFC 9293), made for receiving much and sending little: with window scaling and timestamps
/// (RFC 7323), selective acknowledgements both ways (RFC 2018), fast retransmit (RFC 6582) and RFC 6298 timers.
/// </summary>
/// <remarks>
/// Data that arrives in order goes straight from the link's buffer to the owner; only what lies behind a gap is copied here.
/// Acknowledgements go out once a round of polling, for all that the ring had, and within a round for each quarter of the
/// window, so that the peer sends while we work. Here is the state machine; <see cref="TcpSender"/> and <see cref="TcpReceiver"/> are the
/// stream's two directions.
/// </remarks>
public sealed class TcpConnection : IDisposable
{
    /// <summary>The most bytes that <see cref="Send(ReadOnlySpan{byte})"/> holds until they are acknowledged.</summary>
    public const int SendCapacity = 32 * 1024;

    /// <summary>Bytes of memory for a connection: what it sends, what came behind gaps, and what says where all of that is.</summary>
    private const int Room = SendCapacity + TcpReceiver.Capacity + 4096;

    private const int DefaultSegmentSizeIPv4 = 536; // RFC 9293, 3.7.1
    private const int DefaultSegmentSizeIPv6 = IPv6Packet.MinimumMtu - IPv6Packet.HeaderSize - TcpSegment.HeaderSize;

    private readonly Network _network;
    private readonly Arena _arena;
    private readonly StreamHandler _handler;
    private readonly TcpSender _sender;
    private readonly TcpReceiver _receiver;
    private readonly Flow _flow;
    private readonly ushort _port;
    private readonly uint _timestampOffset;
    private RateLimit _answers = new(InternetLayer.MaximumAnswers);
    private TcpState _state = TcpState.SynSent;
    private ulong _timeWaitUntil = TcpSender.Never;
    private bool _isDisposed;
    private bool _isCloseReported;
    private bool _hasTimestamps;
    private uint _peerTimestamp; // TS.Recent (RFC 7323, 4.3)
    private Unreachable? _lastUnreachable;

    private TcpConnection(Network network, Arena arena, in Flow flow, IPEndpoint remote, StreamHandler handler, ushort port)
    {
        _network = network;
        _arena = arena;
        _handler = handler;
        _flow = flow;
        _port = port;
        Remote = remote;
        _timestampOffset = network.Random.Next32();
        _sender = new TcpSender(this, network, network.Random.Next32());
        _receiver = new TcpReceiver(this, network, handler);
    }

    /// <summary>The peer.</summary>
    public IPEndpoint Remote { get; }

    /// <summary>The interface that the connection goes over, for its whole life.</summary>
    public NetworkInterface Interface => _flow.Interface;

    /// <summary>True from the handshake's end until the connection is gone; the peer may have finished already.</summary>
    public bool IsConnected => _state is not (TcpState.Closed or TcpState.SynSent or TcpState.SynReceived);

    /// <summary>The most bytes that <see cref="Send(ReadOnlySpan{byte})"/> takes now.</summary>
    public int SendRoom => _state == TcpState.Closed || _sender.IsCloseRequested ? 0 : SendCapacity - _sender.PendingBytes;

    internal IPAddress Local => _flow.Source;

    /// <summary>Bytes of the headers before each segment's options.</summary>
    internal int HeaderSizes => _flow.HeaderSize + TcpSegment.HeaderSize;

    /// <summary>What a peer takes that says nothing.</summary>
    internal int DefaultSegmentSize => Remote.Address.Family == AddressFamily.IPv6 ? DefaultSegmentSizeIPv6 : DefaultSegmentSizeIPv4;

    /// <summary>What no path is believed to carry less than.</summary>
    internal int MinimumMtu => Remote.Address.Family == AddressFamily.IPv6 ? IPv6Packet.MinimumMtu : TcpSender.MinimumPathMtu;

    internal TcpConnection? Next { get; set; }

    internal TcpConnection? NextDisposed { get; set; }

    internal bool IsClosed => _state == TcpState.Closed;

    /// <summary>Our direction is open, or its FIN is not acknowledged.</summary>
    internal bool MaySend =>
        _state is TcpState.Established or TcpState.CloseWait or TcpState.FinWait1 or TcpState.Closing or TcpState.LastAck;

    /// <summary>The peer's direction is open.</summary>
    internal bool MayReceive => _state is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2;

    /// <summary>Both ends know selective acknowledgements.</summary>
    internal bool HasSack { get; private set; }

    /// <summary>Bytes of options in each segment.</summary>
    internal int OptionsSize => _hasTimestamps ? TcpOptions.TimestampSize : 0;

    internal ulong RoundTrip => _sender.RoundTrip;

    private uint Clock => (uint)(_network.Now / 1000) + _timestampOffset;

    /// <summary>Begins to connect; <see cref="StreamHandler.OnConnected"/> or OnClosed tells how it went.</summary>
    /// <param name="network">Where to connect from: it chooses interface and port.</param>
    /// <param name="remote">A host's address, and a port.</param>
    /// <param name="handler">Called from <see cref="Network.Poll"/> only.</param>
    /// <param name="error">EFI_NO_MAPPING without a route, EFI_INVALID_PARAMETER for what is not a host's port.</param>
    /// <returns>Null with an error.</returns>
    public static TcpConnection? Connect(Network network, IPEndpoint remote, StreamHandler handler, out Error? error)
    {
        error = null;
        if (!remote.Address.IsUnicast || remote.Port == 0)
        {
            error = new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"TCP {remote}: not the address and port of a host"));
            return null;
        }

        if (!network.TryFlow(remote.Address, out Flow flow))
        {
            error = network.NoRoute(remote.Address);
            return null;
        }

        if (flow.Interface.IsOurs(remote.Address) || flow.Interface.IsBroadcast(remote.Address.IPv4))
        {
            error = new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"TCP {remote}: not another host"));
            return null;
        }

        Arena? arena = network.TakeMemory() ?? Arena.TryCreate(Room);
        if (arena is null)
        {
            error = new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"TCP {remote}: out of memory"));
            return null;
        }

        TcpConnection connection;
        using (arena.Enter())
        {
            connection = new TcpConnection(network, arena, flow, remote, handler, network.NewTcpPort(remote));
        }

        network.Add(connection);
        connection.SendSyn();
        return connection;
    }

    /// <summary>Queues bytes to be sent, from Connect on until <see cref="Close"/>.</summary>
    /// <returns>How many were taken: fewer when <see cref="SendCapacity"/> is full, 0 when the connection is closed.</returns>
    public int Send(ReadOnlySpan<byte> data)
    {
        if (_state == TcpState.Closed || _sender.IsCloseRequested)
        {
            return 0;
        }

        int taken = _sender.Append(data);
        if (!_network.IsPolling)
        {
            _sender.Flush(); // In a handler's call the end of the round does it, for all that the handler gave.
        }

        return taken;
    }

    /// <summary>Ends our direction of the stream (FIN) after all that was queued; the peer may still send.</summary>
    public void Close()
    {
        if (_state == TcpState.Closed || _sender.IsCloseRequested)
        {
            return;
        }

        if (_state == TcpState.SynSent)
        {
            Detach();
            return;
        }

        _sender.RequestClose();
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
            _sender.Flush();
        }
    }

    /// <summary>Ends the connection at once: the peer gets a RST, the handler is not called any more.</summary>
    public void Abort()
    {
        if (_state == TcpState.Closed)
        {
            return;
        }

        SendReset();
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
        if (_sender.IsCloseRequested && _sender.PendingBytes == 0 && _state != TcpState.Closed)
        {
            _sender.Flush();
            Linger();
        }
        else
        {
            Abort();
        }

        _network.FreeLater(this);
    }

    internal bool Matches(IPEndpoint remote, ushort port) => _port == port && Remote == remote;

    internal void Free() => _network.FreeMemory(_arena);

    /// <summary>The interface is being closed or gets another address.</summary>
    internal void OnInterfaceLost()
    {
        SendReset();
        Fail(EFI_STATUS.EFI_ABORTED, "the network interface was closed");
    }

    /// <summary>An ICMP error, or our own finding, quotes a segment of ours.</summary>
    /// <param name="sequence">That of the segment.</param>
    /// <param name="reason">What the error says.</param>
    /// <param name="mtu">With <see cref="Unreachable.TooBig"/>: what the router has room for, 0 when it does not say.</param>
    internal void OnUnreachable(uint sequence, Unreachable reason, int mtu)
    {
        if (!_sender.IsInFlight(sequence))
        {
            return; // Late, or made up (RFC 5927, 4.1).
        }

        if (reason == Unreachable.TooBig)
        {
            if (_state != TcpState.SynSent)
            {
                _sender.OnTooBig(mtu);
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

        if (now >= _timeWaitUntil)
        {
            Detach();
            return;
        }

        if (_sender.IsTimeoutDue(now))
        {
            OnRetransmitTimeout(now);
        }

        if (IsConnected)
        {
            _sender.Flush();
            _receiver.EndRound(now);
        }
    }

    /// <summary>A segment arrives (RFC 9293, 3.10.7), whose checksum is right.</summary>
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

        // RFC 9293, 3.10.7.4. A RST counts at the window's very edge only (RFC 5961, 3.2), so it comes before the first step.
        if (segment.Has(TcpFlags.Rst))
        {
            OnReset(segment.Sequence);
            return;
        }

        if (_hasTimestamps && !options.HasTimestamp && !segment.Has(TcpFlags.Syn))
        {
            Interface.Counters.Drop(DropReason.BadTcp); // RFC 7323, 3.2: once they were agreed on, every segment has them.
            return;
        }

        uint end = segment.Sequence + (uint)segment.Payload.Length + (segment.Has(TcpFlags.Fin) ? 1u : 0);
        if (IsStale(options) || !_receiver.IsAcceptable(segment.Sequence, end)) // First: the sequence number.
        {
            OnOutsideWindow();
            return;
        }

        if (segment.Has(TcpFlags.Syn))
        {
            Challenge(true); // Fourth: RFC 5961, 4.2.
            return;
        }

        if (!segment.Has(TcpFlags.Ack))
        {
            Interface.Counters.Drop(DropReason.BadTcp);
            return;
        }

        uint lastAcknowledged = _receiver.LastAcknowledged;
        if (!OnAcknowledgement(segment, options)) // Fifth: the ACK field.
        {
            return;
        }

        // RFC 7323, 4.3; only of segments that passed all that tells the peer from others (RFC 5961, 5).
        if (_hasTimestamps && options.HasTimestamp && TcpSequence.LessOrEqual(segment.Sequence, lastAcknowledged))
        {
            _peerTimestamp = options.TimestampValue;
        }

        _receiver.OnText(segment); // Seventh: the segment's text.
        if (_state != TcpState.Closed && _receiver.TryTakeFin())
        {
            OnPeerFin(); // Eighth: the FIN bit.
        }
    }

    /// <summary>The peer acknowledged something new.</summary>
    internal void OnProgress()
    {
        _lastUnreachable = null;
        if (_sender.IsFinAcknowledged)
        {
            OnFinAcknowledged();
        }
    }

    /// <summary>How long ago, in microseconds, the segment was sent whose timestamp the peer echoes; only in milliseconds.</summary>
    internal bool TryReadEcho(TcpOptions options, out ulong roundTrip)
    {
        roundTrip = (Clock - options.TimestampEcho) * 1000UL;
        return _hasTimestamps && options.HasTimestamp && options.TimestampEcho != 0 && roundTrip < TcpRetransmissionTimer.Maximum;
    }

    /// <returns>False when the link has no room: it is due in the next round.</returns>
    internal bool SendAcknowledgement() => SendSegment(_sender.Next, 0, TcpFlags.Ack);

    /// <summary>Sends a segment with queued bytes, or none.</summary>
    /// <returns>False when the link has no room for it.</returns>
    internal bool SendSegment(uint sequence, int length, TcpFlags flags)
    {
        Span<byte> segment = _network.Transport;
        int headerSize = TcpSegment.HeaderSize;
        if (_hasTimestamps)
        {
            headerSize += TcpOptions.WriteTimestamp(segment.Slice(headerSize), Clock, _peerTimestamp);
        }

        if (HasSack && length == 0 && _receiver.HasGaps)
        {
            headerSize += _receiver.WriteSack(segment.Slice(headerSize));
        }

        if (length != 0)
        {
            _sender.CopyTo(sequence, segment.Slice(headerSize, length));
        }

        // An acknowledgement that waited could be out of date when it goes: the next round's is not. After the last round there is none.
        bool mayWait = flags != TcpFlags.Ack || length != 0 || _isDisposed;
        ushort window = _receiver.OfferedWindow;
        if (!Send(segment.Slice(0, headerSize + length), headerSize, sequence, flags, window, mayWait))
        {
            _receiver.AcknowledgeNow();
            return false;
        }

        _receiver.OnAcknowledged(window);
        return true;
    }

    // RFC 9293, 3.10.7.3.
    private void OnSegmentInSynSent(TcpSegment segment, TcpOptions options)
    {
        bool isAck = segment.Has(TcpFlags.Ack);
        if (isAck && segment.Acknowledgement != _sender.Highest)
        {
            TcpReset.Answer(_network, _flow, segment);
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

        HasSack = options.SackPermitted;
        _hasTimestamps = options.HasTimestamp;
        _peerTimestamp = options.TimestampValue;
        int room = _flow.Mtu - HeaderSizes;
        _receiver.OnSyn(segment.Sequence, options.WindowShift >= 0, room - OptionsSize);
        _sender.OnSyn(segment, options.MaximumSegmentSize, options.WindowShift, room);
        if (isAck)
        {
            OnSynAcknowledged(segment.Acknowledgement);
            SendAcknowledgementUnlessDataGoes();
        }
        else
        {
            // Both ends opened at once (RFC 9293, figure 8).
            _state = TcpState.SynReceived;
            _sender.OnSimultaneousOpen();
            SendSyn();
        }
    }

    private void OnSynAcknowledged(uint acknowledgement)
    {
        _sender.OnSynAcknowledged(acknowledgement);
        _state = _sender.IsCloseRequested ? TcpState.FinWait1 : TcpState.Established;
        _handler.OnConnected();
    }

    // The handshake's last segment carries the request if there is one already.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SendAcknowledgementUnlessDataGoes()
    {
        _receiver.AcknowledgeNow();
        _sender.Flush();
        if (_receiver.IsAcknowledgementDue && _state != TcpState.Closed)
        {
            SendAcknowledgement();
        }
    }

    // RFC 7323, 5: PAWS.
    private bool IsStale(TcpOptions options) =>
        _hasTimestamps && options.HasTimestamp && TcpSequence.Less(options.TimestampValue, _peerTimestamp);

    // False when the segment is to be dropped, or ended the connection.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool OnAcknowledgement(TcpSegment segment, TcpOptions options)
    {
        uint acknowledgement = segment.Acknowledgement;
        if (_state == TcpState.SynReceived)
        {
            if (acknowledgement != _sender.Highest)
            {
                TcpReset.Answer(_network, _flow, segment);
                return false;
            }

            _sender.SetScaledWindow(segment);
            OnSynAcknowledged(acknowledgement);
            return _state != TcpState.Closed;
        }

        if (!_sender.IsPlausible(acknowledgement))
        {
            Interface.Counters.Drop(DropReason.TcpBadAcknowledgement);
            Challenge(true);
            return false;
        }

        _sender.OnAcknowledgement(segment, options);
        return _state != TcpState.Closed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnRetransmitTimeout(ulong now)
    {
        bool isConnecting = !IsConnected;
        if (!_sender.TryAgain(isConnecting, now))
        {
            string reason = _lastUnreachable is Unreachable unreachable ? Describe(unreachable) : "no answer";
            Fail(EFI_STATUS.EFI_TIMEOUT, reason);
        }
        else if (isConnecting)
        {
            SendSyn();
        }
        else
        {
            _sender.RetransmitAll();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnReset(uint sequence)
    {
        if (sequence != _receiver.Next)
        {
            Challenge(_receiver.IsBeyondNext(sequence));
        }
        else if (_state is TcpState.TimeWait or TcpState.LastAck or TcpState.Closing)
        {
            Detach();
        }
        else
        {
            Fail(EFI_STATUS.EFI_ABORTED, "connection reset by the peer");
        }
    }

    // Repetitions must be acknowledged: our acknowledgement was lost. Bounded, so that two ends cannot keep each other going.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnOutsideWindow()
    {
        Interface.Counters.Drop(DropReason.TcpOutsideWindow);
        Challenge(true);
    }

    private void Challenge(bool isDue)
    {
        if (isDue && _answers.TryTake(_network.Now))
        {
            SendAcknowledgement();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OnPeerFin()
    {
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

    // A peer that waits for us need not wait for its timers (RFC 9293, 3.10.5).
    private void SendReset()
    {
        if (_state is not (TcpState.SynSent or TcpState.TimeWait or TcpState.Closed))
        {
            TcpReset.Send(_network, _flow, _port, Remote.Port, _sender.Next, _receiver.Next, TcpFlags.Rst | TcpFlags.Ack);
        }
    }

    private void EnterTimeWait()
    {
        _state = TcpState.TimeWait;
        _timeWaitUntil = _network.Now + TcpTimeWaits.TimeWait;
    }

    private void SendSyn()
    {
        const ushort Window = TcpReceiveWindow.Initial - 1;
        bool isAnswer = _state == TcpState.SynReceived;
        Span<byte> segment = _network.Transport;
        int headerSize = TcpSegment.HeaderSize + TcpOptions.WriteSyn(
            segment.Slice(TcpSegment.HeaderSize), (ushort)(_flow.Mtu - HeaderSizes),
            isAnswer && !_receiver.IsScaled ? -1 : TcpReceiver.WindowShift,
            !isAnswer || HasSack, !isAnswer || _hasTimestamps, Clock, isAnswer ? _peerTimestamp : 0);
        uint sequence = _sender.OnSynSent();
        if (isAnswer)
        {
            _receiver.OnSynSent(Window);
        }

        Send(segment.Slice(0, headerSize), headerSize, sequence, isAnswer ? TcpFlags.Syn | TcpFlags.Ack : TcpFlags.Syn, Window, mayWait: true);
    }

    private bool Send(Span<byte> segment, int headerSize, uint sequence, TcpFlags flags, ushort window, bool mayWait)
    {
        uint acknowledgement = (flags & TcpFlags.Ack) != 0 ? _receiver.Next : 0;
        TcpSegment.WriteHeader(
            segment, headerSize, _flow.AddressSum, _port, Remote.Port, sequence, acknowledgement, flags, window);
        SendStatus status = _network.Send(_flow, IPProtocol.Tcp, segment.Length, IPv4Packet.DontFragment, mayWait);
        return status != SendStatus.NoRoom;
    }

    private void Linger()
    {
        if (_state == TcpState.Closed)
        {
            return;
        }

        if (_receiver.IsAcknowledgementDue)
        {
            SendAcknowledgement();
        }

        _network.Linger(new TcpTimeWait
        {
            Flow = _flow,
            Remote = Remote,
            Port = _port,
            Fin = _sender.FinSequence,
            Next = _receiver.Next,
            IsFinAcknowledged = _sender.IsFinAcknowledged,
            IsPeerFinished = _state is TcpState.Closing or TcpState.LastAck or TcpState.TimeWait,
            HasTimestamps = _hasTimestamps,
            TimestampOffset = _timestampOffset,
            PeerTimestamp = _peerTimestamp,
            Retransmit = _network.Now + _sender.Timeout,
            Timeout = _sender.Timeout,
        });
        Detach();
    }

    // The connection is gone from the network; what its owner still calls does nothing.
    private void Detach()
    {
        if (_state != TcpState.Closed)
        {
            _state = TcpState.Closed;
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
            _handler.OnClosed(new Error(status, TextBuilder.Format($"TCP {Remote}: {reason}")));
        }
    }

    private static string Describe(Unreachable reason) => reason switch
    {
        Unreachable.Host => "host unreachable",
        Unreachable.Network => "network unreachable",
        Unreachable.Prohibited => "forbidden by an administrator",
        Unreachable.Neighbour => "no neighbour has the address of it or the gateway",
        _ => "port unreachable",
    };
}
