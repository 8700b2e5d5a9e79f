using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>Debian's tgtd with one disk, on this machine; and a port of a scripted host that leads to it.</summary>
internal sealed class TgtServer : IDisposable
{
    public const string Target = "iqn.2024-01.test:tgt";

    private readonly string _folder = Directory.CreateTempSubdirectory("tgt").FullName;
    private readonly List<(PeerTcp Peer, Socket Socket)> _connections = [];
    private readonly Process _process;
    private readonly int _port;

    public TgtServer(byte[] content)
    {
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            _port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        File.WriteAllBytes(Disk, content);
        _process = Start("/usr/sbin/tgtd", "-f", "--iscsi", $"portal=127.0.0.1:{_port}");
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        while (!TryAdminister("--op", "show", "--mode", "target"))
        {
            Assert.False(_process.WaitForExit(50), "tgtd does not run");
        }

        Administer("--op", "new", "--mode", "target", "--tid", "1", "--targetname", Target);
        Administer("--op", "new", "--mode", "logicalunit", "--tid", "1", "--lun", "1", "-b", Disk);
        Administer("--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL");
    }

    /// <summary>The file that is the disk.</summary>
    public string Disk => Path.Combine(_folder, "disk");

    /// <summary>Runs tgtadm.</summary>
    public void Administer(params string[] arguments) => Assert.True(TryAdminister(arguments), $"tgtadm {string.Join(' ', arguments)}");

    /// <summary>Has connections to a host's port carried to tgtd, from the wire's turns.</summary>
    public void Serve(PeerWire wire, PeerHost host)
    {
        host.OnTcp(3260, peer =>
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, _port);
            _connections.Add((peer, socket));
            peer.OnData = _ =>
            {
                socket.Send([.. peer.Received]);
                peer.Received.Clear();
            };
        });
        wire.OnTurn = () =>
        {
            foreach ((PeerTcp peer, Socket socket) in _connections)
            {
                Carry(peer, socket);
            }

            return true;
        };
    }

    public void Dispose()
    {
        foreach ((_, Socket socket) in _connections)
        {
            socket.Dispose();
        }

        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, true);
    }

    // A turn is a millisecond of virtual time at most: it takes as long, so that no patience ends before tgtd has had its time.
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

    private bool TryAdminister(params string[] arguments)
    {
        using Process process = Start("/usr/sbin/tgtadm", ["--lld", "iscsi", .. arguments]);
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private Process Start(string program, params string[] arguments)
    {
        Assert.True(File.Exists(program), $"{program} is not there (Debian's package tgt)");
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["TGT_IPC_SOCKET"] = Path.Combine(_folder, "socket");
        return Process.Start(start)!;
    }
}
