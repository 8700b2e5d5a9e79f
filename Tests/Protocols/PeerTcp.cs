using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Protocols;

/// <summary>
/// The passive end of a TCP connection, written for clarity: 64-bit stream positions instead of sequence numbers, lists
/// instead of rings, one timer. Slow start, fast retransmit and SACK, so that the stack meets what real senders do.
/// </summary>
internal sealed class PeerTcp(PeerTcpServer server, IPEndpoint remote, IPEndpoint local)
{
    private const uint InitialSequence = 0xFFFF_FF00; // The sequence numbers wrap soon.
    public const ulong InitialTimeout = 300_000;

    private readonly List<byte> _outgoing = [];
    private readonly SortedDictionary<long, byte[]> _early = [];
    private readonly List<(long Start, long End)> _sacked = [];
    private bool _isEstablished;
    private bool _isFinQueued;
    private bool _isVanished;
    private bool _sackPermitted;
    private bool _timestamps;
    private uint _clientTimestamp;
    private uint _clientInitial;
    private int _clientShift;
    private long _clientSegment = 536;
    private long _acknowledged;
    private long _next;
    private long _highest;
    private long _expected;
    private long _clientFin = -1;
    private long _congestionWindow;
    private long _threshold = long.MaxValue;
    private long _recoverUntil = -1;
    private long _retransmitted;
    private int _duplicates;
    private bool _isTimerPending;
    private ulong _deadline;
    private ulong _timeout = InitialTimeout;

    public IPEndpoint Remote { get; } = remote;
    public IPEndpoint Local { get; } = local;

    /// <summary>All that the client has sent.</summary>
    public List<byte> Received { get; } = [];

    /// <summary>The same as Latin-1, for a script to cut from what it has read.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>What the stream is wrapped in; null for nothing.</summary>
    public IPeerRecords? Records { get; set; }

    /// <summary>Called with <see cref="Received"/> grown.</summary>
    public Action<PeerTcp>? OnData { get; set; }

    public bool IsGone { get; private set; }
    public bool WasReset { get; private set; }
    public bool IsClientFinished { get; private set; }

    /// <summary>Everything, and the FIN if there is one, has been acknowledged.</summary>
    public bool IsAllAcknowledged => _acknowledged == End;

    /// <summary>Reset, or finished by both: the same ports may begin again.</summary>
    public bool IsOver => IsGone || (_isFinQueued && IsClientFinished && IsAllAcknowledged);

    public int Segments { get; private set; }
    public int Retransmissions { get; private set; }
    public int PureAcknowledgements { get; private set; }
    public int SackBlocksSeen { get; private set; }
    public long LargestClientWindow { get; private set; }
    public long ClientWindow { get; private set; }

    private uint Clock => (uint)(server.Host.Wire.Now / 1000);

    // The stream's last position, behind the FIN if there is one.
    private long End => _outgoing.Count + (_isFinQueued ? 1 : 0);

    public void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public void Send(ReadOnlySpan<byte> data)
    {
        if (Records is null)
        {
            SendRaw(data);
        }
        else
        {
            Records.Send(this, data);
        }
    }

    /// <summary>Sends what is wrapped already.</summary>
    public void SendRaw(ReadOnlySpan<byte> data)
    {
        _outgoing.AddRange(data);
        Transmit();
    }

    /// <summary>Ends this direction after what was sent.</summary>
    public void Finish()
    {
        if (Records is null)
        {
            FinishRaw();
        }
        else
        {
            Records.Finish(this);
        }
    }

    /// <summary>Sends the FIN, whatever is wrapped in the stream.</summary>
    public void FinishRaw()
    {
        _isFinQueued = true;
        Transmit();
    }

    public void After(ulong delay, Action action) => server.Host.Wire.After(delay, action);

    public void Reset()
    {
        Emit(_next, 0, PeerSegment.Rst | PeerSegment.Ack);
        IsGone = true;
    }

    /// <summary>Says nothing any more, not even that it is gone.</summary>
    public void Vanish() => _isVanished = true;

    public void OnSegment(PeerSegment segment)
    {
        if (_isVanished)
        {
            return;
        }

        if (segment.Has(PeerSegment.Rst))
        {
            WasReset = true;
            IsGone = true;
            return;
        }

        if (segment.Has(PeerSegment.Syn))
        {
            OnSyn(segment);
            return;
        }

        if (_timestamps && segment.Timestamp is (uint value, _) && (int)(value - _clientTimestamp) >= 0)
        {
            _clientTimestamp = value;
        }

        bool isFirst = !_isEstablished;
        _isEstablished = true;
        OnAcknowledgement(segment);
        if (isFirst)
        {
            server.OnConnected?.Invoke(this);
        }

        Read(segment);
        Transmit();
    }

