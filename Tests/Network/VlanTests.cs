using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>A VLAN's interface (198.51.100.10/24, VLAN 5, priority 3) on one that is on 192.0.2.0/24, and a host in each.</summary>
public sealed class VlanTests
{
    private const int VlanId = 5;

    private static readonly IPv4Address s_address = new(198, 51, 100, 10);
    private static readonly IPEndpoint s_server = new(new IPv4Address(198, 51, 100, 1), 7);

    private readonly SimulatedNetwork _network = new();
    private readonly PeerVlan _peers;
    private readonly NetworkInterface _vlan;
    private readonly RecordingUdpHandler _handler = new();
    private readonly UdpSocket _socket;

    public VlanTests()
    {
        _peers = new PeerVlan(_network, VlanId);
        _peers.Host = new PeerHost(_peers, s_server.Address);
        _network.Wire.Sent = frame =>
        {
            if (!_peers.TryReceive(frame))
            {
                _network.Peer.OnFrame(frame);
            }
        };
        _vlan = new NetworkInterface("net0-5", _network.Interface, new VlanLink(_network.Interface.Link, VlanId) { Priority = 3 });
        _network.Stack.Add(_vlan);
        Assert.Null(_vlan.Open());
        Assert.Null(_vlan.Configure(s_address, SimulatedNetwork.Netmask, default));
        _socket = UdpSocket.Open(_network.Stack, _handler, 68, out Error? error)!;
        Assert.Null(error);
    }

