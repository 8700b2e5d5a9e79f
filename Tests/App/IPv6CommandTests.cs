using System;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>What scripts do with IPv6, on a link with a router, and without.</summary>
public sealed class IPv6CommandTests : IDisposable
{
    private const ulong Second = 1_000_000;

    private readonly TestSession _session = new();
    private readonly TestLink _link = new(1);
    private readonly PeerHost _host;
    private bool _hasRouter = true;
    private byte[] _options = [.. IPv6Router.OnLinkPrefix, .. IPv6Router.DnsServers(600, "2001:db8::53")];
    private byte _flags;
    private ushort _lifetime = 1800;

    public IPv6CommandTests()
    {
        _host = new PeerHost(_link, IPv6Router.Parse("2001:db8::7"));
        _link.Peer = _host;
        _session.EventLoop.Network = _session.Session.Network;
        _session.Session.Add(new BootInterface(new NetworkInterface("net0", _link), "a card"));
        _host.IcmpArrived = (source, message) =>
        {
            if (message[0] == 133 && _hasRouter)
            {
                new IPv6Router(_host, "fe80::1").Advertise(_lifetime, _flags, _options);
            }
            else if (message[0] == 128)
            {
                message[0] = 129;
                _host.SendIcmpV6(_host.Address, source, message);
            }
        };
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Ifconf_ByIPv6_BringsAddressAndSettings()
    {
        _session.Run("ifconf -c ipv6 net0 && echo ${net0/ip6}/${net0/len6} ${gateway6} ${dns6}");
        Assert.Equal(
            "net0 52:54:00:00:00:01: IPv6... 2001:db8::5054:ff:fe00:1\n2001:db8::5054:ff:fe00:1/64 fe80::1 2001:db8::53\n", _session.Output);
        _session.Run("ping -c 1 -q 2001:db8::7 && echo there");
        Assert.EndsWith("there\n", _session.Output);
    }

    [Fact]
    public void Ifconf_IsDoneWhenEitherIs()
    {
        ulong started = _session.EventLoop.Now;
        _session.Run("ifconf net0 && ifstat net0");
        Assert.Contains("net0 52:54:00:00:00:01: DHCP, IPv6... 2001:db8::5054:ff:fe00:1\n", _session.Output);
        Assert.Contains("  2001:db8::5054:ff:fe00:1/64 gateway fe80::1\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 3 * Second, 6 * Second);
    }

    [Fact]
    public void Route_AndNeighbours_ShowBothVersions()
    {
        _session.Run("ifconf -c ipv6 net0 && ping -c 1 -q 2001:db8::7\nroute\nnstat");
        Assert.Contains("net0: fe80::5054:ff:fe00:1/64\nnet0: 2001:db8::5054:ff:fe00:1/64\nnet0: ::/0 gw fe80::1\n", _session.Output);
        Assert.Contains("net0 IPv6 2001:db8::7 is Ethernet 52:55:0a:00:02:02\n", _session.Output);
    }

    [Theory]
    [InlineData(false, 0, "no IPv6 router answers")]
    [InlineData(true, 0x80, "no DHCPv6 server answers")]
    [InlineData(true, 0, "the IPv6 router gives no prefix to make an address of")]
    public void Ifconf_ThatGetsNoAddress_SaysWhy(bool hasRouter, byte flags, string reason)
    {
        _hasRouter = hasRouter;
        _flags = flags;
        _options = [];
        _session.Run("ifconf -c ipv6 net0");
        Assert.Contains($"net0: {reason}", _session.Output);
        Assert.False(_session.Session.Interfaces[0].Interface.IsOpen);
    }

    [Fact]
    public void IPv6_SwitchedOff_SendsNothing()
    {
        _session.Run("set ipv6 0\nifconf -c ipv6 net0");
        Assert.Contains("net0: IPv6 is switched off (ipv6)", _session.Output);
        _session.Run("dhcp --timeout 100 net0");
        Assert.DoesNotContain(_host.Frames, frame => frame[12] == 0x86);
    }

    [Fact]
    public void StaticAddress_WorksWithoutARouter_UntilItIsCleared()
    {
        _hasRouter = false;
        _session.Run("set net0/ip6 2001:db8::5\nset net0/gateway6 fe80::1\nset net0/dns6 2001:db8::53\nifopen net0\nroute");
        Assert.Equal("net0: 2001:db8::5/64\nnet0: ::/0 gw fe80::1\n", _session.Output);
        _session.Run("echo ${net0/ip6}/${len6} ${net0/gateway6} ${dns6}\nping -c 1 -q 2001:db8::7 && echo there");
        Assert.EndsWith("2001:db8::5/64 fe80::1 2001:db8::53\nthere\n", _session.Output);
        Assert.Contains(_host.Frames, frame => frame[12] == 0x86 && frame[54] == 128 && frame[37] == 5); // from ::5
        _session.Run("clear net0/ip6\nclear net0/gateway6\nclear net0/dns6\nping -c 1 2001:db8::7");
        Assert.EndsWith(": ping: 2001:db8::7: no interface has a route to it (net0 has no address)\n", _session.Output);
        _session.Run("echo [${net0/gateway6}${net0/dns6}]");
        Assert.EndsWith("[]\n", _session.Output);
    }

    [Fact]
    public void StaticAddress_SetWhileOpen_ReplacesTheOneBefore_AndStaysWhenTheInterfaceIsOpenedAgain()
    {
        _hasRouter = false;
        _session.Run("ifopen net0\nset net0/ip6 2001:db8::5\nset net0/ip6 2001:db8:1::6\nset net0/len6 48\nroute");
        Assert.Equal("net0: 2001:db8:1::6/48\n", _session.Output);
        _session.Run("ifclose net0\nifopen net0\nroute");
        Assert.EndsWith("net0: 2001:db8:1::6/48\n", _session.Output);
        string before = _session.Output;
        _session.Run("ifclose net0\nset ipv6 0\nifopen net0\nroute");
        Assert.Equal(before, _session.Output);
    }

    [Fact]
    public void StaticGateway_ComesBeforeThatOfTheRouters()
    {
        _session.Run("ifconf -c ipv6 net0\nset net0/gateway6 fe80::2\necho ${gateway6} ${net0.ndp/gateway6}\nclear net0/gateway6\necho ${gateway6}");
        Assert.EndsWith("\nfe80::2 fe80::1\nfe80::1\n", _session.Output);
    }

    [Theory]
    [InlineData("ip6 ff02::1", "net0/ip6: not the address of a host")]
    [InlineData("ip6 ::", "net0/ip6: not the address of a host")]
    [InlineData("ip6 2001:db8::x", "net0/ip6: not a value of type ipv6: 2001:db8::x")]
    [InlineData("len6 129", "net0/len6: not from 0 to 128")]
    [InlineData("len6 -1", "net0/len6: not from 0 to 128")]
    [InlineData("gateway6 ff02::2", "net0/gateway6: not the address of a host")]
    [InlineData("dns6 ::1", "net0/dns6: not the address of a host")]
    [InlineData("dns6:hex 20:01", "net0/dns6: not the address of a host")]
    [InlineData("gateway6 fe80::2%net7", "net0/gateway6: no such interface: net7")]
    public void StaticValue_ThatIsWrong_IsRefused_AndTheOldOneStays(string value, string message)
    {
        const string Show = "echo ${net0/ip6}/${net0/len6} ${net0/gateway6} ${net0/dns6}";
        _session.Run($"set net0/ip6 2001:db8::5\nset net0/len6 56\nset net0/gateway6 fe80::1\nset net0/dns6 2001:db8::53\nset net0/{value} ||\n{Show}");
        Assert.EndsWith($": set: {message}\n2001:db8::5/56 fe80::1 2001:db8::53\n", _session.Output);
    }

    [Fact]
    public void Advertisements_AreSettingsOfTheirOwn()
    {
        _options = [.. _options, .. IPv6Router.Mtu(1400), 31, 3, 0, 0, 0, 0, 2, 88, 4, .. "boot"u8, 7, .. "example"u8, 0, 0, 0];
        _session.Run("ifconf -c ipv6 net0\nset net0/ip6 2001:db8::5\nset net0/dns6 2001:db8::54");
        _session.Run("echo ${net0.ndp/ip6}/${net0.ndp/len6} ${net0.ndp/gateway6} ${net0.ndp/dns6} ${net0.ndp/dnssl} ${net0.ndp/mtu} ${dnssl}");
        Assert.EndsWith("\n2001:db8::5054:ff:fe00:1/64 fe80::1 2001:db8::53 boot.example 1400 boot.example\n", _session.Output);
        _session.Run("ifclose net0\necho [${net0.ndp/ip6}${net0.ndp/len6}${net0.ndp/gateway6}${net0.ndp/dns6}${net0.ndp/dnssl}${net0.ndp/mtu}]");
        Assert.EndsWith("\n[]\n", _session.Output);
    }

    [Fact]
    public void Zone_SaysThroughWhichInterface_AndWithoutOneItIsTheFirst()
    {
        PeerHost neighbour = AddInterface(out _);
        PeerHost host = new(_link, IPv6Router.Parse("fe80::7"));
        _session.Run("ifconf -c ipv6 net0\nset net1/ip6 2001:db8:1::5\nifopen net1\nsleep 2");
        _link.Peer = host;
        _session.Run("ping -c 1 -t 100 fe80::7%net1");
        Assert.Contains(neighbour.Frames, IsEchoRequest);
        Assert.DoesNotContain(host.Frames, IsEchoRequest);
        neighbour.Frames.Clear();
        _session.Run("ping -c 1 -t 100 fe80::7 ||\nping -c 1 -t 100 fe80::7%net0");
        Assert.Equal(2, host.Frames.FindAll(IsEchoRequest).Count);
        Assert.DoesNotContain(neighbour.Frames, IsEchoRequest);
        _session.Run("ifclose net0\nping -c 1 -t 100 fe80::7");
        Assert.Contains(neighbour.Frames, IsEchoRequest); // The only one that is open.
    }

    [Fact]
    public void Zone_ThatIsNoInterface_IsNamed()
    {
        _session.Run("ping -c 1 fe80::1%net7");
        Assert.EndsWith(": ping: fe80::1%net7: no such interface: net7\n", _session.Output);
        _session.Session.Resolve("fe80::1%net0", new IPAddress[FetchClient.MaximumAddresses], out int count);
        Assert.Equal(1, count);
    }

    [Fact]
    public void Zone_InASetting_IsThatOfItsScope()
    {
        _session.Run("set net0/dns6 fe80::53%net0 && echo ${net0/dns6}");
        Assert.Equal("fe80::53\n", _session.Output);
        _session.Run("set dns6 fe80::53%net0");
        Assert.EndsWith(": set: dns6: it has to be set in the scope of net0\n", _session.Output);
    }

    [Theory]
    [InlineData("ifconf", "DHCP, IPv6 on net0 net1... net1 2001:db8:1:0:5054:ff:fe00:2\n", 3)] // DHCP may still be behind.
    [InlineData("ifconf -c ipv6", "IPv6 on net0 net1... net1 2001:db8:1:0:5054:ff:fe00:2\n", 2)]
    public void Ifconf_OnAll_AsksOnAllAtTheSameTime(string command, string expected, uint behind)
    {
        _hasRouter = false;
        PeerHost other = AddInterface(out _);
        other.IcmpArrived = (_, message) =>
        {
            if (message[0] == 133)
            {
                new IPv6Router(other, "fe80::1").Advertise(1800, IPv6Router.Prefix("2001:db8:1::", 64, 0xC0, 86400, 14400));
            }
        };
        ulong started = _session.EventLoop.Now;
        _session.Run(command);
        Assert.Equal(expected, _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, behind * Second, (behind + 2) * Second);
        Assert.False(_session.Session.Interfaces[0].Interface.IsOpen);
    }

    [Theory]
    [InlineData("dhcp net0")]
    [InlineData("ifconf net0")]
    [InlineData("dhcp")]
    public void IPv6_ThatIsBroken_CostsVersion4LittleMoreThanNothing(string command)
    {
        _options = []; // The router has no prefix.
        AddDhcp(_link, hasGateway: true);
        AddInterface(out TestLink other);
        other.HasCarrier = false;
        ulong started = _session.EventLoop.Now;
        _session.Run(command);
        Assert.EndsWith(" 192.0.2.50\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 0u, Second / 4);
    }

    [Fact]
    public void Dhcp_ThatNobodyAnswers_LeavesItToTheRouters()
    {
        ulong started = _session.EventLoop.Now;
        _session.Run("dhcp net0 && echo ${net0/ip6}");
        Assert.Equal("net0 52:54:00:00:00:01: DHCP... 2001:db8::5054:ff:fe00:1\n2001:db8::5054:ff:fe00:1\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 44 * Second, 46 * Second);
        _session.Run("ifclose\ndhcp -c dhcp -t 100 net0 || echo no");
        Assert.EndsWith("no offer in 0 s\nno\n", _session.Output);
    }

    [Fact]
    public void Ifconf_ByIPv6_LeavesVersion4AsItIs()
    {
        AddDhcp(_link, hasGateway: true);
        _session.Run("dhcp net0\nset net0/ip 192.0.2.77\nifconf -c ipv6 net0\nifclose net0\nifopen net0\necho ${net0/ip}");
        Assert.EndsWith("net0 52:54:00:00:00:01: IPv6... 2001:db8::5054:ff:fe00:1\n192.0.2.77\n", _session.Output);
    }

    [Fact]
    public void Dhcp_OnAll_PrefersTheOneWithAWayOut()
    {
        _hasRouter = false;
        AddDhcp(_link, hasGateway: false);
        AddInterface(out TestLink link);
        AddDhcp(link, hasGateway: true);
        _session.Run("dhcp");
        Assert.Equal("DHCP on net0 net1... net1 192.0.2.50\n", _session.Output);
    }

    [Fact]
    public void Ifconf_WithoutALink_EndsInTheUsualTime()
    {
        _link.HasCarrier = false;
        ulong started = _session.EventLoop.Now;
        _session.Run("ifconf -c ipv6 net0");
        Assert.EndsWith("net0: no link after 15 s\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 14 * Second, 16 * Second);
    }

    [Fact]
    public void Ifconf_InANetworkOfItsOwn_HasAnAddress_WhenNoRouterWasFoundInTime()
    {
        _lifetime = 0;
        ulong started = _session.EventLoop.Now;
        _session.Run("ifconf -c ipv6 net0 && echo [${gateway6}]\nping -c 1 -q 2001:db8::7 && echo there");
        Assert.Equal("net0 52:54:00:00:00:01: IPv6... 2001:db8::5054:ff:fe00:1\n[]\nthere\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 9 * Second, 12 * Second);
    }

    [Theory]
    [InlineData("dhcp -t 1000 net0")]
    [InlineData("ifconf -c ipv6 -t 1000 net0")]
    public void Timeout_HoldsAtAPortThatItsSpanningTreeBlocks(string command)
    {
        _hasRouter = false;
        byte[] blocked = [0x42, 0x42, 3, 0, 0, 2, 2, 0x0E, .. new byte[28], 15, 0, 0];
        _host.SendFrame((ushort)blocked.Length, blocked, new MacAddress([1, 0x80, 0xC2, 0, 0, 0]));
        ulong started = _session.EventLoop.Now;
        _session.Run(command);
        Assert.InRange(_session.EventLoop.Now - started, Second, 3 * Second);
    }

    /// <summary>net1, and a host on its wire.</summary>
    private PeerHost AddInterface(out TestLink link)
    {
        link = new TestLink(2);
        link.Peer = new PeerHost(link, IPv6Router.Parse("fe80::7"));
        _session.Session.Add(new BootInterface(new NetworkInterface("net1", link), "a card"));
        return link.Peer;
    }

    private static void AddDhcp(TestLink link, bool hasGateway)
    {
        link.Other = new PeerHost(link, new IPv4Address(192, 0, 2, 1));
        DhcpServer server = new(link.Other);
        server.Options = hasGateway ? server.Options : DhcpBytes.Option(1, 255, 255, 255, 0);
    }

    private static bool IsEchoRequest(byte[] frame) => frame[12] == 0x86 && frame[20] == 58 && frame[54] == 128;

    [Fact]
    public void Numbers_OfMachinesWithoutEntropy_DifferByUuidAndAddress()
    {
        TestPlatform platform = new() { SmbiosTable = SmbiosSample.Table };
        using TestSession other = new(platform: platform);
        using TestSession same = new(platform: platform);
        Assert.NotEqual(new TestSession().Session.Network.Random.Next32(), other.Session.Network.Random.Next32());
        same.Session.Network.Random.Next32();
        same.Session.Add(new BootInterface(new NetworkInterface("net0", new TestLink(1)), "a card"));
        other.Session.Add(new BootInterface(new NetworkInterface("net0", new TestLink(2)), "a card"));
        Assert.NotEqual(same.Session.Network.Random.Next32(), other.Session.Network.Random.Next32());
    }

    [Fact]
    public void Configurator_ThatDoesNotExist_IsNamed()
    {
        _session.Run("ifconf -c ipv5 net0");
        Assert.Contains("no such configurator: ipv5 (dhcp and ipv6 are)", _session.Output);
    }
}