    private void OnSyn(PeerSegment segment)
    {
        _clientInitial = segment.Sequence;
        _sackPermitted = server.HasSack && segment.IsSackPermitted;
        _timestamps = server.HasTimestamps && segment.Timestamp is not null;
        _clientTimestamp = segment.Timestamp?.Value ?? 0;
        bool scaled = server.WindowShift >= 0 && segment.WindowShift >= 0;
        _clientShift = scaled ? segment.WindowShift : 0;
        _clientSegment = Math.Min(segment.MaximumSegmentSize, server.SegmentSize) - (_timestamps ? 12 : 0);
        _congestionWindow = server.InitialCongestionWindow * _clientSegment;
        ClientWindow = segment.Window;
        server.Host.SendTcp(this, new PeerSegment
        {
            SourcePort = Local.Port,
            DestinationPort = Remote.Port,
            Sequence = InitialSequence,
            Acknowledgement = _clientInitial + 1,
            Flags = PeerSegment.Syn | PeerSegment.Ack,
            Window = (ushort)Math.Min(server.ReceiveWindow, 65535),
            MaximumSegmentSize = (ushort)server.SegmentSize,
            WindowShift = scaled ? server.WindowShift : -1,
            IsSackPermitted = _sackPermitted,
            Timestamp = _timestamps ? (Clock, _clientTimestamp) : null,
        });
    }

    // Where a sequence number near a known position is in the stream whose first byte has the number "first".
    private static long Position(uint sequence, uint first, long near) => (int)(sequence - first - (uint)near) + near;

    private void OnAcknowledgement(PeerSegment segment)
    {
        long acknowledged = Position(segment.Acknowledgement, InitialSequence + 1, _acknowledged);
        long window = (long)segment.Window << _clientShift;
        bool isDuplicate = acknowledged == _acknowledged && segment.Data.Length == 0 && window == ClientWindow && _highest > _acknowledged &&
            !segment.Has(PeerSegment.Fin);
        PureAcknowledgements += segment.Data.Length == 0 ? 1 : 0;
        ClientWindow = window;
        LargestClientWindow = Math.Max(LargestClientWindow, window);
        foreach ((uint left, uint right) in segment.Sack)
        {
            long start = Position(left, InitialSequence + 1, _acknowledged);
            _sacked.Add((start, start + (right - left)));
            SackBlocksSeen++;
        }

        if (acknowledged > _acknowledged && acknowledged <= _highest)
        {
            OnNewlyAcknowledged(acknowledged);
        }
        else if (isDuplicate && ++_duplicates >= 3)
        {
            OnLoss();
        }
    }

    private void OnNewlyAcknowledged(long acknowledged)
    {
        long count = acknowledged - _acknowledged;
        _acknowledged = acknowledged;
        _next = Math.Max(_next, acknowledged);
        _sacked.RemoveAll(range => range.End <= acknowledged);
        _duplicates = 0;
        _timeout = InitialTimeout;
        if (_recoverUntil >= 0 && acknowledged < _recoverUntil)
        {
            _retransmitted = Math.Max(_retransmitted, acknowledged);
            RetransmitHole();
        }
        else
        {
            if (_recoverUntil >= 0)
            {
                _congestionWindow = _threshold;
                _recoverUntil = -1;
            }

            _congestionWindow += _congestionWindow < _threshold ? count : Math.Max(1, _clientSegment * count / _congestionWindow);
        }

        Arm();
    }

    private void OnLoss()
    {
        if (_recoverUntil < 0)
        {
            _threshold = Math.Max((_highest - _acknowledged) / 2, 2 * _clientSegment);
            _congestionWindow = _threshold + (3 * _clientSegment);
            _recoverUntil = _highest;
            _retransmitted = _acknowledged;
        }
        else
        {
            _congestionWindow += _clientSegment;
        }

        RetransmitHole();
    }

    private void RetransmitHole()
    {
        long from = Math.Max(_retransmitted, _acknowledged);
        while (_sacked.Any(range => range.Start <= from && from < range.End))
        {
            from = _sacked.Where(range => range.Start <= from && from < range.End).Max(range => range.End);
        }

        if (from != _acknowledged && !_sacked.Any(range => range.Start > from))
        {
            return;
        }

        Retransmissions++;
        _retransmitted = from + Emit(from, (int)Math.Min(_clientSegment, _outgoing.Count - from), PeerSegment.Ack);
    }

