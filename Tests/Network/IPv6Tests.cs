using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>IPv6 from the wire to the sockets: addresses, routers, neighbours, extension headers, ICMP.</summary>
public class IPv6Tests
{
    private static readonly IPAddress s_linkLocal = IPv6Router.Parse("fe80::5054:ff:fe12:3456");
    private static readonly IPAddress s_global = IPv6Router.Parse("2001:db8::5054:ff:fe12:3456");
    private static readonly IPAddress s_neighbour = IPv6Router.Parse("2001:db8::2");
    private static readonly IPAddress s_far = IPv6Router.Parse("2001:db8:ffff::7");
    private static readonly MacAddress s_otherStation = new([0x52, 0x55, 0x0A, 0x00, 0x02, 0x77]);

    /// <summary>A network whose interface has an address by a router's advertisement.</summary>
    internal static SimulatedNetwork Configured(out IPv6Router router, params byte[][] options)
    {
        SimulatedNetwork network = new(configure: false);
        router = new IPv6Router(network.Peer, "fe80::1");
        network.Interface.IPv6.Start();
        router.Advertise(1800, options.Length > 0 ? options : [IPv6Router.OnLinkPrefix, IPv6Router.LinkAddress(PeerHost.Mac)]);
        network.RunUntil(() => !network.Interface.IPv6.Global.IsAny, 3);
        return network;
    }

    private static SimulatedNetwork Configured() => Configured(out _);

    private static UdpSocket Open(SimulatedNetwork network, IUdpHandler handler, ushort port = 0)
    {
        UdpSocket? socket = UdpSocket.Open(network.Stack, handler, port, out Error? error);
        Assert.Null(error);
        return socket!;
    }

    private static IEnumerable<byte[]> Messages(SimulatedNetwork network, byte type) =>
        network.Peer.Frames.Where(frame => frame.Length > 54 && frame[12] == 0x86 && frame[20] == 58 && frame[54] == type);

    private static byte[] Udp(ushort from, ushort to, byte[] payload, IPAddress source, IPAddress destination)
    {
        byte[] packet = [.. new byte[8], .. payload];
        UdpPacket.WriteHeader(packet, Reference.Addresses(source, destination), from, to);
        return packet;
    }

