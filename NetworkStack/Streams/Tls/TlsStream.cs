using System;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Streams.Tls;

/// <summary>A stream in TLS around TCP's. All that it needs is made when it is opened (<see cref="TlsConnection"/>).</summary>
internal sealed class TlsStream(TlsStreamMaker maker, string host, StreamHandler handler) : ByteStream
{
    private TlsConnection? _connection;

    /// <inheritdoc/>
    public override bool IsReached => _connection is not null && _connection.IsReached;

    /// <inheritdoc/>
    public override int SendRoom => _connection is null ? 0 : _connection.SendRoom;

    /// <inheritdoc/>
    public override Error? Open(Network network, IPEndpoint server)
    {
        _connection = TlsConnection.Connect(maker, network, host, server, handler, out Error? error);
        return error;
    }

    /// <inheritdoc/>
    public override int Send(ReadOnlySpan<byte> data) => _connection is null ? 0 : _connection.Send(data);

    /// <inheritdoc/>
    public override void Close() => _connection?.Close();

    /// <inheritdoc/>
    public override void Dispose()
    {
        TlsConnection? connection = _connection;
        _connection = null;
        connection?.Dispose();
    }
}
