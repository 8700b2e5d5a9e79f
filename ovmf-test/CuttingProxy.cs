using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.OvmfTest;

/// <summary>
/// Carries connections to a port of this machine, the first of which it cuts in the middle of what they bring, and all when it is told to.
/// </summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<TcpClient> _carried = [];
    private readonly int _target;
    private readonly int _after;
    private int _left;

    /// <param name="target">The port.</param>
    /// <param name="cuts">How many connections are cut.</param>
    /// <param name="after">How many bytes each of them brings.</param>
    public CuttingProxy(int target, int cuts, int after)
    {
        _target = target;
        _left = cuts;
        _after = after;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were cut in the middle.</summary>
    public int Cuts { get; private set; }

    /// <summary>Connections until now.</summary>
    public int Connections => _carried.Count;

    /// <summary>A port on which nobody answers.</summary>
    public static int FindPort()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    /// <summary>Cuts all connections that there are.</summary>
    public void CutNow()
    {
        foreach (TcpClient each in _carried)
        {
            each.Dispose();
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return;
            }

            _carried.Enqueue(client);
            _ = CarryAsync(client, Interlocked.Decrement(ref _left) >= 0 ? _after : int.MaxValue);
        }
    }

    private async Task CarryAsync(TcpClient client, int limit)
    {
        using (client)
        using (TcpClient server = new())
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            Task upwards = client.GetStream().CopyToAsync(server.GetStream());
            byte[] room = new byte[16384];
            int length;
            while (limit > 0 && (length = await server.GetStream().ReadAsync(room)) > 0)
            {
                await client.GetStream().WriteAsync(room.AsMemory(0, Math.Min(length, limit)));
                limit -= length;
            }

            Cuts += limit <= 0 ? 1 : 0;
            await Task.WhenAny(upwards, Task.CompletedTask);
        }
    }
}
