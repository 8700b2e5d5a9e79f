using System;
using System.Linq;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>Whole transfers over the simulated network: intact whatever happens to the frames.</summary>
public abstract class TcpTransferTests(bool isIPv6) : TcpFamilyTest(isIPv6)
{
    /// <summary>So many courses of bad luck are tried: few the second time, since no more than the header is another.</summary>
    private int Seeds => IsIPv6 ? 2 : 8;

    public static byte[] Content(int size, int seed = 1)
    {
        byte[] content = new byte[size];
        new Random(seed).NextBytes(content);
        return content;
    }

    /// <summary>The usual course: request, answer of a size, FIN, our FIN.</summary>
    private protected RecordingTcpHandler Download(
        SimulatedNetwork network, PeerTcpServer server, byte[] content, int seconds = 120, Action<TcpConnection>? started = null)
    {
        byte[] request = "GET / HTTP/1.1\r\n\r\n"u8.ToArray();
        server.OnData = (connection, _) =>
        {
            if (connection.Received.Count == request.Length)
            {
                connection.Send(content);
                connection.Finish();
            }
        };
        RecordingTcpHandler handler = new();
        TcpConnection connection = TcpConnection.Connect(network.Stack, Server, handler, out _)!;
        started?.Invoke(connection);
        Assert.Equal(request.Length, connection.Send(request));
        network.RunUntil(() => handler.IsClosed, seconds);
        Assert.Null(handler.Error);
        Assert.Equal(content, handler.Data);
        Assert.Equal(request, server.Connections[0].Received);
        connection.Close();
        network.RunUntil(() => server.Connections[0].IsClientFinished, seconds);
        connection.Dispose();
        return handler;
    }

