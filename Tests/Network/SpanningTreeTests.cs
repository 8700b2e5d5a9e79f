using System;
using System.Linq;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>DHCP at a switch port whose spanning tree does not let it forward yet (IEEE 802.1D-2004, 9.3 and 17).</summary>
public sealed class SpanningTreeTests : IDhcpObserver
{
    private const ulong Second = 1_000_000;
    private static readonly MacAddress s_bridges = new([1, 0x80, 0xC2, 0, 0, 0]);
    private readonly PeerWire _wire = new();
    private readonly DhcpServer _server;
    private readonly DhcpClient _client;
    private readonly PeerHost _switch;
    private readonly DhcpOptions _options = new() { ProbeTime = 0 };
    private int _told;

    public SpanningTreeTests()
    {
        _server = new DhcpServer(_wire.AddHost("192.0.2.1")) { File = "x", Ignores = int.MaxValue };
        _client = new DhcpClient(_wire.Network, _wire.Interface);
        _switch = _wire.AddHost("192.0.2.254");
        _options.Observer = this;
    }

    void IDhcpObserver.OnBlockedPort(NetworkInterface netif) => _told++;

    [Theory]
    [InlineData(70, 70)] // longer than the wait of a search
    [InlineData(20, 20)]
    public void Configure_AtARapidPortThatIsBlocked_WaitsUntilItForwards_AndAsksAtOnce(int blocked, int expected)
    {
        ulong start = _wire.Now;
        ulong until = start + (ulong)blocked * Second;
        SendEvery2Seconds(() => Rapid(isForwarding: _wire.Now >= until));
        _wire.After((ulong)blocked * Second, () => _server.Ignores = 0);
        PeerWire.Assert(_client.Configure(_wire, _options));
        Assert.InRange(_wire.Now - start, (ulong)expected * Second, (ulong)expected * Second + 2_100_000);
        Assert.Equal(1, _told);
        Assert.Equal(0UL, _wire.Interface.Counters.Dropped(DropReason.UnknownEtherType));
    }

    [Fact]
    public void Configure_AtAPortOfAnOlderTree_WaitsForItsTwoDelays()
    {
        ulong start = _wire.Now;
        SendEvery2Seconds(() => Configuration(forwardDelay: 30));
        _wire.After(58 * Second, () => _server.Ignores = 0);
        PeerWire.Assert(_client.Configure(_wire, _options));
        Assert.InRange(_wire.Now - start, 58 * Second, 70 * Second);
        Assert.Equal(1, _told);
    }

    [Fact]
    public void Configure_AtAPortThatNeverForwards_GivesUpAndSaysSo()
    {
        ulong start = _wire.Now;
        SendEvery2Seconds(() => Rapid(isForwarding: false));
        Assert.Equal("DHCP on net0: no offer in 180 s; the switch port may still be blocked (spanning tree)", _client.Configure(_wire, _options)!.Message);
        Assert.InRange(_wire.Now - start, 180 * Second, 181 * Second);
    }

    [Fact]
    public void Configure_WithATimeOfTheUsers_KeepsToIt()
    {
        SendEvery2Seconds(() => Rapid(isForwarding: false));
        _options.Timeout = 10 * Second;
        _options.OutwaitsSpanningTree = false;
        Assert.Equal("DHCP on net0: no offer in 10 s; the switch port may still be blocked (spanning tree)", _client.Configure(_wire, _options)!.Message);
    }

    [Fact]
    public void Configure_AtAPortThatForwards_SaysNothing()
    {
        SendEvery2Seconds(() => Rapid(isForwarding: true));
        Assert.Equal("DHCP on net0: no offer in 45 s", _client.Configure(_wire, _options)!.Message);
        Assert.Equal(0, _told);
    }

    [Fact]
    public void Configure_AtABlockedPort_WithAnAnswerAllTheSame_TakesIt()
    {
        SendEvery2Seconds(() => Rapid(isForwarding: false));
        _server.Ignores = 0;
        PeerWire.Assert(_client.Configure(_wire, _options));
        Assert.Equal(0, _told);
    }

    [Fact]
    public void Lease_ThatIsLostAtABlockedPort_IsLookedForInSilence()
    {
        _server.Ignores = 0;
        PeerWire.Assert(_client.Configure(_wire, _options));
        _server.Ignores = int.MaxValue;
        SendEvery2Seconds(() => Rapid(isForwarding: false));
        while (_wire.Now < 300 * Second)
        {
            _wire.RunOnce();
        }

        Assert.True(_client.IsSearching);
        Assert.Equal(0, _told);
    }

    [Fact]
    public void Pdu_ThatIsCutOrOfAnotherKind_IsDropped()
    {
        byte[] rapid = Rapid(isForwarding: false);
        for (int length = 0; length < 39; length++)
        {
            Assert.False(BridgePdu.TryParse(rapid.AsSpan(0, length), out _));
        }

        foreach (int at in new[] { 0, 1, 2, 3, 4, 6 })
        {
            byte[] other = [.. rapid];
            other[at] ^= 0x80;
            Assert.False(BridgePdu.TryParse(other, out _));
        }

        Assert.True(BridgePdu.TryParse(rapid, out BridgePdu pdu));
        Assert.False(pdu.IsForwarding);
        _switch.SendFrame(38, new byte[38], s_bridges);
        _wire.RunOnce();
        Assert.Equal(1UL, _wire.Interface.Counters.Dropped(DropReason.UnknownEtherType));
    }

    private void SendEvery2Seconds(Func<byte[]> pdu)
    {
        byte[] bytes = pdu();
        _switch.SendFrame((ushort)bytes.Length, bytes, s_bridges);
        _wire.After(2 * Second, () => SendEvery2Seconds(pdu));
    }

    private static byte[] Rapid(bool isForwarding) => [0x42, 0x42, 3, 0, 0, 2, 2, isForwarding ? (byte)0x3C : (byte)0x0E, .. Rest(15), 0];

    private static byte[] Configuration(byte forwardDelay) => [0x42, 0x42, 3, 0, 0, 0, 0, 0, .. Rest(forwardDelay)];

    // Root, cost, bridge, port, message age, maximum age, hello time, forward delay.
    private static byte[] Rest(byte forwardDelay) =>
        [.. Enumerable.Repeat((byte)0x11, 8), 0, 0, 0, 4, .. Enumerable.Repeat((byte)0x22, 8), 0x80, 1, 0, 0, 20, 0, 2, 0, forwardDelay, 0];
}