    [Fact]
    public void Datagrams_GoAndComeWithTheTag_AndTheTrunksWithout()
    {
        _peers.Host!.OnUdp(7, (client, payload) => _peers.Host.SendUdp(7, client, payload));
        Assert.Null(_socket.Send(s_server, [1, 2, 3]));
        _network.RunUntil(() => _handler.Datagrams.Count == 1);
        Assert.Equal([1, 2, 3], _handler.Datagrams[0].Payload);
        Assert.Same(_vlan, _handler.Datagrams[0].Interface);
        Assert.All(_peers.Frames, frame => Assert.Equal([0x81, 0, 0x60, VlanId], frame[12..16]));
        Assert.Equal(2, _peers.Frames.Count); // ARP, and the datagram.
        Assert.Equal(2UL, _vlan.Counters.ReceivedFrames);
        Assert.Empty(_network.Peer.Frames);

        Assert.Null(_socket.Send(new IPEndpoint(new IPv4Address(192, 0, 2, 1), 7), [4]));
        _network.RunUntil(() => _network.Peer.Frames.Count == 2);
        Assert.Equal(2, _peers.Frames.Count);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(0x6006)]
    [InlineData(4095)]
    public void Frames_OfOtherVlans_AreDropped(int control)
    {
        SendTagged(control);
        Assert.Empty(_handler.Datagrams);
        Assert.Equal(1UL, _network.Interface.Counters.Dropped(DropReason.OtherVlan));
        Assert.Equal(0UL, _vlan.Counters.ReceivedFrames);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0xF005)]
    public void Frames_OfTheVlan_AreHeardWhateverTheirPriority(int control)
    {
        SendTagged(control);
        Assert.Same(_vlan, Assert.Single(_handler.Datagrams).Interface);
    }

    [Fact]
    public void Frames_ThatHaveAPriorityAlone_AreTheTrunks()
    {
        SendTagged(0xE000);
        Assert.Same(_network.Interface, Assert.Single(_handler.Datagrams).Interface);
    }

    [Fact]
    public void Frames_WithTwoTags_AreDropped()
    {
        _network.Wire.Delivered = frame =>
        {
            _network.Wire.Delivered = null;
            _network.Wire.Deliver(PeerVlan.Tag(PeerVlan.Tag(frame, 7), 5));
        };
        _network.Peer.SendUdpFrom(s_server, new IPEndpoint(IPv4Address.Broadcast, 68), [1]);
        _network.RunFor(5000);
        Assert.Equal(1UL, _vlan.Counters.Dropped(DropReason.UnknownEtherType));
        Assert.Single(_handler.Datagrams);
    }

    [Fact]
    public void Frames_ThatEndInTheirTag_AreDropped()
    {
        byte[] frame = [.. Broadcast(), 0x81, 0, 0, 5, 8, 0];
        for (int length = 14; length < 18; length++)
        {
            _network.Wire.Deliver(frame[..length]);
        }

        _network.Wire.Deliver(frame);
        _network.RunFor(5000);
        Assert.Equal(4UL, _network.Interface.Counters.Dropped(DropReason.FrameTooShort));
        Assert.Equal(1UL, _vlan.Counters.Dropped(DropReason.BadIPv4Header));
    }

    [Fact]
    public void Frames_OfAnyBytesBehindATag_AreDropped()
    {
        Random random = new(5);
        const int count = 20_000;
        for (int i = 0; i < count; i++)
        {
            byte[] rest = new byte[random.Next(64)];
            random.NextBytes(rest);
            ReadOnlySpan<byte> type = random.Next(4) switch { 0 => [8, 0], 1 => [8, 6], 2 => [0x81, 0], _ => [] };
            _network.Wire.Deliver([.. Broadcast(), 0x81, 0, (byte)random.Next(256), (byte)random.Next(4, 7), .. type, .. rest]);
            _network.RunOnce();
        }

        _network.RunFor(5000);
        ulong dropped = 0;
        for (DropReason reason = 0; reason < DropReason.Count; reason++)
        {
            dropped += _network.Interface.Counters.Dropped(reason) + _vlan.Counters.Dropped(reason);
        }

        Assert.InRange(dropped, count * 9ul / 10, (ulong)count); // The others are ARP.
        Assert.Empty(_handler.Datagrams);
    }

    [Fact]
    public void Datagrams_FillTheFrame_LessTheTag()
    {
        _peers.Host!.OnUdp(7, (_, _) => { });
        Assert.Equal(1496, _vlan.Mtu);
        Assert.NotNull(_socket.Send(s_server, new byte[1469]));
        Assert.Null(_socket.Send(s_server, new byte[1468]));
        _network.RunUntil(() => _peers.Frames.Count == 2);
        Assert.Equal(1514, _peers.Frames[1].Length);
    }

    [Fact]
    public void Trunk_ThatCloses_ClosesItsVlans_AndTheyOpenIt()
    {
        _network.Interface.Close();
        Assert.False(_vlan.IsOpen);
        Assert.False(_vlan.IsConfigured);
        Assert.NotNull(_socket.Send(s_server, [1]));
        Assert.Null(_vlan.Open());
        Assert.True(_network.Interface.IsOpen);
        _vlan.Close();
        Assert.True(_network.Interface.IsOpen);
        SendTagged(5);
        Assert.Equal(1UL, _network.Interface.Counters.Dropped(DropReason.OtherVlan));
    }

    [Fact]
    public void Vlan_ThatIsRemoved_IsHeardOfNoMore()
    {
        byte[] fragment = [0x45, 0, 0, 28, 0, 1, 0x20, 0, 64, 17, 0, 0, 198, 51, 100, 1, 198, 51, 100, 10, .. new byte[8]];
        int sum = 0x4500 + 28 + 1 + 0x2000 + 0x4011 + 2 * (0xC633 + 0x6400) + 1 + 10;
        sum = ~((sum & 0xFFFF) + (sum >> 16));
        (fragment[10], fragment[11]) = ((byte)(sum >> 8), (byte)sum);
        _peers.Host!.SendFrame(0x0800, fragment);
        _network.RunFor(5000);
        Assert.Equal(0UL, _vlan.Counters.Dropped(DropReason.BadIPv4Checksum));
        _vlan.Close();
        _network.Stack.Remove(_vlan);
        SendTagged(5);
        _network.RunFor(20_000_000);
        Assert.Equal(1UL, _vlan.Counters.ReceivedFrames);
        Assert.Equal(0UL, _vlan.Counters.Dropped(DropReason.IncompleteDatagram));
        Assert.Equal(1UL, _network.Interface.Counters.Dropped(DropReason.OtherVlan));
    }

    [Fact]
    public void Send_OfAFrame_AllocatesNothing()
    {
        NullLink trunk = new();
        VlanLink link = new(trunk, VlanId);
        byte[] frame = new byte[1510];
        Assert.Equal(0, Allocations.Of(() => link.Send(frame), 10));
        Assert.Equal(1514, trunk.Length);
        Assert.False(link.Send(new byte[13]));
        Assert.False(link.Send(new byte[1515]));
    }

    private static byte[] Broadcast() => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1];

    private void SendTagged(int control)
    {
        PeerVlan other = new(_network, control);
        new PeerHost(other, s_server.Address).SendUdpFrom(s_server, new IPEndpoint(IPv4Address.Broadcast, 68), [1]);
        _network.RunFor(5000);
    }

    private sealed class NullLink : Link
    {
        public int Length { get; private set; }

        public override MacAddress Address => default;
        public override int Mtu => 9000;
        public override bool IsUp => true;

        public override bool Send(ReadOnlySpan<byte> frame)
        {
            Length = frame.Length;
            return true;
        }

        public override ReadOnlySpan<byte> Receive() => default;
    }
}
