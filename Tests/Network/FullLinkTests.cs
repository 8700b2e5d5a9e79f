using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>A link that has no room for a while: what is sent meanwhile goes out when it has, and no timer has to bring it back.</summary>
public class FullLinkTests
{
    private const ulong Blocked = 5_000;

    private static readonly IPv4Address s_host = new(192, 0, 2, 2);

    private static void Block(SimulatedNetwork network)
    {
        network.Wire.TransmitSlots = 0;
        network.Time.After(Blocked, () => network.Wire.TransmitSlots = int.MaxValue);
    }

    [Fact]
    public void Datagram_AndTheArpRequestBeforeIt_GoOutAsSoonAsThereIsRoom()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = UdpSocket.Open(network.Stack, new RecordingUdpHandler(), 0, out _)!;
        byte[]? seen = null;
        network.Peer.UdpArrived = (_, _, payload) => seen = payload;
        Block(network);
        Assert.Null(socket.Send(new IPEndpoint(s_host, 69), [1]));
        network.RunFor(Blocked + 3_000);
        Assert.Equal([1], seen);
        Assert.Equal(1, network.Peer.ArpRequests);
        Assert.Equal(0UL, network.Interface.Counters.SendFailures);
    }

    [Fact]
    public void Datagrams_GoOutInTheirOrder_TheFirstSixteen()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = UdpSocket.Open(network.Stack, new RecordingUdpHandler(), 0, out _)!;
        socket.Send(new IPEndpoint(s_host, 69), [99]);
        network.RunFor(3_000);
        List<byte> seen = [];
        network.Peer.UdpArrived = (_, _, payload) => seen.Add(payload[0]);
        Block(network);
        for (byte i = 0; i < 20; i++)
        {
            Assert.Null(socket.Send(new IPEndpoint(s_host, 69), [i]));
        }

        network.RunFor(Blocked + 3_000);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (byte)i), seen);
        Assert.Equal(4UL, network.Interface.Counters.SendFailures);
    }

    [Fact]
    public void Answers_ToArpAndEcho_GoOutAsSoonAsThereIsRoom()
    {
        SimulatedNetwork network = new();
        Block(network);
        network.Peer.SendArp(ArpPacket.Request, PeerHost.Mac, s_host, default, SimulatedNetwork.Address);
        network.Peer.SendIPv4(s_host, SimulatedNetwork.Address, 1, [8, 0, 0xF7, 0xFF, 0, 0, 0, 0]);
        network.RunFor(Blocked + 3_000);
        Assert.Equal(2, network.Peer.Frames.Count);
        Assert.True(ArpPacket.TryParse(network.Peer.Frames[0].AsSpan(14), out ArpPacket reply));
        Assert.Equal(ArpPacket.Reply, reply.Operation);
    }

    [Fact]
    public void Broadcast_BeforeThereIsAnAddress_GoesOutAsSoonAsThereIsRoom()
    {
        SimulatedNetwork network = new(configure: false);
        UdpSocket socket = UdpSocket.Open(network.Stack, new RecordingUdpHandler(), 68, out _)!;
        int seen = 0;
        network.Peer.UdpArrived = (_, destination, _) => seen += destination.Port == 67 ? 1 : 0;
        Block(network);
        Assert.Null(socket.SendFrom(network.Interface, default, new IPEndpoint(IPv4Address.Broadcast, 67), [1]));
        network.RunFor(Blocked + 3_000);
        Assert.Equal(1, seen);
    }

    [Fact]
    public void Close_ForgetsWhatWaits()
    {
        SimulatedNetwork network = new();
        UdpSocket socket = UdpSocket.Open(network.Stack, new RecordingUdpHandler(), 0, out _)!;
        network.Wire.TransmitSlots = 0;
        socket.Send(new IPEndpoint(s_host, 69), [1]);
        network.Interface.Close();
        network.Wire.TransmitSlots = int.MaxValue;
        Assert.Null(network.Interface.Open());
        network.RunFor(100_000);
        Assert.Empty(network.Peer.Frames);
    }
}
