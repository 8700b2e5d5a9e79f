using System;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Sockets;

/// <summary>
/// Who reads an ordered stream of bytes, a <see cref="TcpConnection"/>'s or that of what is wrapped around one. Called while the network is
/// polled; may send, close and dispose the stream.
/// </summary>
/// <remarks>A class and no interface: a call of it, one for each segment, costs the same whichever handler was called first.</remarks>
public abstract class StreamHandler
{
    /// <summary>The connection is established, and any handshake on it is over. What was sent before goes out now.</summary>
    public abstract void OnConnected();

    /// <summary>The next bytes of the stream, in order; all of them are consumed. Valid during the call only.</summary>
    public abstract void OnData(ReadOnlySpan<byte> data);

    /// <summary>
    /// Nothing more will be received. Null: the peer has sent all that it had and said so, the other direction is still open until our own Close.
    /// Otherwise the stream is gone. Called at most once, and not after the owner's own Abort or Dispose.
    /// </summary>
    /// <param name="error">Names the peer and the reason.</param>
    public abstract void OnClosed(Error? error);
}
