using System;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
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
                new IPv6Router(_host, "fe80::1").Advertise(1800, _flags, _options);
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
    [InlineData(true, 0x80, "the IPv6 router leaves addresses to DHCPv6, which is not supported")]
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
    public void Configurator_ThatDoesNotExist_IsNamed()
    {
        _session.Run("ifconf -c ipv5 net0");
        Assert.Contains("no such configurator: ipv5 (dhcp and ipv6 are)", _session.Output);
    }
}
