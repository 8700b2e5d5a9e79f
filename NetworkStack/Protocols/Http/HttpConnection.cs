using System;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>
/// One connection to an HTTP server, on which responses follow each other. Owns its memory: it outlives the transfer that made
/// it when it is kept for the next one.
/// </summary>
internal sealed class HttpConnection : ITcpHandler, IDisposable
{
    /// <summary>Bytes of memory for a connection: most of them are what the reader keeps of a response's head.</summary>
    private const int Room = 8 * 1024;

    private readonly Arena _arena;
    private TcpConnection? _tcp;
    private bool _isBusy;
    private bool _hasStrayBytes;

    private HttpConnection(Arena arena, IPEndpoint server)
    {
        _arena = arena;
        Server = server;
        Response = new HttpResponseReader();
    }

    public IPEndpoint Server { get; }
    public HttpResponseReader Response { get; }

    /// <summary>The connection was established at some time.</summary>
    public bool WasConnected { get; private set; }

    /// <summary>Nothing more comes.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Why the connection is gone, if it ended otherwise than orderly during an exchange, or never was.</summary>
    public Error? CloseError { get; private set; }

    /// <summary>Bytes received, ever.</summary>
    public ulong Received { get; private set; }

    /// <summary>Another request may be sent: the last response is complete, and nothing came after it.</summary>
    public bool IsReusable => !IsClosed && !_hasStrayBytes && Response.IsComplete && Response.KeepsAlive;

    /// <summary>Begins to connect; data may be sent at once.</summary>
    public static HttpConnection? Open(Network network, IPEndpoint server, out Error? error)
    {
        Arena? arena = Arena.TryCreate(Room);
        if (arena is null)
        {
            error = new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"HTTP {server}: out of memory"));
            return null;
        }

        HttpConnection connection;
        using (arena.Enter())
        {
            connection = new HttpConnection(arena, server);
        }

        connection._tcp = TcpConnection.Connect(network, server, connection, out error);
        if (connection._tcp is null)
        {
            connection.Dispose();
            return null;
        }

        return connection;
    }

    /// <summary>A request is to be sent, whose response goes to <paramref name="body"/>.</summary>
    public void Begin(IHttpBody body)
    {
        Response.Reset(body);
        _isBusy = true;
    }

    /// <summary>The response is over: until <see cref="Begin"/>, whatever comes is too much.</summary>
    public void End()
    {
        _isBusy = false;
        CloseError = null;
    }

    /// <returns>Bytes taken; the rest must be sent later.</returns>
    public int Send(ReadOnlySpan<byte> data) => _tcp!.Send(data);

    public void OnConnected() => WasConnected = true;

    public void OnData(ReadOnlySpan<byte> data)
    {
        Received += (ulong)data.Length;
        _hasStrayBytes |= !_isBusy || Response.Read(data) < data.Length;
    }

    public void OnClosed(Error? error)
    {
        IsClosed = true;
        CloseError = _isBusy || !WasConnected ? error : null;
        if (_isBusy)
        {
            if (error is null)
            {
                Response.ReadEnd();
            }
        }
    }

    public void Dispose()
    {
        if (_tcp is not null)
        {
            if (IsClosed || IsReusable)
            {
                _tcp.Close();
            }
            else
            {
                _tcp.Abort(); // in the middle of a response: the rest is of no use to anybody
            }

            _tcp.Dispose();
            _tcp = null;
        }

        _arena.Dispose();
    }
}