    [Fact]
    public void Download_OverAPerfectWire_IsIntactAndNothingIsSentTwice()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80);
        Download(network, server, Content(1_000_000));
        Assert.Equal(0, server.Connections[0].Retransmissions);
        Assert.Equal(0UL, network.Interface.Counters.TotalDropped);
    }

    [Fact]
    public void Download_TheRequestGoesWithTheHandshakesLastSegment()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80);
        Download(network, server, Content(1));
        // Who has the address, SYN, ACK with the request; then ACKs and FIN.
        Assert.True(network.Peer.Frames[2].Length > Headers + 20 + 12, "the third frame carries data");
    }

    [Theory]
    [InlineData(true, true, 7)]
    [InlineData(false, true, 7)]
    [InlineData(true, false, 7)]
    [InlineData(false, false, 7)]
    [InlineData(false, false, -1)]
    [InlineData(true, true, 0)]
    public void Download_WithLossDuplicationReorderingAndCorruption_IsIntact(bool sack, bool timestamps, int windowShift)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            FaultLink? faults = null;
            SimulatedNetwork network = NewNetwork(link => faults = new FaultLink(link, seed)
            {
                Loss = 0.02,
                Duplication = 0.02,
                Reordering = 0.05,
                Corruption = 0.01,
            });
            PeerTcpServer server = new(network.Peer, 80) { HasSack = sack, HasTimestamps = timestamps, WindowShift = windowShift };
            Download(network, server, Content(200_000, seed), 600);
            Assert.True(faults!.Faults > 10);
        }
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.15)]
    public void Download_WithHeavyLoss_IsIntact(double loss)
    {
        for (int seed = 1; seed <= Seeds / 2; seed++)
        {
            SimulatedNetwork network = NewNetwork(link => new FaultLink(link, seed) { Loss = loss });
            PeerTcpServer server = new(network.Peer, 80);
            Download(network, server, Content(30_000, seed), 3600);
        }
    }

    [Fact]
    public void Upload_WithFaults_IsIntact()
    {
        foreach (bool sack in new[] { true, false })
        {
            for (int seed = 1; seed <= Seeds; seed++)
            {
                SimulatedNetwork network = NewNetwork(link => new FaultLink(link, seed) { Loss = 0.03, Duplication = 0.02, Reordering = 0.05, Corruption = 0.01 });
                PeerTcpServer server = new(network.Peer, 80) { HasSack = sack };
                byte[] content = Content(300_000, seed);
                RecordingTcpHandler handler = new();
                TcpConnection connection = TcpConnection.Connect(network.Stack, Server, handler, out _)!;
                int sent = 0;
                network.RunUntil(() =>
                {
                    sent += connection.Send(content.AsSpan(sent));
                    return sent == content.Length;
                }, 600);
                connection.Close();
                network.RunUntil(() => server.Connections.Count > 0 && server.Connections[0].IsClientFinished, 600);
                Assert.Equal(content, server.Connections[0].Received);
                server.Connections[0].Finish();
                network.RunUntil(() => handler.IsClosed, 600);
                Assert.Null(handler.Error);
            }
        }
    }

    [Fact]
    public void Download_WithSilenceInTheMiddle_Recovers()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80);
        Download(network, server, Content(2_000_000), started: _ =>
        {
            network.Time.After(8_000, () => network.Wire.RingSize = 0);
            network.Time.After(13_000, () => network.Wire.RingSize = 256);
        });
        Assert.InRange(network.Wire.Overruns, 10, 1000);
    }

    [Fact]
    public void Download_IntoASmallRing_FitsTheWindowToTheRing()
    {
        // The owner is busy for 2 ms each round (250 kB on this wire), the ring takes 24 frames.
        SimulatedNetwork network = NewNetwork();
        network.RoundTime = 2000;
        network.Wire.RingSize = 24;
        PeerTcpServer server = new(network.Peer, 80) { InitialCongestionWindow = 200 };
        TcpConnection? connection = null;
        Download(network, server, Content(4_000_000), 300, c => connection = c);
        Assert.True(server.Connections[0].ClientWindow <= 24 * 1500, $"window {server.Connections[0].ClientWindow}");
        Assert.True(server.Connections[0].Retransmissions < 400, $"{server.Connections[0].Retransmissions} of {server.Connections[0].Segments} segments again");
    }

    [Fact]
    public void Download_OverALinkWithFewTransmitSlots_LosesNoAcknowledgement()
    {
        SimulatedNetwork network = NewNetwork();
        network.Wire.TransmitSlots = 42;
        network.Wire.TransmitTime = 5000;
        PeerTcpServer server = new(network.Peer, 80);
        byte[] content = Content(8_000_000);
        ulong start = network.Now;
        Download(network, server, content);
        Assert.Equal(0, server.Connections[0].Retransmissions);
        Assert.True(network.Now - start < 120_000, $"{network.Now - start} us");
    }

    [Fact]
    public void Upload_OverALinkWithFewTransmitSlots_IsIntactAndNothingIsSentTwice()
    {
        SimulatedNetwork network = NewNetwork();
        network.Wire.TransmitSlots = 4;
        network.Wire.TransmitTime = 500;
        PeerTcpServer server = new(network.Peer, 80);
        byte[] content = Content(300_000);
        RecordingTcpHandler handler = new();
        TcpConnection connection = TcpConnection.Connect(network.Stack, Server, handler, out _)!;
        int sent = 0;
        network.RunUntil(() =>
        {
            sent += connection.Send(content.AsSpan(sent));
            return sent == content.Length;
        });
        connection.Close();
        network.RunUntil(() => server.Connections[0].IsClientFinished);
        Assert.Equal(content, server.Connections[0].Received);
        int segments = network.Peer.Frames.Count(frame => frame.Length > 1000);
        Assert.InRange(segments, 1, (content.Length / 1400) + 4);
    }

    [Fact]
    public void Download_AcknowledgesOncePerRoundOfFrames()
    {
        // 32 frames arrive in each round of 400 us.
        SimulatedNetwork network = NewNetwork();
        network.RoundTime = 400;
        PeerTcpServer server = new(network.Peer, 80) { InitialCongestionWindow = 40 };
        Download(network, server, Content(3_000_000));
        PeerTcp peer = server.Connections[0];
        Assert.True(peer.PureAcknowledgements * 5 < peer.Segments, $"{peer.PureAcknowledgements} acknowledgements for {peer.Segments} segments");
    }

    [Fact]
    public void FirstSegments_AreAcknowledgedAtOnce_LaterOnesAfterTheDelay()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80);
        RecordingTcpHandler handler = new();
        using TcpConnection connection = TcpConnection.Connect(network.Stack, Server, handler, out _)!;
        network.RunUntil(() => handler.IsConnected && server.Connections.Count == 1);
        network.RunFor(5000);
        PeerTcp peer = server.Connections[0];
        for (int i = 0; i < 16; i++)
        {
            peer.Send([1]);
            network.RunFor(3000);
            Assert.True(peer.IsAllAcknowledged);
        }

        peer.Send([1]);
        network.RunFor(3000);
        Assert.Equal(17, handler.Data.Count);
        Assert.False(peer.IsAllAcknowledged);
        network.RunFor(25_000);
        Assert.True(peer.IsAllAcknowledged);
    }
}
