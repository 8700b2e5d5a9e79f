using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>Frames that the host at the other end of a simulated wire sends.</summary>
internal static class SampleFrames
{
    private static readonly IPv4Address s_peer = new(192, 0, 2, 2);

    /// <summary>One of each kind.</summary>
    public static IReadOnlyList<byte[]> All
    {
        get
        {
            SimulatedNetwork network = new();
            List<byte[]> frames = [];
            network.Wire.Delivered = frames.Add;
            PeerTcpServer server = new(network.Peer, 80) { OnConnected = connection => connection.Send(new byte[100]) };
            RecordingTcpHandler handler = new();
            TcpConnection.Connect(network.Stack, new IPEndpoint(s_peer, 80), handler, out _);
            network.RunUntil(() => handler.Data.Count == 100);
            server.Connections[0].Finish();
            network.RunFor(1_000_000);
            network.Peer.SendUdpFrom(new(s_peer, 67), new(SimulatedNetwork.Address, 68), new byte[20]);
            network.Peer.SendArp(1, PeerHost.Mac, s_peer, default, SimulatedNetwork.Address);
            foreach (byte type in new byte[] { 8, 3 })
            {
                byte[] message = new byte[36];
                IcmpMessage.WriteHeader(message, type, type == 3 ? (byte)4 : (byte)0, 576);
                message[8] = 0x45;
                message[17] = 6;
                network.Peer.SendIPv4(s_peer, SimulatedNetwork.Address, 1, message);
            }

            MacAddress bridges = new([1, 0x80, 0xC2, 0, 0, 0]);
            network.Peer.SendFrame(0x88CC, [2, 7, 4, 0x52, 0x54, 0, 1, 2, 3, 4, 2, 5, 65, 6, 2, 0, 120, 10, 1, 65, 254, 6, 0, 0x80, 0xC2, 1, 0, 42, 0, 0], bridges);
            network.Peer.SendFrame(39, [0x42, 0x42, 3, 0, 0, 2, 2, 0x3C, .. new byte[8], 0, 0, 0, 4, .. new byte[8], 0x80, 1, 0, 0, 20, 0, 2, 0, 15, 0, 0], bridges);

            network.Interface.IPv6.Start();
            IPv6Router router = new(network.Peer, "fe80::1");
            router.Advertise(
                1800, 0xC8, IPv6Router.OnLinkPrefix, IPv6Router.LinkAddress(PeerHost.Mac), IPv6Router.Mtu(1400), IPv6Router.Route("2001:db8:7::", 48, 8, 600),
                IPv6Router.DnsServers(600, "2001:db8::53"), [31, 2, 0, 0, 0, 0, 2, 88, 1, (byte)'a', 1, (byte)'b', 0, 0, 0, 0]);
            network.RunFor(2_000_000);
            SendIPv6(network);

            byte[] tagged = [.. frames[0].AsSpan(0, 12), 0x81, 0, 0, 5, .. frames[0].AsSpan(12)];
            frames.Add(tagged);
            return frames;
        }
    }

    /// <summary>What else comes by IPv6 to an interface that has 2001:db8::5054:ff:fe12:3456.</summary>
    public static void SendIPv6(SimulatedNetwork network)
    {
        PeerHost peer = network.Peer;
        IPAddress us = IPv6Router.Parse("2001:db8::5054:ff:fe12:3456");
        IPAddress other = IPv6Router.Parse("2001:db8::2");
        IPAddress all = IPv6Router.Parse("ff02::1");
        byte[] solicitation = [135, 0, 0, 0, 0, 0, 0, 0, .. new byte[16], .. IPv6Router.LinkAddress(PeerHost.Mac)];
        us.CopyTo(solicitation.AsSpan(8));
        peer.SendIcmpV6(other, IPv6Router.Parse("ff02::1:ff12:3456"), solicitation);
        peer.SendAdvertisement(other, us, 0x60, PeerHost.Mac);
        byte[] query = [130, 0, 0, 0, 0, 100, .. new byte[22]];
        peer.SendIcmpV6(IPv6Router.Parse("fe80::1"), all, query, hopLimit: 1);
        peer.SendIcmpV6(other, us, [128, 0, 0, 0, 1, 2, 3, 4, 5]);
        byte[] quoted = [0x60, 0, 0, 0, 0, 20, 6, 64, .. new byte[52]];
        us.CopyTo(quoted.AsSpan(8));
        other.CopyTo(quoted.AsSpan(24));
        peer.SendIcmpV6(other, us, [2, 0, 0, 0, 0, 0, 5, 0, .. quoted]);
        peer.SendIcmpV6(other, us, [1, 4, 0, 0, 0, 0, 0, 0, .. quoted]);
        peer.SendUdpFrom(new(other, 67), new(us, 68), new byte[20]);
        peer.SendUdpFrom(new(other, 67), new(us, 1), new byte[20]);
        byte[] udp = [0, 67, 0, 68, 0, 12, 0, 0, 1, 2, 3, 4];
        peer.SendIPv6(other, us, 60, [17, 0, 1, 4, 0, 0, 0, 0, .. udp]);
        peer.SendIPv6(other, us, 43, [17, 0, 0, 0, 0, 0, 0, 0, .. udp]);
        peer.SendIPv6(other, us, 44, [17, 0, 0, 1, 0, 0, 0, 7, .. udp.AsSpan(0, 8)]);
        peer.SendIPv6(other, us, 44, [17, 0, 0, 8, 0, 0, 0, 7, .. udp.AsSpan(8)]);
        peer.SendIPv6(other, us, 200, udp);
    }
}
