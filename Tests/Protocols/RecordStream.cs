using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>
/// A stream wrapped around TCP's as TLS would be: nothing is sent before a handshake of two messages each way, what is sent goes in enciphered records,
/// what comes is handed on in whole records, and an end without a goodbye is an error. <see cref="PeerRecords"/> is the server's side.
/// </summary>
internal sealed class RecordStream : ByteStream
{
    private const int LargestRecord = 1000;

    private readonly string _host;
    private readonly StreamHandler _handler;
    private readonly TcpStream _below;
    private readonly List<byte> _partial = [];
    private bool _isOpen;
    private bool _isOver;
    private bool _isCloseSent;
    private string _name = "";

    private RecordStream(string host, StreamHandler handler)
    {
        _host = host;
        _handler = handler;
        _below = new TcpStream(new Reader(this));
    }

    public override bool IsReached => _below.IsReached;

    public override int SendRoom => _isOpen && !_isOver && !_isCloseSent ? Math.Clamp(_below.SendRoom - PeerRecords.HeaderSize, 0, LargestRecord) : 0;

    public override Error? Open(NetBoot.NetworkStack.Sockets.Network network, IPEndpoint server)
    {
        _name = $"records {_host} at {server}";
        return _below.Open(network, server);
    }

    public override int Send(ReadOnlySpan<byte> data)
    {
        data = data[..Math.Min(data.Length, SendRoom)];
        if (!data.IsEmpty)
        {
            SendRecord(PeerRecords.Data, data);
        }

        return data.Length;
    }

    public override void Close()
    {
        if (_isOpen && !_isOver && !_isCloseSent && _below.SendRoom >= PeerRecords.HeaderSize)
        {
            SendRecord(PeerRecords.Goodbye, []);
        }

        _isCloseSent = true;
        _below.Close();
    }

    public override void Dispose()
    {
        _isOver = true;
        _below.Dispose();
    }

    private void SendRecord(byte kind, ReadOnlySpan<byte> data)
    {
        byte[] record = PeerRecords.Seal(kind, data);
        Assert.Equal(record.Length, _below.Send(record)); // There was room for it.
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _partial.AddRange(bytes);
        while (!_isOver && PeerRecords.TryOpen(_partial, out byte kind, out byte[] data))
        {
            switch (kind)
            {
                case PeerRecords.Hello when !_isOpen:
                    if (Encoding.UTF8.GetString(data) != _host)
                    {
                        End(new Error(EFI_STATUS.EFI_SECURITY_VIOLATION, $"{_name}: the server is {Encoding.UTF8.GetString(data)}"));
                        _below.Dispose();
                        break;
                    }

                    SendRecord(PeerRecords.Finished, []);
                    break;
                case PeerRecords.Finished when !_isOpen:
                    _isOpen = true;
                    _handler.OnConnected();
                    break;
                case PeerRecords.Data when _isOpen:
                    _handler.OnData(data);
                    Array.Clear(data); // Valid during the call only.
                    break;
                case PeerRecords.Goodbye when _isOpen:
                    End(null);
                    break;
            }
        }
    }

    private void End(Error? error)
    {
        if (!_isOver)
        {
            _isOver = true;
            _handler.OnClosed(error);
        }
    }

    /// <summary>Makes streams of records.</summary>
    public sealed class Maker : StreamMaker
    {
        public override ByteStream Make(string host, StreamHandler handler) => new RecordStream(host, handler);
    }

    private sealed class Reader(RecordStream stream) : StreamHandler
    {
        public override void OnConnected() => stream.SendRecord(PeerRecords.Hello, Encoding.UTF8.GetBytes(stream._host));

        public override void OnData(ReadOnlySpan<byte> data) => stream.Take(data);

        public override void OnClosed(Error? error) =>
            stream.End(error ?? new Error(EFI_STATUS.EFI_END_OF_FILE, $"{stream._name}: ended without a goodbye"));
    }
}
