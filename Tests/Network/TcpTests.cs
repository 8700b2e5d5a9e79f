using System;
using System.Linq;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>The life of a TCP connection: how it begins and ends, what it answers to strangers.</summary>
public abstract class TcpTests(bool isIPv6) : TcpFamilyTest(isIPv6)
{
    private TcpConnection Connect(SimulatedNetwork network, RecordingTcpHandler handler)
    {
        TcpConnection? connection = TcpConnection.Connect(network.Stack, Server, handler, out Error? error);
        Assert.Null(error);
        return connection!;
    }

    private (SimulatedNetwork, PeerTcpServer, RecordingTcpHandler, TcpConnection, PeerTcp) Established()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80);
        RecordingTcpHandler handler = new();
        TcpConnection connection = Connect(network, handler);
        network.RunUntil(() => handler.IsConnected && server.Connections.Count == 1);
        network.RunFor(5000);
        return (network, server, handler, connection, server.Connections[0]);
    }

    /// <summary>Sends a segment as if from the peer, in the state that its last segment left.</summary>
    private void Forge(
        SimulatedNetwork network, uint sequence, uint acknowledgement, TcpFlags flags, byte[]? data = null, ushort window = 1000)
    {
        ushort port = LastPort(network);
        TcpOptions options = TcpOptions.Parse(Last(network).Options);
        int header = options.HasTimestamp ? 32 : 20;
        byte[] segment = [.. new byte[header], .. data ?? []];
        if (options.HasTimestamp)
        {
            TcpOptions.WriteTimestamp(segment.AsSpan(20), options.TimestampEcho, 0);
        }

        TcpSegment.WriteHeader(segment, header, AddressSum, Server.Port, port, sequence, acknowledgement, flags, window);
        SendTcp(network, segment);
        network.RunFor(3000);
    }

    /// <summary>The same with a timestamp of the peer's clock and so much.</summary>
    private void ForgeStamped(SimulatedNetwork network, uint sequence, uint acknowledgement, uint clock, byte[] data)
    {
        byte[] segment = [.. new byte[32], .. data];
        TcpOptions.WriteTimestamp(segment.AsSpan(20), clock, 0);
        TcpSegment.WriteHeader(segment, 32, AddressSum, Server.Port, LastPort(network), sequence, acknowledgement, TcpFlags.Ack, 1000);
        SendTcp(network, segment);
        network.RunFor(3000);
    }

    private ushort LastPort(SimulatedNetwork network) => Last(network).SourcePort;

    [Fact]
    public void Connect_ToAClosedPort_IsRefused()
    {
        SimulatedNetwork network = NewNetwork();
        network.Peer.OtherTcpArrived = bytes =>
        {
            Assert.True(TcpSegment.TryParse(bytes, out TcpSegment syn));
            byte[] reset = new byte[20];
            TcpSegment.WriteHeader(reset, 20, AddressSum, Server.Port, syn.SourcePort, 0, syn.Sequence + 1, TcpFlags.Rst | TcpFlags.Ack, 0);
            SendTcp(network, reset);
        };
        RecordingTcpHandler handler = new();
        using TcpConnection connection = Connect(network, handler);
        network.RunUntil(() => handler.IsClosed, 2);
        Assert.Equal($"TCP {Server.Text()}: connection refused", handler.Error!.Message);
        Assert.False(connection.IsConnected);
        Assert.Equal(0, connection.Send([1]));
    }

    [Fact]
    public void Connect_ToSilence_GivesUpAfterHalfAMinute()
    {
        SimulatedNetwork network = NewNetwork();
        network.IdleStep = 10_000;
        RecordingTcpHandler handler = new();
        using TcpConnection connection = Connect(network, handler);
        ulong start = network.Now;
        network.RunUntil(() => handler.IsClosed, 100);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, handler.Error!.Status);
        Assert.InRange(network.Now - start, 30_000_000UL, 65_000_000UL);
        Assert.InRange(TcpFrames(network), 5, 7);
    }

    [Fact]
    public void Connect_ToAHostThatIsNotThere_SaysSoInSeconds()
    {
        SimulatedNetwork network = NewNetwork();
        network.Peer.AnswersArp = false;
        RecordingTcpHandler handler = new();
        using TcpConnection connection = Connect(network, handler);
        network.RunUntil(() => handler.IsClosed, 10);
        Assert.Contains("no neighbour", handler.Error!.Message);
    }

    private protected void AssertNoHostsPort(string address, ushort port)
    {
        SimulatedNetwork network = NewNetwork();
        Assert.True(IPAddress.TryParse(address, out IPAddress parsed));
        Assert.Null(TcpConnection.Connect(network.Stack, new IPEndpoint(parsed, port), new RecordingTcpHandler(), out Error? error));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, error!.Status);
    }

    [Fact]
    public void Connect_OffersScalingSackAndTimestamps_AndAcceptsAPeerWithNone()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80) { HasSack = false, HasTimestamps = false, WindowShift = -1 };
        RecordingTcpHandler handler = new();
        using TcpConnection connection = Connect(network, handler);
        network.RunUntil(() => TcpFrames(network) == 1);
        TcpOptions options = TcpOptions.Parse(Last(network).Options);
        Assert.Equal(1500 - (IsIPv6 ? 60 : 40), options.MaximumSegmentSize);
        Assert.True(options.SackPermitted && options.HasTimestamp && options.WindowShift >= 4);
        network.RunUntil(() => handler.IsConnected);
        network.RunFor(5000);
        Assert.Equal(0, Last(network).Options.Length);
        Assert.Equal(65535, Last(network).Window);
    }

    [Fact]
    public void Connect_InitialSequenceNumbersAndPorts_AreNotGuessable()
    {
        SimulatedNetwork network = NewNetwork();
        new PeerTcpServer(network.Peer, 80);
        System.Collections.Generic.HashSet<uint> sequences = [];
        System.Collections.Generic.HashSet<ushort> ports = [];
        for (int i = 0; i < 20; i++)
        {
            TcpConnection connection = Connect(network, new RecordingTcpHandler());
            network.RunFor(3000);
            sequences.Add(Last(network).Sequence);
            ports.Add(connection.IsConnected ? LastPort(network) : (ushort)0);
            connection.Dispose();
        }

        Assert.Equal(20, sequences.Count);
        Assert.Equal(20, ports.Count);
    }

    [Fact]
    public void SimultaneousOpen_Connects()
    {
        SimulatedNetwork network = NewNetwork();
        RecordingTcpHandler handler = new();
        using TcpConnection connection = Connect(network, handler);
        network.RunUntil(() => TcpFrames(network) == 1);
        uint ours = Last(network).Sequence;
        Forge(network, 5000, 0, TcpFlags.Syn);
        Assert.True(Last(network).Has(TcpFlags.Syn) && Last(network).Has(TcpFlags.Ack));
        Assert.Equal(5001u, Last(network).Acknowledgement);
        Assert.False(handler.IsConnected);
        Forge(network, 5001, ours + 1, TcpFlags.Ack);
        Assert.True(handler.IsConnected);
        Forge(network, 5001, ours + 1, TcpFlags.Ack, [1, 2]);
        Assert.Equal([1, 2], handler.Data);
    }

    [Fact]
    public void PeerClosesFirst_TheConnectionEndsOrderly()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        peer.Finish();
        network.RunUntil(() => handler.IsClosed);
        Assert.Null(handler.Error);
        Assert.Equal(3, connection.Send([1, 2, 3])); // Our direction is still open.
        network.RunFor(10_000);
        Assert.Equal([1, 2, 3], peer.Received);
        connection.Close();
        network.RunUntil(() => peer.IsClientFinished);
        network.RunFor(10_000);
        Assert.False(connection.IsConnected);
        Assert.False(peer.WasReset);
        Assert.Equal(1, handler.ClosedCalls);
        connection.Dispose();
    }

    [Fact]
    public void WeCloseFirst_TheConnectionEndsOrderlyAfterAShortTimeWait()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        connection.Close();
        Assert.Equal(0, connection.Send([1]));
        network.RunUntil(() => peer.IsClientFinished);
        peer.Send([9]);
        peer.Finish();
        network.RunUntil(() => handler.IsClosed);
        Assert.Equal([9], handler.Data);
        Assert.Null(handler.Error);
        network.RunFor(10_000);
        Assert.True(peer.IsAllAcknowledged);
        Assert.True(connection.IsConnected);
        network.RunFor(2_100_000);
        Assert.False(connection.IsConnected);
        Assert.False(peer.WasReset);
    }

    [Fact]
    public void BothCloseAtOnce_TheConnectionEndsOrderly()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        connection.Close();
        peer.Finish();
        network.RunUntil(() => peer.IsClientFinished && handler.IsClosed && peer.IsAllAcknowledged);
        network.RunFor(3_000_000);
        Assert.False(connection.IsConnected);
        Assert.False(peer.WasReset);
        Assert.Null(handler.Error);
    }

    [Fact]
    public void DisposeAfterClose_LeavesTheFinToTheNetwork()
    {
        FaultLink? faults = null;
        SimulatedNetwork network = NewNetwork(link => faults = new FaultLink(link, 1));
        PeerTcpServer server = new(network.Peer, 80);
        RecordingTcpHandler handler = new();
        TcpConnection connection = Connect(network, handler);
        network.RunUntil(() => handler.IsConnected);
        network.RunFor(5000);
        PeerTcp peer = server.Connections[0];
        faults!.Loss = 1; // The first FIN is lost.
        connection.Close();
        connection.Dispose();
        network.RunFor(100_000);
        faults.Loss = 0;
        network.RunUntil(() => peer.IsClientFinished, 5);
        peer.Finish();
        network.RunUntil(() => peer.IsAllAcknowledged, 5);
        Assert.False(peer.WasReset);
        Assert.Equal(0, handler.ClosedCalls);
    }

    [Fact]
    public void DisposeAfterThePeersFin_FinishesWithoutReset()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        handler.Closed = () =>
        {
            connection.Close();
            connection.Dispose();
        };
        peer.Send(TcpTransferTests.Content(50_000));
        peer.Finish();
        network.RunUntil(() => peer.IsClientFinished);
        network.RunFor(50_000);
        Assert.True(peer.IsAllAcknowledged);
        Assert.False(peer.WasReset);
        Assert.Equal(50_000, handler.Data.Count);
    }

    [Fact]
    public void DisposeInTheMiddle_ResetsThePeer_AndNothingIsCalledAnyMore()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        handler.DataArrived = connection.Dispose;
        peer.Send(TcpTransferTests.Content(500_000));
        network.RunUntil(() => peer.WasReset);
        Assert.Equal(1, handler.DataCalls);
        Assert.Equal(0, handler.ClosedCalls);
        network.RunFor(5_000_000);
    }

    [Fact]
    public void DisposeInOnConnected_IsFine()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80);
        RecordingTcpHandler handler = new();
        TcpConnection connection = Connect(network, handler);
        handler.Connected = connection.Dispose;
        network.RunFor(1_000_000);
        Assert.True(server.Connections[0].WasReset);
    }

    [Fact]
    public void ManyConnections_OneAfterTheOther_LeaveNothingBehind()
    {
        SimulatedNetwork network = NewNetwork();
        PeerTcpServer server = new(network.Peer, 80) { OnConnected = c => c.Send([1]), OnFinished = c => c.Finish() };
        for (int i = 0; i < 300; i++)
        {
            RecordingTcpHandler handler = new();
            TcpConnection connection = Connect(network, handler);
            network.RunUntil(() => handler.Data.Count == 1);
            connection.Close();
            connection.Dispose();
            network.RunFor(2000);
        }

        Assert.All(server.Connections, peer => Assert.False(peer.WasReset));
        Assert.True(server.Connections.Count(peer => peer.IsAllAcknowledged) >= 299);
    }

    [Fact]
    public void ResetByThePeer_IsAnErrorWithItsName()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        peer.Reset();
        network.RunUntil(() => handler.IsClosed);
        Assert.Equal($"TCP {Server.Text()}: connection reset by the peer", handler.Error!.Message);
        connection.Abort();
        connection.Dispose();
        Assert.Equal(1, handler.ClosedCalls);
    }

    [Fact]
    public void ForgedResetsAndSyns_InTheWindow_AreChallengedAndChangeNothing()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        int before = TcpFrames(network);
        Forge(network, next + 100, ours, TcpFlags.Rst);
        Forge(network, next + 10, ours, TcpFlags.Syn);
        Assert.Equal(before + 2, TcpFrames(network));
        Assert.Equal(next, Last(network).Acknowledgement);
        Forge(network, next - 5, ours, TcpFlags.Rst);
        Forge(network, next + 10_000_000, ours, TcpFlags.Rst);
        Assert.Equal(before + 2, TcpFrames(network));
        Assert.True(connection.IsConnected);
        Assert.False(handler.IsClosed);
        Forge(network, next, ours, TcpFlags.Rst);
        Assert.True(handler.IsClosed);
    }

    [Fact]
    public void TimestampOfASegmentWithAWrongAcknowledgement_IsNotBelieved()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        uint clock = TcpOptions.Parse(last.Options).TimestampEcho;
        ForgeStamped(network, next, ours + 5000, clock + 0x7000_0000, [9]);
        ForgeStamped(network, next, ours, clock + 1, [1, 2, 3]);
        Assert.Equal([1, 2, 3], handler.Data);
    }

    [Fact]
    public void SegmentWithoutATimestamp_AfterTheyWereAgreedOn_IsDropped()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        byte[] segment = [.. new byte[20], 1, 2, 3];
        TcpSegment.WriteHeader(
            segment, 20, AddressSum, Server.Port, LastPort(network), last.Acknowledgement, last.Sequence, TcpFlags.Ack, 1000);
        int before = TcpFrames(network);
        SendTcp(network, segment);
        network.RunFor(3000);
        Assert.Empty(handler.Data);
        Assert.Equal(before, TcpFrames(network));
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadTcp));
    }

    [Fact]
    public void FinOutOfPlace_IsForgottenWhenTheRealOneComes()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        Forge(network, next + 1000, ours, TcpFlags.Fin | TcpFlags.Ack);
        Forge(network, next, ours, TcpFlags.Ack, new byte[500]);
        Assert.False(handler.IsClosed);
        Forge(network, next + 500, ours, TcpFlags.Fin | TcpFlags.Ack, new byte[1000]);
        Assert.True(handler.IsClosed);
        Assert.Null(handler.Error);
        Assert.Equal(1500, handler.Data.Count);
    }

    [Fact]
    public void Pings_DoNotUseUpWhatConnectionsMayAnswer()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler _, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        for (int i = 0; i < 150; i++)
        {
            byte[] echo = new byte[40];
            IcmpMessage.WriteHeader(echo, IcmpMessage.EchoRequest, 0, 1);
            echo[0] = IsIPv6 ? (byte)IcmpV6Type.EchoRequest : echo[0];
            SendIcmp(network, Server.Address, echo);
        }

        network.RunFor(3000);
        int before = TcpFrames(network);
        Forge(network, next - 10, ours, TcpFlags.Ack, [1, 2, 3]); // A repetition.
        Forge(network, next + 100, ours, TcpFlags.Rst);
        Assert.Equal(before + 2, TcpFrames(network));
    }

    [Fact]
    public void AcknowledgementOfWhatWasNeverSent_IsDropped()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        Forge(network, next, ours + 5000, TcpFlags.Ack, [1, 2, 3]);
        Assert.Empty(handler.Data);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.TcpBadAcknowledgement));
        Forge(network, next, ours, TcpFlags.Ack, [1, 2, 3]);
        Assert.Equal([1, 2, 3], handler.Data);
        Assert.True(connection.IsConnected);
    }

    [Fact]
    public void OldTimestamps_AreRefused()
    {
        (SimulatedNetwork? network, PeerTcpServer? server, RecordingTcpHandler? handler, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        uint peerClock = TcpOptions.Parse(last.Options).TimestampEcho;
        byte[] segment = new byte[20 + 12 + 3];
        TcpOptions.WriteTimestamp(segment.AsSpan(20), peerClock - 1000, 0);
        TcpSegment.WriteHeader(segment, 32, AddressSum, 80, last.SourcePort, next, ours, TcpFlags.Ack, 1000);
        SendTcp(network, segment);
        network.RunFor(5000);
        Assert.Empty(handler.Data);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.TcpOutsideWindow));
    }

    [Fact]
    public void OverlappingAndRepeatedSegments_AreReadOnce()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        byte[] content = TcpTransferTests.Content(100);
        void Piece(int from, int to) => Forge(network, next + (uint)from, ours, TcpFlags.Ack, content[from..to]);
        Piece(20, 40);
        Piece(30, 60);
        Piece(80, 90);
        Piece(0, 10);
        Piece(5, 25);
        Piece(0, 60);
        Piece(50, 85);
        Piece(70, 100);
        Assert.Equal(content, handler.Data);
        network.RunFor(25_000);
        Assert.Equal(next + 100, Last(network).Acknowledgement);
    }

    [Fact]
    public void DataAndFinBehindAGap_WaitForIt()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        Forge(network, next + 3, ours, TcpFlags.Ack | TcpFlags.Fin, [4, 5]);
        Assert.Empty(handler.Data);
        Assert.False(handler.IsClosed);
        TcpOptions options = TcpOptions.Parse(Last(network).Options);
        options.GetSackBlock(0, out uint left, out uint right);
        Assert.Equal((next + 3, next + 5), (left, right));
        Forge(network, next, ours, TcpFlags.Ack, [1, 2, 3]);
        Assert.Equal([1, 2, 3, 4, 5], handler.Data);
        Assert.True(handler.IsClosed);
        Assert.Equal(next + 6, Last(network).Acknowledgement);
    }

    [Fact]
    public void Gaps_BeyondWhatIsKept_CostOnlyARetransmission()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection _, PeerTcp _) = Established();
        TcpSegment last = Last(network);
        uint next = last.Acknowledgement;
        uint ours = last.Sequence;
        byte[] content = TcpTransferTests.Content(400);
        for (int i = 1; i < 200; i++)
        {
            Forge(network, next + (uint)(2 * i), ours, TcpFlags.Ack, content[(2 * i)..(2 * i + 1)]);
        }

        Assert.Equal(199UL - 64, network.Interface.Counters.Dropped(DropReason.TcpNoRoom));
        Forge(network, next, ours, TcpFlags.Ack, content);
        Assert.Equal(content, handler.Data);
    }

    [Fact]
    public void ShutWindow_IsProbedUntilItOpens()
    {
        (SimulatedNetwork? network, PeerTcpServer? server, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        server.ReceiveWindow = 0;
        peer.Send([1]); // Tells the window.
        network.RunFor(50_000);
        byte[] content = TcpTransferTests.Content(20_000);
        Assert.Equal(content.Length, connection.Send(content));
        network.RunFor(180_000_000); // Three minutes: the peer lives, so it may.
        Assert.False(handler.IsClosed);
        server.ReceiveWindow = 60_000;
        network.RunUntil(() => peer.Received.Count == content.Length, 70);
        Assert.Equal(content, peer.Received);
    }

    [Fact]
    public void PeerThatVanishes_IsGivenUpAfterAboutAMinute()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp _) = Established();
        network.Wire.Sent = null;
        connection.Send([1]);
        ulong start = network.Now;
        network.IdleStep = 10_000;
        network.RunUntil(() => handler.IsClosed, 200);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, handler.Error!.Status);
        Assert.InRange(network.Now - start, 40_000_000UL, 150_000_000UL);
    }

    [Fact]
    public void ClosingTheInterface_EndsItsConnections()
    {
        (SimulatedNetwork? network, PeerTcpServer _, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp _) = Established();
        network.Interface.Close();
        Assert.True(handler.IsClosed);
        Assert.Equal($"TCP {Server.Text()}: the network interface was closed", handler.Error!.Message);
        connection.Dispose();
    }

    [Fact]
    public void TooBig_LowersTheSegmentSize()
    {
        (SimulatedNetwork? network, PeerTcpServer? server, RecordingTcpHandler? handler, TcpConnection? connection, PeerTcp? peer) = Established();
        network.Peer.OtherTcpArrived = null;
        server.ReceiveWindow = 60_000;
        network.Wire.Sent = network.Peer.Frames.Add; // A router on the way drops what is too big.
        connection.Send(TcpTransferTests.Content(5000));
        network.RunFor(5000);
        int mtu = IsIPv6 ? 1300 : 900;
        byte[] sent = network.Peer.Frames.Last(f => f.Length > 1000)[14..];
        byte[] message = [.. new byte[8], .. sent.AsSpan(0, IsIPv6 ? 1232 : 28)];
        IcmpMessage.WriteHeader(message, IcmpMessage.DestinationUnreachable, 4, (uint)mtu);
        if (IsIPv6)
        {
            (message[0], message[1]) = ((byte)IcmpV6Type.PacketTooBig, 0);
        }

        network.Wire.Sent = network.Peer.OnFrame;
        SendIcmp(network, IsIPv6 ? IPv6Router.Parse("2001:db8:9::1") : SimulatedNetwork.Gateway, message);
        int frames = network.Peer.Frames.Count;
        network.RunUntil(() => peer.Received.Count == 5000);
        Assert.All(network.Peer.Frames.Skip(frames), frame => Assert.True(frame.Length <= 14 + mtu));
        Assert.Equal(TcpTransferTests.Content(5000), peer.Received);
    }

    [Fact]
    public void SegmentForNobody_IsReset_ButNotAReset()
    {
        SimulatedNetwork network = NewNetwork();
        byte[]? answer = null;
        network.Peer.OtherTcpArrived = bytes => answer = bytes;
        byte[] segment = new byte[20];
        TcpSegment.WriteHeader(segment, 20, AddressSum, 5, 6, 100, 200, TcpFlags.Rst, 0);
        SendTcp(network, segment);
        network.RunFor(5000);
        Assert.Null(answer);
        TcpSegment.WriteHeader(segment, 20, AddressSum, 5, 6, 100, 200, TcpFlags.Ack, 0);
        SendTcp(network, segment);
        network.RunUntil(() => answer is not null);
        Assert.True(TcpSegment.TryParse(answer, out TcpSegment reset));
        Assert.Equal(TcpFlags.Rst, reset.Flags);
        Assert.Equal(200u, reset.Sequence);
    }

    private void SendIcmp(SimulatedNetwork network, IPAddress source, byte[] message)
    {
        if (IsIPv6)
        {
            network.Peer.SendIcmpV6(source, Client, message, hopLimit: 64);
        }
        else
        {
            network.Peer.SendIPv4(source.IPv4, Client.IPv4, 1, message);
        }
    }
}
