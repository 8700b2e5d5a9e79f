using System;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Streams;

/// <summary>
/// An ordered stream of bytes to a server and back: TCP's (<see cref="TcpStream"/>), or one that is wrapped around another. What comes goes to the
/// <see cref="StreamHandler"/> that it was made with, which TCP calls itself where nothing is wrapped around it. Made in its owner's arena.
/// </summary>
public abstract class ByteStream : IDisposable
{
    /// <summary>The server has answered: the connection at the bottom is established. A handshake on it may not be over yet.</summary>
    public abstract bool IsReached { get; }

    /// <summary>The most bytes that <see cref="Send"/> takes now.</summary>
    public abstract int SendRoom { get; }

    /// <summary>Begins to connect, once; <see cref="StreamHandler.OnConnected"/> or OnClosed tells how it went.</summary>
    /// <param name="network">Where to connect from.</param>
    /// <param name="server">A host's address, and a port.</param>
    /// <returns>Why not: EFI_NO_MAPPING without a route, EFI_INVALID_PARAMETER for what is not a host's port. It is to be disposed all the same.</returns>
    public abstract Error? Open(Network network, IPEndpoint server);

    /// <summary>Queues bytes to be sent, from <see cref="Open"/> on until <see cref="Close"/>.</summary>
    /// <returns>How many were taken; the rest must be sent later. 0 when the stream is closed, or takes nothing before its handshake is over.</returns>
    public abstract int Send(ReadOnlySpan<byte> data);

    /// <summary>Ends our direction after all that was queued; the peer may still send.</summary>
    public abstract void Close();

    /// <summary>
    /// Ends the stream: orderly after <see cref="Close"/> when all that was sent has arrived, at once otherwise. The handler is not called any more.
    /// Legal in the handler's own calls.
    /// </summary>
    public abstract void Dispose();
}