    private void Read(PeerSegment segment)
    {
        long sequence = Position(segment.Sequence, _clientInitial + 1, _expected);
        byte[] data = segment.Data;
        if (segment.Has(PeerSegment.Fin))
        {
            _clientFin = sequence + data.Length;
        }

        if (data.Length == 0 && !segment.Has(PeerSegment.Fin))
        {
            if (sequence < _expected)
            {
                Emit(_next, 0, PeerSegment.Ack); // Old, or a probe.
            }

            return;
        }

        if (sequence + data.Length > _expected && sequence <= _expected + server.ReceiveWindow)
        {
            _early[sequence] = data;
        }

        while (_early.Count != 0 && _early.First() is (long start, byte[] piece) && start <= _expected)
        {
            _early.Remove(start);
            if (start + piece.Length > _expected)
            {
                byte[] fresh = piece[(int)(_expected - start)..];
                _expected += fresh.Length;
                fresh = Records is null ? fresh : Records.Receive(this, fresh);
                if (fresh.Length != 0)
                {
                    Received.AddRange(fresh);
                    Text.Append(Encoding.Latin1.GetString(fresh));
                    server.OnData?.Invoke(this, fresh);
                    OnData?.Invoke(this);
                }
            }
        }

        if (_clientFin == _expected && !IsClientFinished)
        {
            IsClientFinished = true;
            _expected++;
            server.OnFinished?.Invoke(this);
        }

        if (!IsGone)
        {
            Emit(_next, 0, PeerSegment.Ack);
        }
    }

    private void Transmit()
    {
        if (!_isEstablished || IsGone)
        {
            return;
        }

        long limit = _acknowledged + Math.Min(ClientWindow, _congestionWindow);
        while (_next < _outgoing.Count && _next < limit)
        {
            int length = (int)Math.Min(Math.Min(_clientSegment, _outgoing.Count - _next), limit - _next);
            if (length < _clientSegment && length < _outgoing.Count - _next && _next != _acknowledged)
            {
                break;
            }

            Retransmissions += _next < _highest ? 1 : 0;
            _next += Emit(_next, length, PeerSegment.Ack | PeerSegment.Psh);
        }

        if (_isFinQueued && _next == _outgoing.Count)
        {
            Emit(_next, 0, PeerSegment.Fin | PeerSegment.Ack);
            _next++;
        }

        _highest = Math.Max(_highest, _next);
        Arm();
    }

    // (Re)starts the timer when there is anything to wait for. One is pending at a time; it looks at the deadline when it runs.
    private void Arm()
    {
        if (_highest == _acknowledged && _next == End)
        {
            return;
        }

        _deadline = server.Host.Wire.Now + _timeout;
        if (!_isTimerPending)
        {
            _isTimerPending = true;
            server.Host.Wire.After(_timeout, OnTimer);
        }
    }

    private void OnTimer()
    {
        _isTimerPending = false;
        if (IsGone || _isVanished || _acknowledged >= End)
        {
            return;
        }

        if (server.Host.Wire.Now < _deadline)
        {
            _isTimerPending = true;
            server.Host.Wire.After(_deadline - server.Host.Wire.Now, OnTimer);
            return;
        }

        _timeout = Math.Min(_timeout * 2, 5_000_000);
        _threshold = Math.Max((_highest - _acknowledged) / 2, 2 * _clientSegment);
        _congestionWindow = 2 * _clientSegment;
        _sacked.Clear();
        _recoverUntil = -1;
        _duplicates = 0;
        _next = _acknowledged;
        if (ClientWindow == 0)
        {
            Emit(_acknowledged, 1, PeerSegment.Ack);
            _highest = Math.Max(_highest, _acknowledged + 1);
            Arm();
            return;
        }

        Transmit();
    }

    private int Emit(long position, int length, byte flags)
    {
        if (_isFinQueued && position > _outgoing.Count)
        {
            position = (flags & PeerSegment.Fin) != 0 ? _outgoing.Count : position;
            length = 0;
        }

        length = Math.Max(length, 0);
        if (_isFinQueued && position == _outgoing.Count && length == 0 && position < _highest && _recoverUntil >= 0)
        {
            flags |= PeerSegment.Fin;
        }

        PeerSegment segment = new()
        {
            SourcePort = Local.Port,
            DestinationPort = Remote.Port,
            Sequence = InitialSequence + 1 + (uint)position,
            Acknowledgement = _clientInitial + 1 + (uint)_expected,
            Flags = flags,
            Window = (ushort)Math.Min(server.ReceiveWindow >> Math.Max(server.WindowShift, 0), 65535),
            Data = length == 0 ? [] : [.. _outgoing.GetRange((int)position, length)],
            Timestamp = _timestamps ? (Clock, _clientTimestamp) : null,
        };
        if (_sackPermitted && _early.Count != 0)
        {
            (long start, byte[] data) = _early.First();
            uint left = _clientInitial + 1 + (uint)start;
            segment.Sack.Add((left, left + (uint)data.Length));
        }

        Segments += length > 0 ? 1 : 0;
        if (!_isVanished)
        {
            server.Host.SendTcp(this, segment);
        }

        return length;
    }
}
