using System;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;
using IPv4Address = NetBoot.NetworkStack.Wire.IPv4Address;

namespace NetBoot.Tests.Network;

/// <summary>Random and mutated bytes into every parser and into the whole stack: no fault, and no view beyond its bytes.</summary>
public class ParserFuzzTests
{
    private static readonly Config s_runs = Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static void ForAllBytes(Func<byte[], bool> property) => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), property).Check(s_runs);

    [Fact]
    public void Checksum_OfAnyBytes_IsTheReferences() => ForAllBytes(bytes =>
    {
        ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(bytes));
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(sum) == Reference.Checksum(bytes);
    });

    [Fact]
    public void Checksum_OfLargeValues_DoesNotOverflow()
    {
        byte[] bytes = new byte[65535];
        Array.Fill(bytes, (byte)0xFF);
        for (int length = bytes.Length - 40; length <= bytes.Length; length++)
        {
            ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(bytes.AsSpan(0, length)));
            Assert.Equal(Reference.Checksum(bytes.AsSpan(0, length)), System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(sum));
        }
    }

    [Fact]
    public void EveryView_OnAnyBytes_StaysWithinThem() => ForAllBytes(bytes =>
    {
        long total = 0;
        if (EthernetFrame.TryParse(bytes, out EthernetFrame frame))
        {
            total += frame.Payload.Length + frame.VlanId + (long)frame.Type + (long)frame.Source.Value;
        }

        if (ArpPacket.TryParse(bytes, out ArpPacket arp))
        {
            total += arp.Operation + arp.Target.Value;
        }

        if (IPv4Packet.TryParse(bytes, out IPv4Packet packet) || IPv4Packet.TryParseQuoted(bytes, out packet))
        {
            total += packet.Payload.Length + packet.FragmentOffset + (packet.IsChecksumCorrect ? 1 : 0);
        }

        if (IcmpMessage.TryParse(bytes, out IcmpMessage icmp))
        {
            total += icmp.Body.Length + icmp.Rest + (icmp.IsChecksumCorrect(0) ? 1 : 0);
        }

        if (UdpPacket.TryParse(bytes, out UdpPacket udp))
        {
            total += udp.Payload.Length + (udp.IsChecksumCorrect(0) ? 1 : 0);
        }

        if (TcpSegment.TryParse(bytes, out TcpSegment segment))
        {
            TcpOptions options = TcpOptions.Parse(segment.Options);
            for (int i = 0; i < options.Sack.Length / 8; i++)
            {
                options.GetSackBlock(i, out uint left, out uint right);
                total += left ^ right;
            }

            total += segment.Payload.Length + options.WindowShift;
        }

        TcpOptions.Parse(bytes);
        return total >= long.MinValue;
    });

    private sealed class Ignorant : IUdpHandler
    {
        public void OnDatagram(in UdpDatagram datagram)
        {
        }
    }

    /// <summary>The same by IPv6, on an interface that has an address by a router.</summary>
    [Fact]
    public void TheStack_FedMutatedFramesOfIPv6_NeverFaultsAndStillWorks()
    {
        SimulatedNetwork network = IPv6Tests.Configured(out IPv6Router router);
        UdpSocket.Open(network.Stack, new Ignorant(), 68, out _);
        System.Collections.Generic.List<byte[]> seeds = [];
        network.Wire.Delivered = seeds.Add;
        router.Advertise(
            1800, 0xC8, IPv6Router.OnLinkPrefix, IPv6Router.LinkAddress(PeerHost.Mac), IPv6Router.Mtu(1400), IPv6Router.Route("2001:db8:7::", 48, 8, 600),
            IPv6Router.DnsServers(600, "2001:db8::53"), [31, 2, 0, 0, 0, 0, 2, 88, 1, (byte)'a', 1, (byte)'b', 0, 0, 0, 0]);
        Fuzz.Parsers.SampleFrames.SendIPv6(network);
        network.Wire.Delivered = null;
        Random random = new(11);
        for (int i = 0; i < 30_000; i++)
        {
            byte[] frame = (byte[])seeds[random.Next(seeds.Count)].Clone();
            for (int changes = random.Next(5); changes >= 0; changes--)
            {
                frame[random.Next(14, frame.Length)] = (byte)random.Next(256);
            }

            if (random.Next(8) != 0)
            {
                FrameRepair.Checksums(frame);
            }

            Array.Resize(ref frame, random.Next(4) == 0 ? random.Next(frame.Length + 1) : frame.Length);
            network.Wire.Deliver(frame);
            if (i % 50 == 0)
            {
                network.RunFor(2000);
            }
        }

        // What was invented has its time; then a router that is there is the way again.
        network.IdleStep = 1_000_000;
        network.RunFor(3 * 7200_000_000);
        network.IdleStep = 1000;
        network.Interface.IPv6.Stop();
        network.Interface.IPv6.Start();
        router.Advertise(1800, IPv6Router.OnLinkPrefix);
        network.RunUntil(() => !network.Interface.IPv6.Global.IsAny, 5);
        RecordingTcpHandler handler = new();
        _ = new PeerTcpServer(network.Peer, 81) { OnConnected = connection => connection.Send(TcpTransferTests.Content(30_000)) };
        Assert.NotNull(TcpConnection.Connect(network.Stack, new IPEndpoint(IPv6Router.Parse("2001:db8:ffff::7"), 81), handler, out _));
        network.RunUntil(() => handler.Data.Count == 30_000);
        Assert.Equal(TcpTransferTests.Content(30_000), handler.Data);
    }

    /// <summary>Frames that are right but for a few bytes and their length, with checksums made right again half of the time.</summary>
    [Fact]
    public void TheStack_FedMutatedFrames_NeverFaultsAndStillWorks()
    {
        SimulatedNetwork network = new();
        UdpSocket.Open(network.Stack, new Ignorant(), 68, out _);
        PeerTcpServer server = new(network.Peer, 80) { OnConnected = connection => connection.Send(TcpTransferTests.Content(3000)) };
        RecordingTcpHandler handler = new();
        TcpConnection.Connect(network.Stack, new IPEndpoint(new IPv4Address(192, 0, 2, 2), 80), handler, out _);
        System.Collections.Generic.List<byte[]> seeds = [];
        network.RunUntil(() => handler.Data.Count == 3000);
        network.Peer.SendUdpFrom(new(new IPv4Address(192, 0, 2, 2), 67), new(SimulatedNetwork.Address, 68), new byte[300]);
        network.Peer.SendArp(1, PeerHost.Mac, new(192, 0, 2, 2), default, SimulatedNetwork.Address);
        byte[] echo = new byte[40];
        IcmpMessage.WriteHeader(echo, 8, 0, 1);
        network.Peer.SendIPv4(new(192, 0, 2, 2), SimulatedNetwork.Address, 1, echo);
        network.Wire.Delivered = seeds.Add;
        network.Peer.SendUdpFrom(new(new IPv4Address(192, 0, 2, 2), 67), new(SimulatedNetwork.Address, 68), new byte[300]);
        network.Peer.SendUdpFrom(new(new IPv4Address(192, 0, 2, 2), 67), new(SimulatedNetwork.Address, 1), new byte[30]);
        network.Peer.SendArp(1, PeerHost.Mac, new(192, 0, 2, 2), default, SimulatedNetwork.Address);
        network.Peer.SendIPv4(new(192, 0, 2, 2), SimulatedNetwork.Address, 1, echo);
        server.Connections[0].Send(TcpTransferTests.Content(3000, 2));
        network.RunUntil(() => handler.Data.Count == 6000);
        network.Wire.Delivered = null;

        Random random = new(7);
        int serverSegments = server.Connections[0].Segments;
        for (int i = 0; i < 30_000; i++)
        {
            byte[] frame = (byte[])seeds[random.Next(seeds.Count)].Clone();
            for (int changes = random.Next(5); changes >= 0; changes--)
            {
                frame[random.Next(random.Next(8) == 0 ? frame.Length : Math.Min(frame.Length, 80))] = (byte)random.Next(256);
            }

            if (random.Next(2) == 0)
            {
                FrameRepair.Checksums(frame);
            }

            Array.Resize(ref frame, random.Next(4) == 0 ? random.Next(frame.Length + 1) : frame.Length);
            network.Wire.Deliver(frame);
            if (i % 50 == 0)
            {
                network.RunFor(2000);
            }
        }

        network.RunFor(100_000_000);

        // A stranger may have ended the old connection by guessing; a new one works.
        RecordingTcpHandler again = new();
        PeerTcpServer other = new(network.Peer, 81) { OnConnected = connection => connection.Send(TcpTransferTests.Content(30_000)) };
        TcpConnection? fresh = TcpConnection.Connect(network.Stack, new IPEndpoint(new IPv4Address(192, 0, 2, 2), 81), again, out _);
        Assert.NotNull(fresh);
        network.RunUntil(() => again.Data.Count == 30_000);
        Assert.Equal(TcpTransferTests.Content(30_000), again.Data);
    }
}
