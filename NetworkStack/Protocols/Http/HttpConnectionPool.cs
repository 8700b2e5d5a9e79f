using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>Connections that wait for the next request: after a kernel, the initrd comes over the same one.</summary>
internal sealed class HttpConnectionPool : IDisposable
{
    private readonly HttpConnection?[] _idle = new HttpConnection?[4];
    private HttpConnection? _inUse;
    private int _oldest;

    /// <summary>Takes an idle connection to a host's server for a scheme, or null when there is none that still lives.</summary>
    public HttpConnection? Take(Scheme scheme, string host, IPEndpoint server)
    {
        HttpConnection? found = null;
        for (int i = 0; i < _idle.Length; i++)
        {
            HttpConnection? connection = _idle[i];
            if (connection is not null && !connection.IsReusable)
            {
                _idle[i] = null;
                connection.Dispose();
            }
            else if (connection is not null && found is null && connection.IsTo(scheme, host, server))
            {
                _idle[i] = null;
                found = connection;
            }
        }

        _inUse = found;
        return found;
    }

    /// <summary>A new connection is used, until it is returned.</summary>
    public void Use(HttpConnection connection) => _inUse = connection;

    /// <summary>Keeps a connection that can be used again; closes any other, and the one kept longest when there are too many.</summary>
    public void Return(HttpConnection connection)
    {
        _inUse = null;
        connection.End();
        if (!connection.IsReusable)
        {
            connection.Dispose();
            return;
        }

        int free = _oldest;
        for (int i = 0; i < _idle.Length && _idle[free] is not null; i++)
        {
            free = (free + 1) % _idle.Length;
        }

        if (_idle[free] is HttpConnection old)
        {
            old.Dispose();
            _oldest = (free + 1) % _idle.Length;
        }

        _idle[free] = connection;
    }

    /// <summary>Closes all that wait, and one whose exchange was left in the middle: what that was for is not called any more.</summary>
    public void Dispose()
    {
        _inUse?.Dispose();
        _inUse = null;
        for (int i = 0; i < _idle.Length; i++)
        {
            _idle[i]?.Dispose();
            _idle[i] = null;
        }
    }
}