    [Fact]
    public void Start_MakesTheAddressForTheLink_OnceNobodyObjected_AndAsksForRouters()
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        Assert.True(network.Interface.IPv6.LinkLocal.IsAny);
        network.RunFor(1_200_000);
        Assert.Equal(s_linkLocal, network.Interface.IPv6.LinkLocal);
        Assert.Equal((IPv6Router.Parse("::"), s_linkLocal), network.Peer.Solicitations[0]);
        byte[] solicitation = Messages(network, 133).First();
        Assert.Equal(IPv6Router.Parse("ff02::2"), new IPAddress(solicitation.AsSpan(38)));
        Assert.Equal(255, solicitation[21]);
        Assert.Equal([0x33, 0x33, 0, 0, 0, 2], solicitation[..6]);
    }

    [Fact]
    public void RouterSolicitations_GoOnUntilARouterAnswers_EverLessOften()
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        network.RunFor(70_000_000);
        Assert.InRange(Messages(network, 133).Count(), 5, 6);
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, IPv6Router.OnLinkPrefix);
        network.RunFor(1_000_000);
        int asked = Messages(network, 133).Count();
        network.RunFor(300_000_000);
        Assert.Equal(asked, Messages(network, 133).Count());
    }

    [Fact]
    public void Advertisement_BringsAddressRouteServersAndMtu()
    {
        SimulatedNetwork network = Configured(
            out _, IPv6Router.OnLinkPrefix, IPv6Router.DnsServers(600, "2001:db8::53", "2001:db8::54"), IPv6Router.Mtu(1400));
        IPv6Interface ip = network.Interface.IPv6;
        Assert.Equal(s_global, ip.Global);
        Assert.Equal(IPv6Router.Parse("fe80::1"), ip.Gateway);
        Assert.Equal(["2001:db8::53", "2001:db8::54"], ip.DnsServers.ToArray().Select(each => each.Text()));
        Assert.Equal(1400, ip.Mtu);
        Assert.False(ip.IsManaged);
        network.RunFor(601_000_000);
        Assert.Empty(ip.DnsServers.ToArray());
    }

    [Fact]
    public void Address_ThatAnotherStationHas_IsNotUsed()
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        network.RunFor(100_000);
        network.Peer.SendAdvertisement(s_linkLocal, IPv6Router.Parse("ff02::1"), 0x20, s_otherStation);
        network.RunFor(2_000_000);
        Assert.True(network.Interface.IPv6.LinkLocal.IsAny);
        Assert.Equal(s_linkLocal, network.Interface.IPv6.Duplicate);
        Assert.Equal(1UL, network.Interface.Counters.AddressConflicts);
    }

    [Fact]
    public void Address_ThatAnotherStationAlsoWants_IsNotUsed()
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        network.RunFor(100_000);
        byte[] solicitation = new byte[24];
        solicitation[0] = 135;
        s_linkLocal.CopyTo(solicitation.AsSpan(8));
        network.Peer.SendIcmpV6(IPv6Router.Parse("::"), IPv6Router.Parse("ff02::1:ff12:3456"), solicitation);
        network.RunFor(2_000_000);
        Assert.True(network.Interface.IPv6.LinkLocal.IsAny);
    }

    [Fact]
    public void Address_IsTestedAgain_WhileTheLinkIsDown()
    {
        SimulatedNetwork network = new(configure: false);
        network.Wire.HasCarrier = false;
        network.Interface.IPv6.Start();
        network.RunFor(5_000_000);
        Assert.True(network.Interface.IPv6.LinkLocal.IsAny);
        network.Wire.HasCarrier = true;
        network.RunFor(1_100_000);
        Assert.Equal(s_linkLocal, network.Interface.IPv6.LinkLocal);
    }

    [Theory]
    [InlineData(64, "fe80::1", 0)] // Not from the link.
    [InlineData(255, "2001:db8::1", 0)] // Not from a router's address for the link.
    [InlineData(255, "fe80::1", 1)] // A code that cannot be.
    public void Advertisement_ThatNoRouterOfTheLinkSent_IsDropped(byte hopLimit, string source, byte code)
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        byte[] message = IPv6Router.Message(1800, 0, IPv6Router.OnLinkPrefix);
        message[1] = code;
        network.Peer.SendIcmpV6(IPv6Router.Parse(source), IPv6Router.Parse("ff02::1"), message, hopLimit: hopLimit);
        network.RunFor(2_000_000);
        Assert.True(network.Interface.IPv6.Global.IsAny);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadNeighbourDiscovery));
    }

    [Theory]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0 })] // No length: the loop that never ends.
    [InlineData(new byte[] { 3, 9, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 25, 1 })]
    public void Advertisement_WithOptionsThatCannotBe_IsDroppedWhole(byte[] option)
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, IPv6Router.OnLinkPrefix, option);
        network.RunFor(2_000_000);
        Assert.True(network.Interface.IPv6.Global.IsAny);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadNeighbourDiscovery));
    }

    [Fact]
    public void Prefix_OfAnotherLengthOrOfTheLink_MakesNoAddress()
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        new IPv6Router(network.Peer, "fe80::1").Advertise(
            1800, IPv6Router.Prefix("2001:db8::", 48, 0xC0, 100, 100), IPv6Router.Prefix("fe80::", 64, 0xC0, 100, 100),
            IPv6Router.Prefix("2001:db8:1::", 64, 0xC0, 100, 200), IPv6Router.Prefix("2001:db8:2::", 64, 0x80, 100, 100));
        network.RunFor(2_000_000);
        Assert.Single(network.Interface.IPv6.Addresses.ToArray(), each => !each.Address.IsAny);
    }

    [Fact]
    public void ManyPrefixesAndRouters_FillTheTables_AndNoMore()
    {
        SimulatedNetwork network = Configured();
        for (int i = 0; i < 300; i++)
        {
            new IPv6Router(network.Peer, $"fe80::1:{i:x}").Advertise(
                1800, IPv6Router.Prefix($"2001:db8:1:{i:x}::", 64, 0xC0, uint.MaxValue, uint.MaxValue), IPv6Router.DnsServers(uint.MaxValue, $"2001:db8::{i + 1:x}"));
            network.RunFor(2000);
        }

        network.RunFor(2_000_000);
        Assert.Equal(s_global, network.Interface.IPv6.Addresses[1].Address);
        Assert.Equal(4, network.Interface.IPv6.DnsServers.Length);
        Assert.Equal(IPv6Router.Parse("fe80::1"), network.Interface.IPv6.Gateway);
    }

    [Fact]
    public void Lifetime_ThatAStrangerShortens_LeavesTwoHours()
    {
        SimulatedNetwork network = Configured(out IPv6Router router);
        router.Advertise(1800, IPv6Router.Prefix("2001:db8::", 64, 0xC0, 1, 1));
        network.RunFor(10_000_000);
        Assert.Equal(s_global, network.Interface.IPv6.Global);
        network.IdleStep = 1_000_000;
        network.RunFor(7200_000_000);
        Assert.True(network.Interface.IPv6.Global.IsAny);
    }

    [Fact]
    public void Lifetime_ThatAStrangerShortensAgainAndAgain_LosesNothingMore()
    {
        SimulatedNetwork network = Configured(out IPv6Router router);
        for (int i = 0; i < 1000; i++)
        {
            router.Advertise(1800, IPv6Router.Prefix("2001:db8::", 64, 0xC0, 1, 1));
            network.RunFor(1000);
        }

        ulong left = network.Interface.IPv6.Addresses[1].ValidUntil - network.Now;
        Assert.InRange(left, 7190_000_000UL, 7200_000_000UL);
    }

    [Fact]
    public void Start_LongAfterTheLastRound_StillTestsItsAddress()
    {
        SimulatedNetwork network = new(configure: false);
        network.Time.AdvanceTo(network.Now + 60_000_000); // Nobody has polled meanwhile.
        network.Interface.IPv6.Start();
        network.RunFor(500_000);
        Assert.True(network.Interface.IPv6.LinkLocal.IsAny);
        Assert.Single(network.Peer.Solicitations);
        Assert.Single(Messages(network, 133));
        network.RunFor(600_000);
        Assert.Equal(s_linkLocal, network.Interface.IPv6.LinkLocal);
    }

    [Fact]
    public void RouterSolicitations_GoOn_WhileOnlyRoutersWithoutAWayOutAnswer()
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        network.RunFor(1_000_000);
        new IPv6Router(network.Peer, "fe80::1").Advertise(0, IPv6Router.Prefix("fd00::", 64, 0xC0, 600, 600));
        network.RunFor(20_000_000);
        Assert.InRange(Messages(network, 133).Count(), 3, 4);
    }

    [Fact]
    public void RouterSolicitations_AreAsFrequentAsAtFirst_WhileTheLinkIsDown()
    {
        SimulatedNetwork network = new(configure: false);
        network.Wire.HasCarrier = false;
        network.Interface.IPv6.Start();
        network.RunFor(60_000_000);
        network.Wire.HasCarrier = true;
        int asked = Messages(network, 133).Count();
        network.RunFor(4_100_000);
        Assert.InRange(Messages(network, 133).Count(), asked + 1, asked + 2);
    }

    [Fact]
    public void Advertisement_InFragments_IsDropped()
    {
        SimulatedNetwork network = new(configure: false);
        network.Interface.IPv6.Start();
        byte[]? frame = null;
        network.Wire.Delivered = each => frame = each;
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, IPv6Router.OnLinkPrefix);
        byte[] message = frame![54..(54 + 48)];
        network.Stack.Interfaces[0].IPv6.Stop();
        network.RunFor(5000);
        network.Interface.IPv6.Start();
        foreach (bool isFirst in new[] { true, false })
        {
            byte[] header = [58, 0, 0, (byte)(isFirst ? 1 : 24), 0, 0, 0, 9];
            network.Peer.SendIPv6(
                IPv6Router.Parse("fe80::1"), IPv6Router.Parse("ff02::1"), 44,
                [.. header, .. isFirst ? message.AsSpan(0, 24) : message.AsSpan(24)], hopLimit: 255);
        }

        network.RunFor(2_000_000);
        Assert.True(network.Interface.IPv6.Global.IsAny);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadNeighbourDiscovery));
    }

    [Fact]
    public void ListenerQuery_WithALongTime_DoesNotPutTheNextOnesAnswerOff()
    {
        SimulatedNetwork network = Configured();
        network.RunFor(3_000_000);
        network.Peer.Frames.Clear();
        byte[] query = new byte[28];
        query[0] = 130;
        query[4] = query[5] = 0xFF;
        network.Peer.SendIcmpV6(IPv6Router.Parse("fe80::6"), IPv6Router.Parse("ff02::1"), (byte[])query.Clone(), hopLimit: 1);
        network.RunFor(5000);
        query[4] = 0;
        query[5] = 100;
        network.Peer.SendIcmpV6(IPv6Router.Parse("fe80::1"), IPv6Router.Parse("ff02::1"), query, hopLimit: 1);
        network.RunFor(500_000);
        Assert.Single(network.Peer.Frames);
    }

    [Fact]
    public void NewIPv4Address_ForgetsNoNeighbourOfVersion6()
    {
        SimulatedNetwork network = Configured();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        socket.Send(new IPEndpoint(s_neighbour, 7), [1]);
        Assert.Null(network.Interface.Configure(SimulatedNetwork.Address, SimulatedNetwork.Netmask, SimulatedNetwork.Gateway));
        network.RunUntil(() => seen == 1, 1);
    }

    [Fact]
    public void Address_Deprecated_IsUsedOnlyWhileThereIsNoOther()
    {
        SimulatedNetwork network = Configured(out IPv6Router router, IPv6Router.Prefix("2001:db8::", 64, 0xC0, 86400, 10));
        network.RunFor(11_000_000);
        Assert.Equal(s_global, network.Interface.IPv6.Global);
        router.Advertise(1800, IPv6Router.Prefix("2001:db8:5::", 64, 0xC0, 86400, 86400));
        network.RunFor(2_000_000);
        Assert.Equal(IPv6Router.Parse("2001:db8:5::5054:ff:fe12:3456"), network.Interface.IPv6.Global);
    }

    [Fact]
    public void Router_ThatSaysFarewell_IsNoLongerTheWay()
    {
        SimulatedNetwork network = Configured(out IPv6Router router);
        router.Advertise(0);
        network.RunFor(5000);
        Assert.True(network.Interface.IPv6.Gateway.IsAny);
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        Error? error = socket.Send(new IPEndpoint(s_far, 7), [1]);
        Assert.Equal(EFI_STATUS.EFI_NO_MAPPING, error!.Status);
        Assert.Equal("2001:db8:ffff::7: no interface has a route to it (net0 has no gateway)", error.Message);
    }

    [Fact]
    public void Router_OfHigherPreference_IsTheWay_AndANarrowerRouteBeforeIt()
    {
        SimulatedNetwork network = Configured();
        new IPv6Router(network.Peer, "fe80::2").Advertise(1800, 0x08, IPv6Router.Route("2001:db8:7::", 48, 0, 600));
        new IPv6Router(network.Peer, "fe80::3").Advertise(0, IPv6Router.Route("2001:db8:ffff::", 48, 0x18, 600));
        network.RunFor(5000);
        Assert.Equal(IPv6Router.Parse("fe80::2"), network.Interface.IPv6.Gateway);
        Assert.True(network.Interface.IPv6.TryRoute(s_far, out IPAddress hop, out int length));
        Assert.Equal((IPv6Router.Parse("fe80::3"), 48), (hop, length));
    }

    [Fact]
    public void Router_ThatAnswersNoMore_GivesWayToAnother()
    {
        SimulatedNetwork network = Configured(out _, IPv6Router.OnLinkPrefix); // Its station address is asked for.
        network.Peer.AnswersArp = false;
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler);
        new IPv6Router(network.Peer, "fe80::2").Advertise(1800, 0x18, IPv6Router.LinkAddress(PeerHost.Mac));
        network.RunFor(5000);
        Assert.Null(socket.Send(new IPEndpoint(s_far, 7), [1]));
        network.RunUntil(() => handler.Failures.Count == 1, 10);
        Assert.Equal(Unreachable.Neighbour, handler.Failures[0].Reason);
        Assert.Equal(IPv6Router.Parse("fe80::2"), network.Interface.IPv6.Gateway);
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        Assert.Null(socket.Send(new IPEndpoint(s_far, 7), [2]));
        network.RunUntil(() => seen == 1, 2);
    }

    [Fact]
    public void Udp_GoesBothWays_OnTheLinkAndBeyondIt()
    {
        SimulatedNetwork network = Configured();
        RecordingUdpHandler handler = new();
        UdpSocket socket = Open(network, handler);
        List<(IPEndpoint Source, IPEndpoint Destination)> seen = [];
        network.Peer.UdpArrived = (source, destination, _) => seen.Add((source, destination));
        Assert.Null(socket.Send(new IPEndpoint(s_neighbour, 7), [1]));
        Assert.Null(socket.Send(new IPEndpoint(s_far, 7), [2]));
        Assert.Null(socket.Send(new IPEndpoint(IPv6Router.Parse("fe80::9"), 7), [3]));
        network.RunUntil(() => seen.Count == 3, 5);
        Assert.Contains((new IPEndpoint(s_global, socket.Port), new IPEndpoint(s_neighbour, 7)), seen);
        Assert.Contains((new IPEndpoint(s_global, socket.Port), new IPEndpoint(s_far, 7)), seen);
        Assert.Contains((new IPEndpoint(s_linkLocal, socket.Port), new IPEndpoint(IPv6Router.Parse("fe80::9"), 7)), seen);
        Assert.DoesNotContain(network.Peer.Solicitations, each => each.Target == s_far);
        network.Peer.SendUdpFrom(new IPEndpoint(s_far, 7), new IPEndpoint(s_global, socket.Port), [9]);
        network.RunUntil(() => handler.Datagrams.Count == 1, 1);
        Assert.Equal(new IPEndpoint(s_far, 7), handler.Datagrams[0].Source);
        Assert.Equal(s_global, handler.Datagrams[0].Destination);
    }

    [Fact]
    public void Udp_WithoutAChecksum_IsDropped()
    {
        SimulatedNetwork network = Configured();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        byte[] packet = Udp(7, 68, [1], s_far, s_global);
        packet[6] = packet[7] = 0;
        network.Peer.SendIPv6(s_far, s_global, 17, packet);
        network.RunFor(5000);
        Assert.Empty(handler.Datagrams);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadUdp));
    }

    [Fact]
    public void Udp_ToAPortThatNobodyHas_IsAnswered()
    {
        SimulatedNetwork network = Configured();
        network.Peer.SendUdpFrom(new IPEndpoint(s_far, 7), new IPEndpoint(s_global, 9), new byte[1400]);
        network.RunFor(5000);
        byte[] error = Messages(network, 1).Single();
        Assert.Equal(4, error[55]);
        Assert.Equal(14 + 1280, error.Length);
    }

    [Fact]
    public void Tcp_CarriesAStreamIntact()
    {
        SimulatedNetwork network = Configured();
        byte[] content = TcpTransferTests.Content(300_000);
        PeerTcpServer server = new(network.Peer, 80);
        server.OnAccepted = connection =>
        {
            connection.Send(content);
            connection.Finish();
        };
        RecordingTcpHandler handler = new();
        using TcpConnection connection = TcpConnection.Connect(network.Stack, new IPEndpoint(s_far, 80), handler, out Error? error)!;
        Assert.Null(error);
        network.RunUntil(() => handler.IsClosed);
        Assert.Null(handler.Error);
        Assert.Equal(content, handler.Data);
        byte[] syn = network.Peer.Frames.First(frame => frame[12] == 0x86 && frame[20] == 6);
        Assert.Equal(1440, BinaryPrimitives.ReadUInt16BigEndian(syn.AsSpan(14 + 40 + 20 + 2)));
    }

    [Fact]
    public void Tcp_TakesThePathsMtu_ButNotLessThanEveryLinkCarries()
    {
        SimulatedNetwork network = Configured();
        PeerTcpServer server = new(network.Peer, 80);
        RecordingTcpHandler handler = new();
        TcpConnection connection = TcpConnection.Connect(network.Stack, new IPEndpoint(s_far, 80), handler, out _)!;
        network.RunUntil(() => handler.IsConnected);
        Action<byte[]> deliver = network.Wire.Sent!;
        network.Wire.Sent = frame =>
        {
            if (frame.Length <= 14 + 1280)
            {
                deliver(frame);
                return;
            }

            byte[] error = [2, 0, 0, 0, 0, 0, 0, 100, .. frame.AsSpan(14, 1232)];
            network.Peer.SendIcmpV6(IPv6Router.Parse("2001:db8:9::1"), s_global, error, hopLimit: 60);
        };
        byte[] content = TcpTransferTests.Content(20_000);
        connection.Send(content);
        network.RunUntil(() => server.Connections[0].Received.Count == content.Length, 5);
        Assert.Equal(content, server.Connections[0].Received);
        Assert.Contains(network.Peer.Frames, frame => frame.Length == 14 + 1280);
        connection.Dispose();
    }

    [Fact]
    public void Echo_IsAnswered_AndOursIsHeard()
    {
        SimulatedNetwork network = Configured();
        network.Peer.SendIcmpV6(s_far, s_global, [128, 0, 0, 0, 1, 2, 3, 4, .. "hello"u8], hopLimit: 60);
        network.RunFor(5000);
        byte[] reply = Messages(network, 129).Single();
        Assert.Equal([1, 2, 3, 4, .. "hello"u8], reply[58..67]);

        using EchoSocket socket = new(network.Stack);
        network.Peer.IcmpArrived = (source, message) =>
        {
            if (message[0] == 128)
            {
                message[0] = 129;
                network.Peer.SendIcmpV6(s_far, source, message, hopLimit: 60);
            }
        };
        Assert.Null(socket.Send(s_far, 1, 56));
        network.RunUntil(() => socket.IsAnswered, 2);
    }

    [Fact]
    public void Solicitation_ForOurAddress_IsAnswered_AndTheAskerIsKnown()
    {
        SimulatedNetwork network = Configured();
        byte[] solicitation = [135, 0, 0, 0, 0, 0, 0, 0, .. new byte[16], .. IPv6Router.LinkAddress(s_otherStation)];
        s_global.CopyTo(solicitation.AsSpan(8));
        network.Peer.SendIcmpV6(s_neighbour, IPv6Router.Parse("ff02::1:ff12:3456"), solicitation);
        network.RunFor(5000);
        byte[] answer = Messages(network, 136).Single();
        Assert.Equal(0x60, answer[58]);
        Assert.Equal(s_otherStation, new MacAddress(answer));
        int at = 0;
        List<IPAddress> known = [];
        while (network.Interface.TryNextNeighbour(ref at, out IPAddress address, out _))
        {
            known.Add(address);
        }

        Assert.Contains(s_neighbour, known);
    }

    [Fact]
    public void StrangersWhoAsk_PushNoRouterOut()
    {
        SimulatedNetwork network = Configured();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        int seen = 0;
        network.Peer.UdpArrived = (_, _, _) => seen++;
        socket.Send(new IPEndpoint(s_far, 7), [1]);
        network.RunUntil(() => seen == 1, 2);
        int asked = network.Peer.Solicitations.Count;
        for (int i = 0; i < 200; i++)
        {
            byte[] solicitation = [135, 0, 0, 0, 0, 0, 0, 0, .. new byte[16], .. IPv6Router.LinkAddress(s_otherStation)];
            s_global.CopyTo(solicitation.AsSpan(8));
            network.Peer.SendIcmpV6(IPv6Router.Parse($"2001:db8::5:{i:x}"), IPv6Router.Parse("ff02::1:ff12:3456"), solicitation);
            network.RunFor(1000);
        }

        socket.Send(new IPEndpoint(s_far, 7), [1]);
        network.RunFor(1000);
        Assert.Equal(2, seen);
        Assert.Equal(asked, network.Peer.Solicitations.Count);
    }

    [Fact]
    public void Advertisement_ByAnotherStation_MovesNoNeighbourThatAnswers()
    {
        SimulatedNetwork network = Configured();
        UdpSocket socket = Open(network, new RecordingUdpHandler());
        byte[]? last = null;
        network.Peer.UdpArrived = (_, _, _) => last = network.Peer.Frames[^1];
        socket.Send(new IPEndpoint(s_neighbour, 7), [1]);
        network.RunUntil(() => last is not null, 2);
        network.RunFor(2_000_000);
        network.Peer.SendAdvertisement(s_neighbour, IPv6Router.Parse("ff02::1"), 0x20, s_otherStation);
        network.RunFor(1_500_000);
        socket.Send(new IPEndpoint(s_neighbour, 7), [1]);
        network.RunFor(5000);
        Assert.Equal(PeerHost.Mac, new MacAddress(last!));
    }

    [Fact]
    public void ListenerQuery_IsAnsweredWithOurGroups_InItsVersion()
    {
        SimulatedNetwork network = Configured();
        network.RunFor(3_000_000);
        network.Peer.Frames.Clear();
        byte[] query = new byte[28];
        query[0] = 130;
        query[5] = 100;
        network.Peer.SendIcmpV6(IPv6Router.Parse("fe80::1"), IPv6Router.Parse("ff02::1"), query, hopLimit: 1);
        network.RunFor(500_000);
        byte[] report = network.Peer.Frames.Single();
        Assert.Equal(0, report[20]); // hop by hop, with the router alert
        Assert.Equal([58, 0, 5, 2, 0, 0, 1, 0, 143], report[54..63]);
        Assert.Equal(1, report[21]);
        Assert.Equal([2, 0, 0, 0], report[70..74]);
        Assert.Equal(IPv6Router.Parse("ff02::1:ff12:3456"), new IPAddress(report.AsSpan(74)));

        network.Peer.Frames.Clear();
        network.Peer.SendIcmpV6(IPv6Router.Parse("fe80::1"), IPv6Router.Parse("ff02::1"), query[..24], hopLimit: 1);
        network.RunFor(500_000);
        Assert.Equal(131, network.Peer.Frames.Single()[62]);
    }

    [Fact]
    public void Fragments_ArePutTogether_AndThoseThatOverlapEndTheirDatagram()
    {
        SimulatedNetwork network = Configured();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        byte[] packet = Udp(7, 68, TcpTransferTests.Content(3000), s_far, s_global);
        Send(0, 1200, 1, more: true);
        Send(2400, packet.Length, 1, more: false);
        Send(1200, 2400, 1, more: true);
        network.RunFor(5000);
        Assert.Equal(packet[8..], handler.Datagrams.Single().Payload);

        Send(0, 1200, 2, more: true);
        Send(1192, 2400, 2, more: true);
        Send(2400, packet.Length, 2, more: false);
        network.RunFor(5000);
        Assert.Single(handler.Datagrams);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadFragment));

        Send(0, 2000, 3, more: false); // Whole in itself, though the first of others is still there (RFC 6946).
        network.RunFor(5000);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadUdp)); // Its length says more than there is.

        void Send(int from, int to, byte identification, bool more)
        {
            byte[] header = [17, 0, (byte)(from >> 8), (byte)(from | (more ? 1 : 0)), 0, 0, 0, identification];
            network.Peer.SendIPv6(s_far, s_global, 44, [.. header, .. packet.AsSpan(from, to - from)]);
        }
    }

    [Theory]
    [InlineData(0, new byte[] { 17, 0, 1, 4, 0, 0, 0, 0 }, true)] // hop by hop: padding
    [InlineData(60, new byte[] { 17, 0, 0x1E, 4, 0, 0, 0, 0 }, true)] // an unknown option that may be skipped
    [InlineData(60, new byte[] { 17, 0, 0x5E, 4, 0, 0, 0, 0 }, false)] // one that may not
    [InlineData(60, new byte[] { 17, 0, 1, 9, 0, 0, 0, 0 }, false)] // beyond its header
    [InlineData(60, new byte[] { 0, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0 }, false)] // hop by hop not first
    [InlineData(43, new byte[] { 17, 0, 0, 0, 0, 0, 0, 0 }, true)] // a route that has been gone
    [InlineData(43, new byte[] { 17, 0, 0, 1, 0, 0, 0, 0 }, false)] // one still to go (RFC 5095)
    [InlineData(60, new byte[] { 17, 255, 1, 4, 0, 0, 0, 0 }, false)] // longer than the datagram
    [InlineData(59, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, false)] // nothing follows
    [InlineData(51, new byte[] { 17, 0, 0, 0, 0, 0, 0, 0 }, false)] // nobody here knows it
    public void ExtensionHeaders_AreSteppedOver_OrTheDatagramIsDropped(byte next, byte[] headers, bool isTaken)
    {
        SimulatedNetwork network = Configured();
        RecordingUdpHandler handler = new();
        Open(network, handler, 68);
        network.Peer.SendIPv6(s_far, s_global, next, [.. headers, .. Udp(7, 68, [1], s_far, s_global)]);
        network.RunFor(5000);
        Assert.Equal(isTaken ? 1 : 0, handler.Datagrams.Count);
        Assert.Equal(isTaken ? 0UL : 1UL, network.Interface.Counters.TotalDropped);
    }

    [Fact]
    public void ExtensionHeaders_WithoutEnd_AreDropped()
    {
        SimulatedNetwork network = Configured();
        byte[] headers = new byte[1400];
        for (int i = 0; i < headers.Length; i += 8)
        {
            headers[i] = 60;
            headers[i + 2] = 1;
            headers[i + 3] = 4;
        }

        network.Peer.SendIPv6(s_far, s_global, 60, headers);
        network.RunFor(5000);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadIPv6Extension));
    }

    [Theory]
    [InlineData(200, 1, 6)] // an unknown header: where its number stands
    [InlineData(43, 0, 42)] // segments left
    public void Problem_IsAnsweredWithWhereItIs(byte next, byte code, uint pointer)
    {
        SimulatedNetwork network = Configured();
        network.Peer.SendIPv6(s_far, s_global, next, [17, 0, 0, 1, 0, 0, 0, 0]);
        network.RunFor(5000);
        byte[] answer = Messages(network, 4).Single();
        Assert.Equal(code, answer[55]);
        Assert.Equal(pointer, BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(58)));
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("ff02::5")]
    [InlineData("2001:db8::5054:ff:fe12:3456")]
    public void Source_ThatNoOtherHostHas_IsDropped(string source)
    {
        SimulatedNetwork network = Configured();
        network.Peer.SendUdpFrom(new IPEndpoint(IPv6Router.Parse(source), 7), new IPEndpoint(s_global, 9), [1]);
        network.RunFor(5000);
        Assert.Equal(1UL, network.Interface.Counters.Dropped(DropReason.BadIPv6Source));
    }

    [Fact]
    public void BeforeStart_NothingIsHeardOrSaid()
    {
        SimulatedNetwork network = new();
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, IPv6Router.OnLinkPrefix);
        network.RunFor(5_000_000);
        Assert.Empty(network.Peer.Frames);
        Assert.True(network.Interface.IPv6.Global.IsAny);
    }

    [Fact]
    public void Stop_EndsConnections_AndForgetsEverything()
    {
        SimulatedNetwork network = Configured();
        _ = new PeerTcpServer(network.Peer, 80);
        RecordingTcpHandler handler = new();
        using TcpConnection connection = TcpConnection.Connect(network.Stack, new IPEndpoint(s_far, 80), handler, out _)!;
        network.RunUntil(() => handler.IsConnected);
        network.Interface.IPv6.Stop();
        Assert.True(handler.IsClosed);
        Assert.True(network.Interface.IPv6.Global.IsAny);
        Assert.True(network.Interface.IPv6.Gateway.IsAny);
    }

    [Fact]
    public void OwnFrames_ThatComeBack_AreNotTakenForAnotherStation()
    {
        SimulatedNetwork network = new(configure: false);
        network.Wire.Sent = network.Wire.Deliver;
        network.Interface.IPv6.Start();
        network.RunFor(1_500_000);
        Assert.Equal(s_linkLocal, network.Interface.IPv6.LinkLocal);
    }
}
