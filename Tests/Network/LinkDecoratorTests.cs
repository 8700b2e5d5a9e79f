using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>Tracing and capturing links change nothing of what passes, and write down all of it.</summary>
public class LinkDecoratorTests
{
    private sealed class Sink : IByteSink
    {
        public List<byte> Bytes { get; } = [];

        public void Write(ReadOnlySpan<byte> bytes) => Bytes.AddRange(bytes);
    }

    private sealed class Clock(VirtualTime time) : EventLoop
    {
        public override ulong Now => time.Now;

        public override bool RunOnce() => true;
    }

    [Fact]
    public void PcapLink_WritesEveryFrameBothWays()
    {
        Sink sink = new();
        VirtualTime time = new();
        time.AdvanceTo(5_000_123);
        SimulatedLink wire = new(time);
        List<byte[]> sent = [];
        wire.Sent = sent.Add;
        PcapLink link = new(wire, sink, new Clock(time));
        link.Send([1, 2, 3]);
        wire.Deliver([4, 5]);
        time.AdvanceTo(6_000_000);
        Assert.Equal([4, 5], link.Receive().ToArray());
        Assert.True(link.Receive().IsEmpty);
        Assert.Equal([1, 2, 3], sent.Single());

        byte[] file = [.. sink.Bytes];
        Assert.Equal(24 + 16 + 3 + 16 + 2, file.Length);
        Assert.Equal([0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0], file[..8]);
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(20)));
        Assert.Equal(5u, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(24)));
        Assert.Equal(123u, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(28)));
        Assert.Equal(3u, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(32)));
        Assert.Equal([1, 2, 3], file[40..43]);
        Assert.Equal([4, 5], file[59..]);
    }

    [Fact]
    public void TraceLink_SaysWhatPasses()
    {
        Sink sink = new();
        SimulatedNetwork network = new(link => new TraceLink(link, sink));
        PeerTcpServer server = new(network.Peer, 80) { OnConnected = connection => connection.Send([1, 2, 3]) };
        RecordingTcpHandler handler = new();
        using TcpConnection connection = TcpConnection.Connect(network.Stack, new(new IPv4Address(192, 0, 2, 2), 80), handler, out _)!;
        network.RunUntil(() => handler.Data.Count == 3);
        network.Peer.SendUdpFrom(new(new IPv4Address(192, 0, 2, 2), 67), new(SimulatedNetwork.Address, 68), new byte[5]);
        network.RunFor(5000);
        string[] lines = Encoding.ASCII.GetString([.. sink.Bytes]).Split('\n');
        Assert.Equal("> ARP who has 192.0.2.2 from 192.0.2.10 52:54:00:12:34:56", lines[0]);
        Assert.Equal("< ARP answer to 192.0.2.10 from 192.0.2.2 52:55:0a:00:02:02", lines[1]);
        Assert.Matches(@"^> 192\.0\.2\.10 > 192\.0\.2\.2 TCP \d+ > 80 S seq \d+ ack 0 win 65535 len 0$", lines[2]);
        Assert.Matches(@"^< 192\.0\.2\.2 > 192\.0\.2\.10 TCP 80 > \d+ S\. seq \d+ ack \d+ win \d+ len 0$", lines[3]);
        Assert.Contains("< 192.0.2.2 > 192.0.2.10 UDP 67 > 68 len 5", lines);
        Assert.Contains("> 192.0.2.10 > 192.0.2.2 ICMP type 3 code 3", lines);
    }

    [Fact]
    public void TraceLink_OnAnyFrame_WritesALine()
    {
        Sink sink = new();
        VirtualTime time = new();
        TraceLink link = new(new SimulatedLink(time), sink);
        Random random = new(2);
        for (int i = 0; i < 5000; i++)
        {
            byte[] frame = new byte[random.Next(80)];
            random.NextBytes(frame);
            if (frame.Length > 30)
            {
                ReadOnlySpan<byte> start = [8, (byte)(random.Next(2) * 6), 0x45, 0, 0, (byte)(frame.Length - 14)];
                start.CopyTo(frame.AsSpan(12));
                frame[23] = (byte)(random.Next(3) switch { 0 => 1, 1 => 6, _ => 17 });
            }

            link.Send(frame);
        }

        Assert.Equal(5000, sink.Bytes.Count(b => b == '\n'));
    }
}
