using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;
using static NetBoot.Tests.Protocols.Dhcp6Server;

namespace NetBoot.Tests.Network;

/// <summary>
/// PixieFail: the nine faults that Quarkslab found in edk2's network stack in 2023, each as what an attacker sends there, and what comes of it here.
/// </summary>
public class PixieFailTests
{
    private static readonly IPAddress s_us = IPv6Router.Parse("2001:db8::5054:ff:fe12:3456");
    private static readonly IPAddress s_attacker = IPv6Router.Parse("2001:db8::bad");

    /// <summary>Has a client that asks for an address be answered with something; what it says of that, before an honest answer brings it a lease.</summary>
    private static string Attack(Func<byte[], byte[], byte[]> attack, byte[]? identifier = null)
    {
        SimulatedNetwork network = new(configure: false);
        using Dhcp6Client client = new(network.Stack, network.Interface);
        Dhcp6Server server = new(network.Peer);
        server.Identifier = identifier ?? server.Identifier;
        bool isOver = false;
        server.Change = (question, answer) => isOver ? answer : attack(question, answer);
        network.Interface.IPv6.Start();
        Assert.Null(client.Begin(new DhcpOptions()));
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, 0x80);
        network.RunUntil(() => client.Dropped == 1, 10);
        Assert.False(client.IsBound);
        isOver = true;
        string reason = client.Explain();
        network.RunUntil(() => client.IsBound, 20);
        return reason;
    }

    private static byte[] Begin(byte[] question, byte[] answer) => [.. answer[..4], .. Option(1, Find(question, 1)!)];

    private static byte[] Whole(byte[] question, byte[] answer, byte[] server) =>
        [.. Begin(question, answer), .. Option(2, server), .. Option(3, Find(answer, 3)!)];

    [Theory]
    [InlineData(0)]
    [InlineData(3)] // Without T1 and T2: what is left of the length wraps around there.
    [InlineData(11)]
    public void Cve2023_45229_AssociationThatIsTooShort_IsRefused(int length) => Assert.Contains(
        "option 3 (IA_NA) is damaged, at byte 32",
        Attack((question, answer) => [.. Begin(question, answer), .. Option(2, 0, 3, 0, 1, 2, 3, 4, 5, 6, 7), .. Option(3, new byte[length])]),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(131)]
    [InlineData(1300)]
    public void Cve2023_45230_ServerIdentifierThatIsTooLong_IsRefused(int length) => Assert.Contains(
        "option 2 (SERVERID) is damaged, at byte 18",
        Attack((question, answer) => Whole(question, answer, new byte[length])),
        StringComparison.Ordinal);

    [Fact]
    public void Cve2023_45231_RedirectWithOptionsThatAreCutOff_ChangesNothing()
    {
        SimulatedNetwork network = IPv6Tests.Configured(out _);
        Assert.True(network.Interface.IPv6.TryRoute(s_attacker, out IPAddress before, out _));
        for (int length = 4; length <= 60; length++)
        {
            byte[] redirect = new byte[length];
            redirect[0] = 137;
            redirect.AsSpan(Math.Min(40, length)).Fill(1);
            network.Peer.SendIcmpV6(IPv6Router.Parse("fe80::1"), s_us, redirect);
            network.RunFor(5000);
        }

        Assert.True(network.Interface.IPv6.TryRoute(s_attacker, out IPAddress after, out _));
        Assert.Equal(before, after);
    }

    [Theory]
    [InlineData(0x1E, 0)]
    [InlineData(0x1E, 255)]
    public void Cve2023_45232_UnknownDestinationOption_OfAnyLength_Ends(byte option, byte length) => Send(option, length);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 254)]
    public void Cve2023_45233_PaddingAmongDestinationOptions_OfAnyLength_Ends(byte option, byte length) => Send(option, length);

    [Theory]
    [InlineData(17)]
    [InlineData(1)]
    [InlineData(1199)]
    public void Cve2023_45234_DnsServersOfALengthThatCannotBe_AreRefused(int length) => Assert.Contains(
        "option 23 (DNS_SERVERS) is damaged", Attack((_, answer) => [.. answer, .. Option(23, new byte[length])]), StringComparison.Ordinal);

    [Fact]
    public void Cve2023_45234_ManyDnsServers_AreCutToWhatThereIsRoomFor()
    {
        SimulatedNetwork network = IPv6Tests.Configured(out _);
        byte[] servers = Addresses(23, [.. Enumerable.Range(1, 60).Select(each => $"2001:db8::{each}")]);
        network.Interface.IPv6.OnServerInformation(servers.AsSpan(4), default, ulong.MaxValue);
        Assert.Equal(["2001:db8::1", "2001:db8::2", "2001:db8::3"], network.Interface.IPv6.DnsServers.ToArray().Select(each => each.Text()));
    }

    /// <summary>There the identifier of a proxy's offer went unchecked into the request; here that of the longest is sent back whole.</summary>
    [Fact]
    public void Cve2023_45235_ServerIdentifierOfAnOffer_IsSentBackWhole_OrRefused()
    {
        byte[] longest = [0, 2, .. new byte[128]];
        byte[]? requested = null;
        Attack(
            (question, answer) =>
            {
                requested = question[0] == Request ? Find(question, 2) : requested;
                return question[0] == Request ? Whole(question, answer, [.. longest, 0]) : answer;
            },
            longest);
        Assert.Equal(longest, requested);
    }

    [Fact]
    public void Cve2023_45236_InitialSequenceNumbers_AreNotGuessable_AlsoByVersion6()
    {
        SimulatedNetwork network = IPv6Tests.Configured(out _);
        List<uint> numbers = [];
        IPEndpoint remote = new(s_attacker, 80);
        for (int i = 0; i < 40; i++)
        {
            TcpConnection? connection = TcpConnection.Connect(network.Stack, remote, new RecordingTcpHandler(), out Error? error);
            Assert.Null(error);
            network.RunFor(5000);
            byte[] frame = network.Peer.Frames.Last(each => each[12] == 0x86 && each[20] == 6);
            numbers.Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(58)));
            connection!.Dispose();
        }

        AssertScattered(numbers);
    }

    [Fact]
    public void Cve2023_45237_RandomNumbers_AreNotGuessable_AndNeverTheSameTwice()
    {
        RandomSource random = new(1);
        AssertScattered([.. Enumerable.Range(0, 1000).Select(_ => random.Next32())]);
        RandomSource other = new(2);
        RandomSource again = new(1);
        again.Stir(7);
        random = new RandomSource(1);
        Assert.NotEqual(random.Next32(), other.Next32());
        Assert.NotEqual(new RandomSource(1).Next32(), again.Next32());
        SimulatedNetwork network = new(configure: false);
        using Dhcp6Client client = new(network.Stack, network.Interface);
        Dhcp6Server server = new(network.Peer) { Refusals = { [Request] = 2 } };
        network.Interface.IPv6.Start();
        client.Begin(new DhcpOptions());
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, 0x80);
        network.RunUntil(() => server.Questions.Count >= 24, 900);
        AssertScattered([.. server.Questions.Select(each => (uint)((each[1] << 24) | (each[2] << 16) | (each[3] << 8)))]);
    }

    // Neither twice the same, nor a step that repeats.
    private static void AssertScattered(List<uint> numbers)
    {
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        uint[] steps = [.. numbers.Zip(numbers.Skip(1), (a, b) => b - a)];
        Assert.Equal(steps.Length, steps.Distinct().Count());
        Assert.True(steps.Count(each => each > 0x0100_0000) > steps.Length / 2, "the numbers only creep");
    }

    private static void Send(byte option, byte length)
    {
        SimulatedNetwork network = IPv6Tests.Configured(out _);
        RecordingUdpHandler handler = new();
        using UdpSocket? socket = UdpSocket.Open(network.Stack, handler, 9, out _);
        for (int units = 0; units < 32; units++)
        {
            byte[] header = new byte[8 + 8 * units];
            (header[0], header[1], header[2], header[3]) = (59, (byte)units, option, length);
            network.Peer.SendIPv6(s_attacker, s_us, 60, header);
        }

        network.RunFor(100_000);
        network.Peer.SendUdpFrom(new IPEndpoint(s_attacker, 7), new IPEndpoint(s_us, 9), [1]);
        network.RunFor(100_000);
        Assert.Single(handler.Datagrams);
        InterfaceCounters counters = network.Interface.Counters;
        Assert.InRange(counters.Dropped(DropReason.BadIPv6Extension) + counters.Dropped(DropReason.UnknownProtocol), 1UL, 32UL);
    }
}
