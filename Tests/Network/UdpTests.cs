using System;
using System.Linq;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>UDP sockets, and what is below them: ARP, IPv4, reassembly, ICMP, routes.</summary>
public class UdpTests
{
    private static readonly IPv4Address s_host = new(192, 0, 2, 2);
    private static readonly IPEndpoint s_service = new(s_host, 69);

    private static UdpSocket Open(SimulatedNetwork network, IUdpHandler handler, ushort port = 0)
    {
        UdpSocket? socket = UdpSocket.Open(network.Stack, handler, port, out Error? error);
        Assert.Null(error);
        return socket!;
    }

    [Fact]
    public void Send_ToAnUnknownNeighbour_AsksAndThenSends()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler);
        (IPEndpoint Source, IPEndpoint Destination, byte[] Payload)? seen = null;
        network.Peer.UdpArrived = (source, destination, payload) => seen = (source, destination, payload);
        Assert.Null(socket.Send(s_service, [1, 2, 3]));
        network.RunUntil(() => seen is not null);
        Assert.Equal(new IPEndpoint(SimulatedNetwork.Address, socket.Port), seen!.Value.Source);
        Assert.Equal(s_service, seen.Value.Destination);
        Assert.Equal([1, 2, 3], seen.Value.Payload);

        Assert.Null(socket.Send(s_service, [4]));
        network.RunUntil(() => seen.Value.Payload.Length == 1);
        Assert.Equal(1, network.Peer.ArpRequests);
    }

    [Fact]
    public void Identifications_DoNotFollowEachOther()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        for (int i = 0; i < 20; i++)
        {
            Assert.Null(socket.Send(s_service, [1]));
            network.RunFor(5000);
        }

        ushort[] seen = [.. network.Peer.Frames.Where(frame => frame[12] == 8 && frame[13] == 0 && frame[23] == 17).Select(frame => (ushort)((frame[18] << 8) | frame[19]))];
        Assert.InRange(seen.Length, 19, 20);
        Assert.InRange(seen.Zip(seen.Skip(1)).Count(pair => (ushort)(pair.Second - pair.First) < 256), 0, 2);
    }

    [Fact]
    public void Receive_GivesSourceAndPayloadWithoutPadding()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        network.Peer.SendUdpFrom(s_service, new IPEndpoint(SimulatedNetwork.Address, 68), [7]);
        network.RunUntil(() => handler.Datagrams.Count == 1);
        Assert.Equal(s_service, handler.Datagrams[0].Source);
        Assert.Equal([7], handler.Datagrams[0].Payload);
        Assert.Same(network.Interface, handler.Datagrams[0].Interface);
    }

    [Fact]
    public void Send_WhenNobodyAnswersArp_TellsTheSocketAfterFourTries()
    {
        SimulatedNetwork network = new();
        network.Peer.AnswersArp = false;
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler);
        Assert.Null(socket.Send(s_service, [1]));
        network.RunUntil(() => handler.Failures.Count == 1, 10);
        Assert.Equal((s_service, Unreachable.Neighbour), handler.Failures[0]);
        Assert.Equal(4, network.Peer.ArpRequests);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.NeighbourUnknown));

        network.Peer.AnswersArp = true;
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        Assert.Null(socket.Send(s_service, [1]));
        network.RunUntil(() => seen == 1);
    }

    [Fact]
    public void Send_TwiceToAnUnknownNeighbour_KeepsTheNewest()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        byte[]? seen = null;
        network.Peer.UdpArrived = (_, _, payload) => seen = payload;
        socket.Send(s_service, [1]);
        socket.Send(s_service, [2]);
        network.RunUntil(() => seen is not null);
        Assert.Equal([2], seen!);
    }

    [Fact]
    public void Neighbours_BeyondTheCachesRoom_StillWork()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        System.Collections.Generic.HashSet<IPAddress> seen = [];
        network.Peer.UdpArrived = (_, destination, _) => seen.Add(destination.Address);
        for (byte i = 20; i < 120; i++)
        {
            socket.Send(new IPEndpoint(new IPv4Address(192, 0, 2, i), 7), [1]);
            network.RunFor(1000);
        }

        Assert.Equal(100, seen.Count);
    }

    [Fact]
    public void Neighbour_InUseForMinutes_IsAskedAgainWithoutAPause()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        for (int i = 0; i < 200; i++)
        {
            socket.Send(s_service, [1]);
            network.RunFor(1_000_000);
            Assert.Equal(i + 1, seen);
        }

        Assert.InRange(network.Peer.ArpRequests, 3, 5);
    }

    [Fact]
    public void Arp_AboutOurAddress_IsAnswered_AndAConflictIsOnlyCounted()
    {
        SimulatedNetwork network = new();
        network.Peer.SendArp(ArpPacket.Request, PeerHost.Mac, s_host, default, SimulatedNetwork.Address);
        network.RunFor(5000);
        Assert.True(ArpPacket.TryParse(network.Peer.Frames.Single().AsSpan(14), out ArpPacket reply));
        Assert.Equal(ArpPacket.Reply, reply.Operation);
        Assert.Equal(SimulatedLink.StationAddress, reply.SenderMac);
        Assert.Equal(s_host, reply.Target);

        network.Peer.SendArp(ArpPacket.Request, PeerHost.Mac, SimulatedNetwork.Address, default, SimulatedNetwork.Address);
        network.Peer.SendArp(ArpPacket.Request, PeerHost.Mac, s_host, default, new IPv4Address(192, 0, 2, 77));
        network.RunFor(5000);
        Assert.Single(network.Peer.Frames);
        Assert.Equal(1UL, network.Interface.Counters.AddressConflicts);
        Assert.Equal(SimulatedNetwork.Address, network.Interface.Address);
    }

    [Theory]
    [InlineData(ArpPacket.Request)] // an announcement
    [InlineData(ArpPacket.Reply)] // which nobody asked for
    public void Arp_Claim_OfANeighbourThatIsThere_ChangesNothing(ushort operation)
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        for (int i = 0; i < 10; i++)
        {
            socket.Send(s_service, [1]);
            network.RunFor(500_000);
            network.Peer.SendArp(operation, new MacAddress([2, 0, 0, 0, 0, 9]), s_host, SimulatedLink.StationAddress, s_host);
            network.RunFor(500_000);
        }

        Assert.Equal(10, seen);
        Assert.DoesNotContain(network.Peer.Frames, each => new MacAddress(each) == new MacAddress([2, 0, 0, 0, 0, 9]));
        Assert.InRange(network.Peer.ArpRequests, 2, 10);
    }

    [Fact]
    public void Arp_Announcement_OfANeighbourThatIsGone_MovesItInSeconds()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        socket.Send(s_service, [1]);
        network.RunFor(2_000_000);
        MacAddress moved = new([2, 0, 0, 0, 0, 9]);
        network.Peer.AnswersArp = false;
        network.Peer.SendArp(ArpPacket.Request, moved, s_host, default, s_host);
        network.RunFor(1_100_000);
        socket.Send(s_service, [2]);
        network.RunFor(5000);
        Assert.Equal(MacAddress.Broadcast, new MacAddress(network.Peer.Frames[^1])); // Who has it?
        network.Peer.SendArp(ArpPacket.Reply, moved, s_host, SimulatedLink.StationAddress, SimulatedNetwork.Address);
        network.RunFor(5000);
        Assert.Equal(moved, new MacAddress(network.Peer.Frames[^1]));
    }

    [Fact]
    public void Arp_OfInventedNeighbours_PushesNobodyOutWhoIsInUse()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        for (int round = 0; round < 250; round++)
        {
            for (byte i = 0; i < 20; i++)
            {
                IPv4Address invented = new(192, 0, 2, (byte)(20 + (round * 7 + i) % 200));
                network.Peer.SendArp(ArpPacket.Request, new MacAddress([2, 0, 0, 0, 1, i]), invented, default, SimulatedNetwork.Address);
            }

            network.RunFor(2000);
            socket.Send(s_service, [1]);
            network.RunFor(2000);
        }

        Assert.Equal(250, seen);
        Assert.Equal(1, network.Peer.ArpRequests);
    }

    [Fact]
    public void Open_TwiceTheSamePort_IsRefused_UntilTheFirstIsDisposed()
    {
        SimulatedNetwork network = new();
        UdpSocket first = Open(network, new RecordingUdpHandler(), 68);
        Assert.Null(UdpSocket.Open(network.Stack, new RecordingUdpHandler(), 68, out Error? error));
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, error!.Status);
        first.Dispose();
        first.Dispose();
        Open(network, new RecordingUdpHandler(), 68);
    }

    [Fact]
    public void Open_WithoutAPort_TakesARandomDynamicOne()
    {
        SimulatedNetwork network = new();
        ushort[] ports = Enumerable.Range(0, 50).Select(_ => Open(network, new RecordingUdpHandler()).Port).ToArray();
        Assert.Equal(50, ports.Distinct().Count());
        Assert.All(ports, port => Assert.True(port >= 49152));
        Assert.NotEqual(ports.Order(), ports);
    }

    [Fact]
    public void Dispose_InItsOwnCall_EndsTheSocket()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler, 68);
        handler.Arrived = socket.Dispose;
        for (int i = 0; i < 3; i++)
        {
            network.Peer.SendUdpFrom(s_service, new IPEndpoint(SimulatedNetwork.Address, 68), [7]);
        }

        network.RunFor(5000);
        Assert.Single(handler.Datagrams);
        Assert.Equal(2UL, network.Interface.Counters.Dropped(DropReason.NoUdpSocket));
    }

    [Fact]
    public void Send_WithoutRoute_OrTooMuch_SaysSo()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, socket.Send(s_service, new byte[1473])!.Status);
        Assert.Null(socket.Send(s_service, new byte[1472]));
        network.Interface.Configure(SimulatedNetwork.Address, SimulatedNetwork.Netmask, default);
        Assert.Equal(EFI_STATUS.EFI_NO_MAPPING, socket.Send(new IPEndpoint(new IPv4Address(8, 8, 8, 8), 53), [1])!.Status);
        network.Interface.Close();
        Assert.Equal(EFI_STATUS.EFI_NO_MAPPING, socket.Send(s_service, [1])!.Status);
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, socket.SendFrom(network.Interface, default, new IPEndpoint(IPv4Address.Broadcast, 67), [1])!.Status);
    }

    [Fact]
    public void WithoutAddress_ItBroadcastsFromZero_AndHearsTheAnswerToTheAddressItIsGoingToGet()
    {
        SimulatedNetwork network = new(configure: false);
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler, 68);
        Assert.Null(socket.SendFrom(network.Interface, IPv4Address.Any, new IPEndpoint(IPv4Address.Broadcast, 67), [1]));
        network.RunFor(1000);
        Assert.Equal(MacAddress.Broadcast, new MacAddress(network.Peer.Frames.Single()));
        network.Peer.SendUdpFrom(new(s_host, 67), new(SimulatedNetwork.Address, 68), [2]);
        network.Peer.SendUdpFrom(new(s_host, 67), new(IPv4Address.Broadcast, 68), [3]);
        network.Peer.SendUdpFrom(new(s_host, 67), new(new IPv4Address(192, 0, 2, 50), 68), [4], MacAddress.Broadcast);
        network.RunFor(5000);
        Assert.Equal([2, 3], handler.Datagrams.Select(d => d.Payload[0]));
    }

    [Fact]
    public void Receive_DropsWhatIsNotForUs_AndCountsWhy()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        IPEndpoint us = new(SimulatedNetwork.Address, 68);
        network.Peer.SendUdpFrom(s_service, us, [1], new MacAddress([2, 0, 0, 0, 0, 1]));
        network.Peer.SendUdpFrom(s_service, new(new IPv4Address(192, 0, 2, 99), 68), [1]);
        network.Peer.SendUdpFrom(new(IPv4Address.Broadcast, 1), us, [1]);
        network.Peer.SendUdpFrom(new(new IPv4Address(127, 0, 0, 1), 1), us, [1]);
        network.Peer.SendUdpFrom(new(new IPv4Address(240, 0, 0, 1), 1), us, [1]);
        network.Peer.SendUdpFrom(new(new IPv4Address(0, 1, 2, 3), 1), us, [1]);
        network.Peer.SendUdpFrom(new(new IPv4Address(192, 0, 2, 255), 1), us, [1]);
        network.Peer.SendUdpFrom(s_service, us, [1], MacAddress.Broadcast); // RFC 1122, 3.3.6
        network.Peer.SendIPv4(s_host, SimulatedNetwork.Address, 47, [1]);
        network.Peer.SendFrame(0x86DD, new byte[40]);
        network.Wire.Deliver(new byte[10]);
        network.Peer.SendUdpFrom(s_service, new(new IPv4Address(192, 0, 2, 255), 68), [5], MacAddress.Broadcast);
        network.RunFor(5000);
        InterfaceCounters counters = network.Interface.Counters;
        Assert.Equal(1UL, counters.Dropped(DropReason.OtherStation));
        Assert.Equal(2UL, counters.Dropped(DropReason.OtherIPv4Address));
        Assert.Equal(5UL, counters.Dropped(DropReason.BadIPv4Source));
        Assert.Equal(1UL, counters.Dropped(DropReason.UnknownProtocol));
        Assert.Equal(1UL, counters.Dropped(DropReason.UnknownEtherType));
        Assert.Equal(1UL, counters.Dropped(DropReason.FrameTooShort));
        Assert.Equal([5], handler.Datagrams.Single().Payload);
        for (DropReason reason = 0; reason < DropReason.Count; reason++)
        {
            Assert.NotEqual("unknown", DropReasons.Describe(reason));
        }
    }

    [Fact]
    public void PriorityTaggedFrames_AreReadAndOtherVlansAreNot()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        network.Wire.Delivered = frame =>
        {
            network.Wire.Delivered = null;
            network.Wire.Deliver([.. frame.AsSpan(0, 12), 0x81, 0, 0x20, 0, .. frame.AsSpan(12)]);
            network.Wire.Deliver([.. frame.AsSpan(0, 12), 0x81, 0, 0x20, 5, .. frame.AsSpan(12)]);
        };
        network.Peer.SendUdpFrom(s_service, new(SimulatedNetwork.Address, 68), [1]);
        network.RunFor(5000);
        Assert.Equal(2, handler.Datagrams.Count);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.OtherVlan));
    }

    [Fact]
    public void Ping_IsAnswered_AndABroadcastPingIsNot()
    {
        SimulatedNetwork network = new();
        byte[]? answer = null;
        network.Peer.IcmpArrived = (_, message) => answer = message;
        byte[] echo = [.. new byte[8], .. "hello"u8];
        IcmpMessage.WriteHeader(echo, IcmpMessage.EchoRequest, 0, 0x12340001);
        network.Peer.SendIPv4(s_host, SimulatedNetwork.Address, 1, echo, MacAddress.Broadcast);
        network.Peer.SendIPv4(s_host, IPv4Address.Broadcast, 1, echo);
        network.RunFor(10_000);
        Assert.Null(answer);
        network.Peer.SendIPv4(s_host, SimulatedNetwork.Address, 1, echo);
        network.RunUntil(() => answer is not null);
        Assert.True(IcmpMessage.TryParse(answer, out IcmpMessage reply));
        Assert.True(reply.IsChecksumCorrect(0));
        Assert.Equal(IcmpMessage.EchoReply, reply.Type);
        Assert.Equal(0x12340001u, reply.Rest);
        Assert.Equal("hello"u8.ToArray(), reply.Body.ToArray());
    }

    [Fact]
    public void ClosedPort_IsReportedUnreachable_AtABoundedRate()
    {
        SimulatedNetwork network = new();
        int answers = 0;
        byte[]? last = null;
        network.Peer.IcmpArrived = (_, message) =>
        {
            answers++;
            last = message;
        };
        network.Peer.SendArp(ArpPacket.Request, PeerHost.Mac, s_host, default, SimulatedNetwork.Address);
        for (int i = 0; i < 250; i++)
        {
            network.Peer.SendUdpFrom(s_service, new(SimulatedNetwork.Address, 4000), [1]);
        }

        network.RunFor(500_000);
        Assert.Equal(100, answers);
        Assert.Equal((3, 3), (last![0], last[1]));
        Assert.Equal(4000, (last[8 + 20 + 2] << 8) | last[8 + 20 + 3]);
    }

    [Fact]
    public void Unreachable_ReachesTheSocketThatSent()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler);
        socket.Send(s_service, [1, 2, 3, 4]);
        network.RunFor(5000);
        byte[] sent = network.Peer.Frames[^1][14..];
        byte[] message = [.. new byte[8], .. sent.AsSpan(0, 28)];
        IcmpMessage.WriteHeader(message, IcmpMessage.DestinationUnreachable, IcmpMessage.PortUnreachableCode, 0);
        network.Peer.SendIPv4(s_host, SimulatedNetwork.Address, 1, message);
        network.RunFor(5000);
        Assert.Equal((s_service, Unreachable.Port), handler.Failures.Single());
    }

    private static byte[] Udp(int payload, ushort port)
    {
        byte[] packet = [.. new byte[8], .. TcpTransferTests.Content(payload)];
        UdpPacket.WriteHeader(packet, Reference.Addresses(s_host, SimulatedNetwork.Address), 69, port);
        return packet;
    }

    private static void SendFragment(SimulatedNetwork network, ushort id, byte[] whole, int start, int length, bool isLast, byte[]? other = null)
    {
        byte[] packet = [.. new byte[20], .. (other ?? whole).AsSpan(start, length)];
        IPv4Packet.WriteHeader(packet, packet.Length, id, (ushort)((start / 8) | (isLast ? 0 : 0x2000)), IPProtocol.Udp, s_host, SimulatedNetwork.Address);
        network.Peer.SendFrame(0x0800, packet);
    }

    [Fact]
    public void Fragments_InAnyOrderAndRepeated_AreJoined()
    {
        Random random = new(5);
        for (int round = 0; round < 20; round++)
        {
            SimulatedNetwork network = new();
            RecordingUdpHandler handler = new();
            Open(network, handler, 68);
            byte[] whole = Udp(20_000 + random.Next(1000), 68);
            int[] starts = Enumerable.Range(0, (whole.Length + 1479) / 1480).Select(i => i * 1480).ToArray();
            random.Shuffle(starts);
            foreach (int start in starts.Append(starts[0]).SkipLast(1).SelectMany(s => new[] { s, s }))
            {
                SendFragment(network, 7, whole, start, Math.Min(1480, whole.Length - start), start + 1480 >= whole.Length);
            }

            network.RunFor(20_000);
            Assert.Equal(whole.AsSpan(8).ToArray(), handler.Datagrams.Single().Payload);
        }
    }

    [Fact]
    public void Fragments_OfTheLargestDatagram_AreJoined()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        byte[] whole = Udp(65507, 68);
        for (int start = 0; start < whole.Length; start += 1480)
        {
            SendFragment(network, 7, whole, start, Math.Min(1480, whole.Length - start), start + 1480 >= whole.Length);
        }

        network.RunFor(20_000);
        Assert.Equal(65507, handler.Datagrams.Single().Payload.Length);
    }

    [Fact]
    public void Fragments_ThatOverlap_AreDropped()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        byte[] whole = Udp(4000, 68);
        SendFragment(network, 7, whole, 0, 1480, false);
        SendFragment(network, 7, whole, 1472, 1480, false);
        SendFragment(network, 7, whole, 1480, 1480, false);
        SendFragment(network, 7, whole, 2960, whole.Length - 2960, true);
        network.RunFor(20_000);
        Assert.Empty(handler.Datagrams);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadFragment));
        network.RunFor(16_000_000);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.IncompleteDatagram));
    }

    [Fact]
    public void Fragments_BeyondTheLargestDatagram_AreDropped()
    {
        SimulatedNetwork network = new();
        Open(network, new RecordingUdpHandler(), 68);
        byte[] packet = new byte[20 + 1480];
        IPv4Packet.WriteHeader(packet, packet.Length, 7, 0x1FFF, IPProtocol.Udp, s_host, SimulatedNetwork.Address);
        network.Peer.SendFrame(0x0800, packet);
        network.RunFor(5000);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadFragment));
    }

    [Fact]
    public void Fragments_OfManyUnfinishedDatagrams_StayBounded()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        byte[] whole = Udp(2000, 68);
        for (ushort id = 0; id < 100; id++)
        {
            SendFragment(network, id, whole, 0, 1480, false);
        }

        SendFragment(network, 99, whole, 1480, whole.Length - 1480, true);
        network.RunFor(50_000);
        Assert.Single(handler.Datagrams);
        Assert.Equal(96UL, network.Interface.Counters.Dropped(DropReason.IncompleteDatagram));
    }

    [Fact]
    public void Route_PrefersTheLongestNetmask_ThenTheFirstGateway()
    {
        SimulatedNetwork network = new();
        NetworkInterface second = new("net1", new SimulatedLink(network.Time));
        network.Stack.Add(second);
        second.Open();
        second.Configure(new IPv4Address(192, 0, 2, 130), new IPv4Address(255, 255, 255, 128), new IPv4Address(192, 0, 2, 129));
        Assert.Same(second, network.Stack.Route(new IPv4Address(192, 0, 2, 200)));
        Assert.Same(network.Interface, network.Stack.Route(new IPv4Address(192, 0, 2, 5)));
        Assert.Same(network.Interface, network.Stack.Route(new IPv4Address(8, 8, 8, 8)));
        network.Interface.Close();
        Assert.Same(second, network.Stack.Route(new IPv4Address(8, 8, 8, 8)));
        Assert.Same(second, network.Stack.Route(IPv4Address.Broadcast));
        second.Close();
        Assert.Null(network.Stack.Route(new IPv4Address(192, 0, 2, 200)));
    }

    [Fact]
    public void Route_WithoutALink_IsTheLastChoice()
    {
        SimulatedNetwork network = new();
        SimulatedLink link = new(network.Time);
        NetworkInterface second = new("net1", link);
        network.Stack.Add(second);
        second.Open();
        second.Configure(new IPv4Address(198, 51, 100, 9), new IPv4Address(255, 255, 255, 0), new IPv4Address(198, 51, 100, 1));
        network.Wire.HasCarrier = false;
        Assert.Same(second, network.Stack.Route(new IPv4Address(8, 8, 8, 8)));
        Assert.Same(second, network.Stack.Route(s_host));
        link.HasCarrier = false;
        Assert.Same(network.Interface, network.Stack.Route(new IPv4Address(8, 8, 8, 8)));
        Assert.Same(second, network.Stack.Route(new IPv4Address(198, 51, 100, 7)));
    }

    [Fact]
    public void Send_WithoutALink_IsSentWhenThereIsOne()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler);
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        network.Wire.HasCarrier = false;
        network.Peer.AnswersArp = false;
        socket.Send(s_service, [1]);
        network.RunFor(60_000_000);
        Assert.Empty(handler.Failures);
        network.Wire.HasCarrier = true;
        network.Peer.AnswersArp = true;
        network.RunFor(2_000_000);
        Assert.Equal(1, seen);
    }

    [Fact]
    public void Send_BeyondTheLink_GoesToTheGateway()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        IPEndpoint? seen = null;
        network.Peer.UdpArrived = (_, destination, _) => seen = destination;
        IPEndpoint far = new(new IPv4Address(203, 0, 113, 5), 53);
        socket.Send(far, [1]);
        network.RunUntil(() => seen == far);
        Assert.True(ArpPacket.TryParse(network.Peer.Frames[0].AsSpan(14), out ArpPacket request));
        Assert.Equal(SimulatedNetwork.Gateway, request.Target);
    }

    [Theory]
    [InlineData("224.0.0.1", "255.255.255.0")]
    [InlineData("192.0.2.1", "255.0.255.0")]
    [InlineData("192.0.2.1", "0.0.0.0")]
    [InlineData("127.0.0.1", "255.0.0.0")]
    public void Configure_WithWhatNoHostHas_IsRefused(string address, string netmask)
    {
        SimulatedNetwork network = new();
        IPv4Address.TryParse(address, out IPv4Address a);
        IPv4Address.TryParse(netmask, out IPv4Address n);
        Assert.NotNull(network.Interface.Configure(a, n, default));
        Assert.Equal(SimulatedNetwork.Address, network.Interface.Address);
    }

    [Fact]
    public void Poll_InsideAHandlersCall_IsAFault()
    {
        SimulatedNetwork network = new();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        handler.Arrived = () => Assert.Throws<InvalidOperationException>(() => network.Stack.Poll(network.Now));
        network.Peer.SendUdpFrom(s_service, new(SimulatedNetwork.Address, 68), [1]);
        network.RunFor(5000);
        Assert.Single(handler.Datagrams);
    }
}
