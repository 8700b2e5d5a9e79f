using System;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>
/// One connection to an HTTP server, on which responses follow each other. Owns its memory: it outlives the transfer that made
/// it when it is kept for the next one.
/// </summary>
internal sealed class HttpConnection : StreamHandler, IDisposable
{
    /// <summary>Bytes of memory for a connection: most of them are what the reader keeps of a response's head.</summary>
    private const int Room = 8 * 1024;

    private readonly Arena _arena;
    private readonly ByteStream _stream;
    private readonly Scheme _scheme;
    private readonly string _host;
    private bool _isBusy;
    private bool _hasStrayBytes;

    private HttpConnection(Arena arena, Scheme scheme, string host, IPEndpoint server)
    {
        _arena = arena;
        _scheme = scheme;
        _host = host;
        _stream = scheme.Streams!.Make(host, this);
        Server = server;
        Response = new HttpResponseReader();
    }

    public IPEndpoint Server { get; }
    public HttpResponseReader Response { get; }

    /// <summary>The server has answered our attempt to connect, and the connection lives.</summary>
    public bool IsReached => !IsClosed && _stream.IsReached;

    /// <summary>The connection was established at some time, with any handshake on it.</summary>
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
    /// <param name="network">Where from.</param>
    /// <param name="scheme">One that goes over streams.</param>
    /// <param name="host">As the URI names it.</param>
    /// <param name="server">An address of the host.</param>
    /// <param name="error">Why not, when it is null.</param>
    public static HttpConnection? Open(Network network, Scheme scheme, string host, IPEndpoint server, out Error? error)
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
            connection = new HttpConnection(arena, scheme, new string(host.AsSpan()), server);
        }

        error = connection._stream.Open(network, server);
        if (error is not null)
        {
            connection.Dispose();
            return null;
        }

        return connection;
    }

    /// <summary>Whether it leads to this server of this host, for this scheme.</summary>
    public bool IsTo(Scheme scheme, string host, IPEndpoint server) =>
        _scheme == scheme && Server == server && Server.Address.Zone == server.Address.Zone && _host == host;

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
    public int Send(ReadOnlySpan<byte> data) => _stream.Send(data);

    public override void OnConnected() => WasConnected = true;

    public override void OnData(ReadOnlySpan<byte> data)
    {
        Received += (ulong)data.Length;
        _hasStrayBytes |= !_isBusy || Response.Read(data) < data.Length;
    }

    public override void OnClosed(Error? error)
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
        if (IsClosed || IsReusable)
        {
            _stream.Close(); // Not in the middle of a response: the rest of it is of no use to anybody.
        }

        _stream.Dispose();
        _arena.Dispose();
    }
}
