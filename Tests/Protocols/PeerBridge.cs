using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;

namespace NetBoot.Tests.Protocols;

/// <summary>A port of a scripted host that leads to a real server on this machine.</summary>
internal sealed class PeerBridge : IDisposable
{
    private readonly List<(PeerTcp Peer, Socket Socket)> _connections = [];

    /// <param name="wire">In whose turns the bytes are carried.</param>
    /// <param name="host">One of the wire's.</param>
    /// <param name="port">The host's.</param>
    /// <param name="to">The server's, on 127.0.0.1.</param>
    public PeerBridge(PeerWire wire, PeerHost host, ushort port, int to)
    {
        host.OnTcp(port, peer =>
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, to);
            _connections.Add((peer, socket));
            peer.OnData = _ =>
            {
                socket.Send([.. peer.Received]);
                peer.Received.Clear();
            };
        });
        Func<bool>? before = wire.OnTurn;
        wire.OnTurn = () =>
        {
            foreach ((PeerTcp peer, Socket socket) in _connections)
            {
                Carry(peer, socket);
            }

            return before?.Invoke() != false;
        };
    }

    public void Dispose()
    {
        foreach ((_, Socket socket) in _connections)
        {
            socket.Dispose();
        }
    }

    // A turn is a millisecond of virtual time at most: it takes as long, so that no patience ends before the server has had its time.
    private static void Carry(PeerTcp peer, Socket socket)
    {
        if (peer.IsOver || !socket.Connected || !socket.Poll(1000, SelectMode.SelectRead))
        {
            return;
        }

        byte[] room = new byte[65536];
        int length = socket.Receive(room);
        if (length > 0)
        {
            peer.Send(room.AsSpan(0, length));
        }
        else
        {
            socket.Close();
            peer.Finish();
        }
    }
}
