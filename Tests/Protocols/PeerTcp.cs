using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using NetworkStack;

namespace Tests.Protocols;

/// <summary>The server's end of a TCP connection on a wire that loses nothing: enough to script what HTTP servers do.</summary>
internal sealed class PeerTcp
{
    private const int SegmentSize = 1460;
    private readonly PeerHost _host;
    private readonly List<byte> _unsent = [];
    private uint _sent = 5000;
    private uint _acknowledged = 5001;
    private uint _expected;
    private int _window;
    private bool _isClosing;
    private bool _isFinSent;

    public PeerTcp(PeerHost host, ushort port, IPv4Endpoint remote, byte[] syn)
    {
        _host = host;
        Port = port;
        Remote = remote;
        _expected = BinaryPrimitives.ReadUInt32BigEndian(syn.AsSpan(4)) + 1;
        _window = BinaryPrimitives.ReadUInt16BigEndian(syn.AsSpan(14));
        Emit(0x12, [2, 4, SegmentSize >> 8, SegmentSize & 0xFF], []);
        _sent++;
    }

    public ushort Port { get; }
    public IPv4Endpoint Remote { get; }

    /// <summary>All that the client has sent.</summary>
    public StringBuilder Received { get; } = new();

    public bool IsClosedByClient { get; private set; }
    public bool IsReset { get; private set; }

    /// <summary>Called with <see cref="Received"/> grown.</summary>
    public Action<PeerTcp>? OnData { get; set; }

    public void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public void Send(byte[] data)
    {
        _unsent.AddRange(data);
        Flush();
    }

    /// <summary>Sends FIN after all that is to be sent.</summary>
    public void Close()
    {
        _isClosing = true;
        Flush();
    }

    public void Reset()
    {
        Emit(0x14, [], []);
        _host.Forget(this);
    }

    /// <summary>Says nothing any more, not even that it is gone.</summary>
    public void Vanish()
    {
        _unsent.Clear();
        OnData = null;
        _window = 0;
    }

    public void OnSegment(byte[] segment)
    {
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(4));
        int flags = segment[13];
        if ((flags & 4) != 0)
        {
            IsReset = true;
            _host.Forget(this);
            return;
        }
        if ((flags & 2) != 0)
        {
            return;
        }
        _acknowledged = BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(8));
        _window = BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(14));
        byte[] data = segment[((segment[12] >> 4) * 4)..];
        if (sequence == _expected && data.Length > 0)
        {
            _expected += (uint)data.Length;
            Received.Append(Encoding.Latin1.GetString(data));
            Emit(0x10, [], []);
            OnData?.Invoke(this);
        }
        if ((flags & 1) != 0 && sequence + (uint)data.Length == _expected)
        {
            _expected++;
            IsClosedByClient = true;
            Emit(0x10, [], []);
        }
        Flush();
    }

    private void Flush()
    {
        while (_unsent.Count > 0 && _sent - _acknowledged + SegmentSize <= _window)
        {
            byte[] data = _unsent.GetRange(0, Math.Min(_unsent.Count, SegmentSize)).ToArray();
            _unsent.RemoveRange(0, data.Length);
            Emit(0x18, [], data);
            _sent += (uint)data.Length;
        }
        if (_isClosing && !_isFinSent && _unsent.Count == 0)
        {
            _isFinSent = true;
            Emit(0x11, [], []);
            _sent++;
        }
    }

    private void Emit(byte flags, byte[] options, byte[] data)
    {
        byte[] segment = new byte[20 + options.Length + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), Remote.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), _sent);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), _expected);
        segment[12] = (byte)((20 + options.Length) << 2);
        segment[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), 65535);
        options.CopyTo(segment, 20);
        data.CopyTo(segment, 20 + options.Length);
        _host.SendTcp(Remote.Address, segment);
    }
}
