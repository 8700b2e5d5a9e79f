using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Protocols;

/// <summary>A port of a <see cref="PeerHost"/> that accepts connections, and what its TCP can do.</summary>
internal sealed class PeerTcpServer
{
    public PeerTcpServer(PeerHost host, ushort port)
    {
        Host = host;
        host.Listen(port, this);
    }

    public PeerHost Host { get; }

    /// <summary>All that were ever accepted.</summary>
    public List<PeerTcp> Connections { get; } = [];

    public bool HasTimestamps { get; set; } = true;
    public bool HasSack { get; set; } = true;
    public int WindowShift { get; set; } = 7;
    public int SegmentSize { get; set; } = 1460;
    public int ReceiveWindow { get; set; } = 60_000;
    public int InitialCongestionWindow { get; set; } = 10;

    /// <summary>Called with the client's SYN.</summary>
    public Action<PeerTcp>? OnAccepted { get; set; }

    /// <summary>Called when a connection is established.</summary>
    public Action<PeerTcp>? OnConnected { get; set; }

    /// <summary>Called for each piece of data in order.</summary>
    public Action<PeerTcp, byte[]>? OnData { get; set; }

    /// <summary>Called when the client has finished (FIN).</summary>
    public Action<PeerTcp>? OnFinished { get; set; }
}
