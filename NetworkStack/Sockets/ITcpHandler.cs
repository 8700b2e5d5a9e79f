using System;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Sockets;

/// <summary>
/// Who owns a <see cref="TcpConnection"/>. Called while the network is polled; may send, close, abort and dispose the
/// connection.
/// </summary>
public interface ITcpHandler
{
    /// <summary>The connection is established; data can be sent since Connect, and goes out now.</summary>
    void OnConnected();

    /// <summary>The next bytes of the stream, in order; all of them are consumed. Valid during the call only.</summary>
    void OnData(ReadOnlySpan<byte> data);

    /// <summary>
    /// Nothing more will be received. Null: the peer has sent all that it had (FIN), the other direction is still open until
    /// <see cref="TcpConnection.Close"/>. Otherwise the connection is gone. Called at most once, and not after the owner's own
    /// Abort or Dispose.
    /// </summary>
    void OnClosed(Error? error);
}
