using System;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Streams;

/// <summary>The stream of a TCP connection.</summary>
/// <param name="handler">Called by the connection itself: nothing lies between the two on a segment's way.</param>
public sealed class TcpStream(StreamHandler handler) : ByteStream
{
    private TcpConnection? _connection;

    /// <inheritdoc/>
    public override bool IsReached => _connection is not null && _connection.IsConnected;

    /// <inheritdoc/>
    public override int SendRoom => _connection is null ? 0 : _connection.SendRoom;

    /// <inheritdoc/>
    public override Error? Open(Network network, IPEndpoint server)
    {
        _connection = TcpConnection.Connect(network, server, handler, out Error? error);
        return error;
    }

    /// <inheritdoc/>
    public override int Send(ReadOnlySpan<byte> data) => _connection is null ? 0 : _connection.Send(data);

    /// <inheritdoc/>
    public override void Close() => _connection?.Close();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
