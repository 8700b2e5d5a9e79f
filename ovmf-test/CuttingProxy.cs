using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.OvmfTest;

/// <summary>
/// Carries connections to a port of this machine, the first of which it cuts in the middle of what they bring, and all when it is told to. With the first
/// that it cuts it may die.
/// </summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<TcpClient> _carried = [];
    private readonly int _target;
    private readonly int _after;
    private readonly bool _isDying;
    private readonly StringBuilder _words = new();
    private int _left;

    /// <param name="target">The port.</param>
    /// <param name="cuts">How many connections are cut.</param>
    /// <param name="after">How many bytes each of them brings.</param>
    /// <param name="isDying">Nobody answers once one is cut.</param>
    public CuttingProxy(int target, int cuts, int after, bool isDying = false)
    {
        _isDying = isDying;
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

    /// <summary>The first byte of the last PDU of a header alone that came for the target.</summary>
    public byte LastRequest { get; private set; }

    /// <summary>What the target says of the last connection's login.</summary>
    public string FirstWords
    {
        get
        {
            lock (_words)
            {
                return _words.ToString();
            }
        }
    }

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

    private async Task CarryUpwardsAsync(NetworkStream from, NetworkStream to)
    {
        byte[] room = new byte[65536];
        int length;
        while ((length = await from.ReadAsync(room)) > 0)
        {
            LastRequest = room[Math.Max(0, length - 48)];
            await to.WriteAsync(room.AsMemory(0, length));
        }
    }

    private async Task CarryAsync(TcpClient client, int limit)
    {
        using (client)
        using (TcpClient server = new())
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            Task upwards = CarryUpwardsAsync(client.GetStream(), server.GetStream());
            byte[] room = new byte[16384];
            int length;
            lock (_words)
            {
                _words.Clear();
            }

            while (limit > 0 && (length = await server.GetStream().ReadAsync(room)) > 0)
            {
                await client.GetStream().WriteAsync(room.AsMemory(0, Math.Min(length, limit)));
                limit -= length;
                lock (_words)
                {
                    _words.Append(_words.Length < 1000 ? Encoding.Latin1.GetString(room, 0, Math.Min(length, 1000)) : "");
                }
            }

            Cuts += limit <= 0 ? 1 : 0;
            if (limit <= 0 && _isDying)
            {
                _listener.Stop();
            }

            await Task.WhenAny(upwards, Task.CompletedTask);
        }
    }
}
