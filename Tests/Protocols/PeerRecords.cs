using System;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Protocols;

/// <summary>The server's side of a <see cref="RecordStream"/>: takes its time over the handshake, and cuts what it sends without regard to segments.</summary>
internal sealed class PeerRecords : IPeerRecords
{
    public const byte Hello = 1;
    public const byte Finished = 2;
    public const byte Data = 3;
    public const byte Goodbye = 4;
    public const int HeaderSize = 3;

    private const byte Key = 0x5A;
    private static readonly int[] s_sizes = [1, 16_000, 700, 2, 4096];

    private readonly List<byte> _received = [];
    private readonly List<byte> _waiting = [];
    private bool _isOpen;
    private bool _isEnding;
    private int _records;

    /// <summary>Microseconds that each step of the handshake takes.</summary>
    public ulong Delay { get; init; } = 3000;

    /// <summary>Who the server says that it is; null for who is asked for.</summary>
    public string? Host { get; init; }

    /// <summary>A record: kind, length in two bytes, content.</summary>
    public static byte[] Seal(byte kind, ReadOnlySpan<byte> data) =>
        [kind, (byte)(data.Length >> 8), (byte)data.Length, .. data.ToArray().Select(each => (byte)(each ^ Key))];

    /// <summary>Takes a record off the front, when all of it is there.</summary>
    public static bool TryOpen(List<byte> bytes, out byte kind, out byte[] data)
    {
        kind = 0;
        data = [];
        int length = bytes.Count < HeaderSize ? 0 : (bytes[1] << 8) | bytes[2];
        if (bytes.Count < HeaderSize + length)
        {
            return false;
        }

        kind = bytes[0];
        data = [.. bytes.GetRange(HeaderSize, length).Select(each => (byte)(each ^ Key))];
        bytes.RemoveRange(0, HeaderSize + length);
        return true;
    }

    public byte[] Receive(PeerTcp connection, byte[] piece)
    {
        _received.AddRange(piece);
        List<byte> clear = [];
        while (TryOpen(_received, out byte kind, out byte[] data))
        {
            switch (kind)
            {
                case Hello:
                    connection.After(Delay, () => connection.SendRaw(Seal(Hello, Host is null ? data : [.. Host.Select(each => (byte)each)])));
                    break;
                case Finished:
                    connection.After(Delay, () => Open(connection));
                    break;
                case Data:
                    Xunit.Assert.True(_isOpen, "sent before the handshake was over");
                    clear.AddRange(data);
                    break;
            }
        }

        return [.. clear];
    }

    public void Send(PeerTcp connection, ReadOnlySpan<byte> data)
    {
        if (!_isOpen)
        {
            _waiting.AddRange(data);
            return;
        }

        List<byte> records = [];
        while (!data.IsEmpty)
        {
            int size = Math.Min(data.Length, s_sizes[_records++ % s_sizes.Length]);
            records.AddRange(Seal(Data, data[..size]));
            data = data[size..];
        }

        connection.SendRaw([.. records]);
    }

    public void Finish(PeerTcp connection)
    {
        _isEnding = true;
        if (_isOpen)
        {
            connection.SendRaw(Seal(Goodbye, []));
            connection.FinishRaw();
        }
    }

    private void Open(PeerTcp connection)
    {
        connection.SendRaw(Seal(Finished, []));
        _isOpen = true;
        Send(connection, [.. _waiting]);
        if (_isEnding)
        {
            Finish(connection);
        }
    }
}
