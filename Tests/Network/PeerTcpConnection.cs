using System;
using System.Collections.Generic;
using System.Linq;
using NetworkStack;
using NetworkStack.Wire;

namespace Tests.Network;

/// <summary>
/// The passive end of a TCP connection, written for clarity: 64-bit stream positions instead of sequence numbers, lists
/// instead of rings, one timer. Slow start, fast retransmit and SACK, so that the stack meets what real senders do.
/// </summary>
public sealed class PeerTcpConnection(PeerTcpServer server, IPv4Endpoint remote, IPv4Endpoint local)
{
    private const uint InitialSequence = 0xFFFF_FF00; // The sequence numbers wrap soon.
    private readonly List<byte> _outgoing = [];
    private readonly SortedDictionary<long, byte[]> _early = [];
    private readonly List<(long Start, long End)> _sacked = [];
    private bool _isEstablished;
    private bool _isFinQueued;
    private bool _sackPermitted;
    private bool _timestamps;
    private uint _clientTimestamp;
    private uint _clientInitial;
    private int _clientShift;
    private long _clientWindow;
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
    private int _timerGeneration;
    private ulong _timeout = 300_000;

    public IPv4Endpoint Remote { get; } = remote;
    public IPv4Endpoint Local { get; } = local;
    public List<byte> Received { get; } = [];
    public bool IsGone { get; private set; }
    public bool WasReset { get; private set; }
    public bool IsClientFinished { get; private set; }

    /// <summary>Everything, and the FIN if there is one, has been acknowledged.</summary>
    public bool IsAllAcknowledged => _acknowledged == _outgoing.Count + (_isFinQueued ? 1 : 0);

    /// <summary>Reset, or finished by both: the same ports may begin again.</summary>
    public bool IsOver => IsGone || (_isFinQueued && IsClientFinished && IsAllAcknowledged);

    public int Segments { get; private set; }
    public int Retransmissions { get; private set; }
    public int PureAcknowledgements { get; private set; }
    public int SackBlocksSeen { get; private set; }
    public long LargestClientWindow { get; private set; }
    public long ClientWindow => _clientWindow;

    public void Send(ReadOnlySpan<byte> data)
    {
        _outgoing.AddRange(data);
        Transmit();
    }

    /// <summary>Ends this direction after what was sent.</summary>
    public void Finish()
    {
        _isFinQueued = true;
        Transmit();
    }

    public void Reset()
    {
        Emit(_next, 0, TcpFlags.Rst | TcpFlags.Ack);
        IsGone = true;
    }

    internal void OnSegment(TcpSegment segment)
    {
        TcpOptions options = TcpOptions.Parse(segment.Options);
        if (segment.Has(TcpFlags.Rst))
        {
            WasReset = true;
            IsGone = true;
            return;
        }
        if (segment.Has(TcpFlags.Syn))
        {
            _clientInitial = segment.Sequence;
            _sackPermitted = server.HasSack && options.SackPermitted;
            _timestamps = server.HasTimestamps && options.HasTimestamp;
            _clientTimestamp = options.TimestampValue;
            bool scaled = server.WindowShift >= 0 && options.WindowShift >= 0;
            _clientShift = scaled ? options.WindowShift : 0;
            _clientSegment = Math.Min(options.MaximumSegmentSize, server.SegmentSize) - (_timestamps ? 12 : 0);
            _congestionWindow = server.InitialCongestionWindow * _clientSegment;
            _clientWindow = segment.Window;
            byte[] syn = new byte[TcpSegment.HeaderSize + TcpOptions.MaximumSize];
            int size = TcpSegment.HeaderSize + TcpOptions.WriteSyn(
                syn.AsSpan(TcpSegment.HeaderSize), (ushort)server.SegmentSize, scaled ? server.WindowShift : -1, _sackPermitted, _timestamps, Clock, _clientTimestamp);
            TcpSegment.WriteHeader(
                syn.AsSpan(0, size), size, Local.Address, Local.Port, Remote.Address, Remote.Port, InitialSequence, _clientInitial + 1,
                TcpFlags.Syn | TcpFlags.Ack, (ushort)Math.Min(server.ReceiveWindow, 65535));
            server.Host.SendIPv4(Local.Address, Remote.Address, 6, syn.AsSpan(0, size));
            return;
        }
        if (_timestamps && options.HasTimestamp && (int)(options.TimestampValue - _clientTimestamp) >= 0)
        {
            _clientTimestamp = options.TimestampValue;
        }

        bool isFirst = !_isEstablished;
        _isEstablished = true;
        OnAcknowledgement(segment, options);
        if (isFirst)
        {
            server.OnConnected?.Invoke(this);
        }
        OnData(segment);
        Transmit();
    }

