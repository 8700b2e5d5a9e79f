using System;
using System.Collections.Generic;
using System.Linq;
using NetworkStack;
using NetworkStack.Wire;

namespace Tests.Network;

/// <summary>A TCP server for tests: it accepts connections and keeps one <see cref="PeerTcpConnection"/> each.</summary>
public sealed class PeerTcpServer
{
    private readonly PeerHost _host;
    private readonly ushort _port;

    public PeerTcpServer(PeerHost host, ushort port)
    {
        _host = host;
        _port = port;
        host.TcpServers[port] = this;
    }

    public List<PeerTcpConnection> Connections { get; } = [];

    // What the server can do.
    public bool HasTimestamps { get; set; } = true;
    public bool HasSack { get; set; } = true;
    public int WindowShift { get; set; } = 7;
    public int SegmentSize { get; set; } = 1460;
    public int ReceiveWindow { get; set; } = 60_000;
    public int InitialCongestionWindow { get; set; } = 10;

    /// <summary>Called when a connection is established.</summary>
    public Action<PeerTcpConnection>? OnConnected { get; set; }

    /// <summary>Called for each piece of data in order.</summary>
    public Action<PeerTcpConnection, byte[]>? OnData { get; set; }

    /// <summary>Called when the client has finished (FIN).</summary>
    public Action<PeerTcpConnection>? OnFinished { get; set; }

    internal PeerHost Host => _host;

    internal void OnSegment(IPv4Address client, IPv4Address local, TcpSegment segment)
    {
        IPv4Endpoint remote = new(client, segment.SourcePort);
        PeerTcpConnection? connection = Connections.LastOrDefault(c => c.Remote == remote && c.Local == new IPv4Endpoint(local, _port) && !c.IsOver);
        if (connection is null)
        {
            if (!segment.Has(TcpFlags.Syn) || segment.Has(TcpFlags.Ack))
            {
                return;
            }
            connection = new PeerTcpConnection(this, remote, new IPv4Endpoint(local, _port));
            Connections.Add(connection);
        }
        connection.OnSegment(segment);
    }
}