    private uint Clock => (uint)(server.Host.Time.Now / 1000);

    private void OnAcknowledgement(TcpSegment segment, TcpOptions options)
    {
        long acknowledged = (long)(uint)(segment.Acknowledgement - InitialSequence - 1 - (uint)_acknowledged) + _acknowledged;
        long window = (long)segment.Window << _clientShift;
        bool isDuplicate = acknowledged == _acknowledged && segment.Payload.Length == 0 && window == _clientWindow && _highest > _acknowledged &&
            !segment.Has(TcpFlags.Fin);
        PureAcknowledgements += segment.Payload.Length == 0 ? 1 : 0;
        _clientWindow = window;
        LargestClientWindow = Math.Max(LargestClientWindow, window);
        for (int i = 0; i < options.Sack.Length / 8; i++)
        {
            options.GetSackBlock(i, out uint left, out uint right);
            long start = (long)(uint)(left - InitialSequence - 1 - (uint)_acknowledged) + _acknowledged;
            _sacked.Add((start, start + (right - left)));
            SackBlocksSeen++;
        }
        if (acknowledged > _acknowledged && acknowledged <= _highest)
        {
            long count = acknowledged - _acknowledged;
            _acknowledged = acknowledged;
            _next = Math.Max(_next, acknowledged);
            _sacked.RemoveAll(range => range.End <= acknowledged);
            _duplicates = 0;
            _timeout = 300_000;
            _timerGeneration++;
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
        else if (isDuplicate && ++_duplicates >= 3)
        {
            if (_recoverUntil < 0)
            {
                _threshold = Math.Max((_highest - _acknowledged) / 2, 2 * _clientSegment);
                _congestionWindow = _threshold + 3 * _clientSegment;
                _recoverUntil = _highest;
                _retransmitted = _acknowledged;
            }
            else
            {
                _congestionWindow += _clientSegment;
            }
            RetransmitHole();
        }
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
        _retransmitted = from + Emit(from, (int)Math.Min(_clientSegment, _outgoing.Count - from), TcpFlags.Ack);
    }

    private void OnData(TcpSegment segment)
    {
        long sequence = (long)(int)(segment.Sequence - _clientInitial - 1 - (uint)_expected) + _expected;
        byte[] data = segment.Payload.ToArray();
        if (segment.Has(TcpFlags.Fin))
        {
            _clientFin = sequence + data.Length;
        }
        if (data.Length == 0 && !segment.Has(TcpFlags.Fin))
        {
            if (sequence < _expected)
            {
                Emit(_next, 0, TcpFlags.Ack); // Old, or a probe.
            }
            return;
        }
        if (sequence + data.Length > _expected && sequence <= _expected + server.ReceiveWindow)
        {
            _early[sequence] = data;
        }
        while (_early.Count != 0 && _early.First() is var (start, piece) && start <= _expected)
        {
            _early.Remove(start);
            if (start + piece.Length > _expected)
            {
                byte[] fresh = piece[(int)(_expected - start)..];
                Received.AddRange(fresh);
                _expected += fresh.Length;
                server.OnData?.Invoke(this, fresh);
            }
        }
        if (_clientFin == _expected && !IsClientFinished)
        {
            IsClientFinished = true;
            _expected++;
            server.OnFinished?.Invoke(this);
        }
        Emit(_next, 0, TcpFlags.Ack);
    }

    private void Transmit()
    {
        if (!_isEstablished || IsGone)
        {
            return;
        }
        long end = _outgoing.Count;
        long limit = _acknowledged + Math.Min(_clientWindow, _congestionWindow);
        while (_next < end && _next < limit)
        {
            int length = (int)Math.Min(Math.Min(_clientSegment, end - _next), limit - _next);
            if (length < _clientSegment && length < end - _next && _next != _acknowledged)
            {
                break;
            }
            Retransmissions += _next < _highest ? 1 : 0;
            _next += Emit(_next, length, TcpFlags.Ack | TcpFlags.Psh);
        }
        if (_isFinQueued && _next == end)
        {
            Emit(end, 0, TcpFlags.Fin | TcpFlags.Ack);
            _next = end + 1;
        }
        _highest = Math.Max(_highest, _next);
        Arm();
    }

    private void Arm()
    {
        if (_highest == _acknowledged && _next == _outgoing.Count + (_isFinQueued ? 1 : 0))
        {
            return;
        }
        int generation = ++_timerGeneration;
        server.Host.Time.After(_timeout, () =>
        {
            if (generation != _timerGeneration || IsGone || _acknowledged >= _outgoing.Count + (_isFinQueued ? 1 : 0))
            {
                return;
            }
            _timeout = Math.Min(_timeout * 2, 5_000_000);
            _threshold = Math.Max((_highest - _acknowledged) / 2, 2 * _clientSegment);
            _congestionWindow = 2 * _clientSegment;
            _sacked.Clear();
            _recoverUntil = -1;
            _duplicates = 0;
            _next = _acknowledged;
            if (_clientWindow == 0)
            {
                Emit(_acknowledged, 1, TcpFlags.Ack);
                _highest = Math.Max(_highest, _acknowledged + 1);
                Arm();
                return;
            }
            Transmit();
        });
    }

    private int Emit(long position, int length, TcpFlags flags)
    {
        if (_isFinQueued && position > _outgoing.Count)
        {
            position = flags.HasFlag(TcpFlags.Fin) ? _outgoing.Count : position;
            length = 0;
        }
        length = Math.Max(length, 0);
        if (_isFinQueued && position == _outgoing.Count && length == 0 && position < _highest && _recoverUntil >= 0)
        {
            flags |= TcpFlags.Fin;
        }
        int headerSize = TcpSegment.HeaderSize;
        byte[] segment = new byte[headerSize + TcpOptions.MaximumSize + length];
        if (_timestamps)
        {
            headerSize += TcpOptions.WriteTimestamp(segment.AsSpan(headerSize), Clock, _clientTimestamp);
        }
        if (_sackPermitted && _early.Count != 0)
        {
            (long start, byte[] data) = _early.First();
            headerSize += TcpOptions.WriteSackHeader(segment.AsSpan(headerSize), 1);
            uint left = _clientInitial + 1 + (uint)start;
            headerSize += TcpOptions.WriteSackBlock(segment.AsSpan(headerSize), left, left + (uint)data.Length);
        }
        for (int i = 0; i < length; i++)
        {
            segment[headerSize + i] = _outgoing[(int)position + i];
        }
        Segments += length > 0 ? 1 : 0;
        TcpSegment.WriteHeader(
            segment.AsSpan(0, headerSize + length), headerSize, Local.Address, Local.Port, Remote.Address, Remote.Port,
            InitialSequence + 1 + (uint)position, _clientInitial + 1 + (uint)_expected, flags,
            (ushort)Math.Min(server.ReceiveWindow >> Math.Max(server.WindowShift, 0), 65535));
        server.Host.SendIPv4(Local.Address, Remote.Address, 6, segment.AsSpan(0, headerSize + length));
        return length;
    }
}
