using System;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using Xunit;
using static NetBoot.Tests.Protocols.Dhcp6Server;

namespace NetBoot.Tests.App;

/// <summary>What scripts and autoboot do with DHCPv6, on a link with a router that says so.</summary>
public sealed class Dhcp6CommandTests : IDisposable
{
    private const ulong Second = 1_000_000;
    private const byte Managed = 0x80;
    private const byte Other = 0x40;

    private readonly TestSession _session = new();
    private readonly TestLink _link = new(1);
    private readonly PeerHost _host;
    private readonly Dhcp6Server _server;
    private byte[] _options = IPv6Router.OnLinkPrefix;
    private byte _flags = Other;

    public Dhcp6CommandTests()
    {
        _host = new PeerHost(_link, new IPv4Address(192, 0, 2, 1));
        _link.Peer = _host;
        _server = new Dhcp6Server(_host) { Client = IPv6Router.Parse("fe80::5054:ff:fe00:1") };
        _server.More =
        [
            .. Addresses(23, "2001:db8::53"), .. Option(24, [3, .. "lab"u8, 0]), .. Option(59, "http://[2001:db8::7]/${buildarch}.ipxe"),
            .. Option(60, 0, 1, (byte)'x'),
        ];
        _session.EventLoop.Network = _session.Session.Network;
        _session.Session.Add(new BootInterface(new NetworkInterface("net0", _link), "a card"));
        _session.Platform.AddFile("http://[2001:db8::7]/x86_64.ipxe", "#!ipxe\necho booted by version 6 with ${net0/ip6}\n");
        _session.Platform.AddFile("tftp://192.0.2.1/four.ipxe", "#!ipxe\necho booted by version 4\n");
        _host.IcmpArrived = (_, message) =>
        {
            if (message[0] == 133)
            {
                new IPv6Router(_host, "fe80::1").Advertise(1800, _flags, _options);
            }
        };
    }

    public void Dispose() => _session.Dispose();

    private ulong Run(string script)
    {
        ulong started = _session.EventLoop.Now;
        _session.Run(script);
        return _session.EventLoop.Now - started;
    }

    [Fact]
    public void Ifconf_ByIPv6_TakesALease_WhoseOptionsAreSettings()
    {
        _flags = Managed;
        _options = [];
        _session.Run(
            """
            ifconf -c ipv6 net0 && echo ${net0/ip6}/${net0/len6} ${net0/dns6} ${filename}
            echo ${net0.dhcp6/59} ${net0.dhcp6/bootfile-url} ${net0.dhcpv6/filename}
            echo ${net0.dhcp6/23:hex} ${netX.dhcp6/dns6} ${net0.dhcp6/dnssl} ${net0.dhcp6/24} ${net0.dhcp6/60} ${net0.dhcp6/ip6} ${net0.dhcp6/2}
            isset ${net0.dhcp6/99} || echo no option 99
            ifstat
            """);
        Assert.StartsWith("net0 52:54:00:00:00:01: IPv6... 2001:db8::1234\n2001:db8::1234/128 2001:db8::53 http://[2001:db8::7]/", _session.Output);
        Assert.Contains("\nhttp://[2001:db8::7]/${buildarch}.ipxe http://[2001:db8::7]/${buildarch}.ipxe http://[2001:db8::7]/x86_64.ipxe\n", _session.Output);
        Assert.Contains(
            "\n20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:53 2001:db8::53 lab lab 00:01:78 2001:db8::1234 00:03:00:01:01:02:03:04:05:06\n",
            _session.Output);
        Assert.Contains("no option 99\n", _session.Output);
        Assert.Contains("  2001:db8::1234/128", _session.Output);
        _session.Run("ifclose net0\nisset ${net0.dhcp6/59} || echo gone");
        Assert.EndsWith("gone\n", _session.Output);
    }

    [Fact]
    public void Ifconf_WithAnAddressOfRouters_HasWhatTheServerSaysBesides()
    {
        Assert.InRange(Run("set user-class mine\nifconf -c ipv6 net0 && echo ${net0/ip6} ${net0.dhcp6/filename}"), 0u, 3 * Second);
        Assert.EndsWith("2001:db8::5054:ff:fe00:1 http://[2001:db8::7]/x86_64.ipxe\n", _session.Output);
        Assert.Equal([0, 4, .. "mine"u8], Find(_server.Questions[0], 15));
    }

    [Fact]
    public void NameServersAndDomains_OfRoutersAndOfTheServer_AreSettingsOfTheirOwn()
    {
        byte[] domain = [31, 3, 0, 0, 0, 0, 2, 88, 4, .. "boot"u8, 7, .. "example"u8, 0, 0, 0];
        _options = [.. IPv6Router.OnLinkPrefix, .. IPv6Router.DnsServers(600, "2001:db8::1"), .. domain];
        _session.Run("ifconf -c ipv6 net0 && echo ${net0.ndp/dns6} ${net0.dhcp6/dns6} ${net0.ndp/dnssl} ${net0.dhcp6/dnssl}");
        Assert.EndsWith("\n2001:db8::1 2001:db8::53 boot.example lab\n", _session.Output);
        new IPv6Router(_host, "fe80::1").Advertise(1800, _flags, _options);
        _session.Run("sleep 1");
        Assert.Equal([3, .. "lab"u8, 0], _session.Session.Interfaces[0].Interface.IPv6.SearchList.ToArray()); // Before the routers' (RFC 8106, 5.3.1).
    }

    [Fact]
    public void Ifconf_WithABrokenServer_HasTheRoutersAddress()
    {
        _flags = Managed | Other;
        _server.Change = (_, answer) => [.. answer, 0, 23, 0, 99];
        Assert.InRange(Run("ifconf -c ipv6 net0 && echo ${net0/ip6}"), 0u, 6 * Second);
        Assert.EndsWith("2001:db8::5054:ff:fe00:1\n", _session.Output);
    }

    [Fact]
    public void Ifconf_WithABrokenServer_AndNoOtherAddress_NamesServerOptionAndOffset()
    {
        _flags = Managed;
        _options = [];
        _server.Change = (question, answer) => [.. answer[..4], .. Option(1, Find(question, 1)!), 0, 2, 0, 99];
        Assert.InRange(Run("ifconf -c ipv6 net0"), 0u, 12 * Second);
        Assert.Contains("net0: DHCPv6 server fe80::547: option 2 (SERVERID) is damaged, at byte 18", _session.Output);
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("damaged")]
    [InlineData("refusing")]
    [InlineData("flooding")]
    public void BrokenDhcp6_CostsAnIPv4UserNothing(string kind)
    {
        _ = new DhcpServer(_host) { Next = "192.0.2.1", File = "four.ipxe" };
        _flags = Managed | Other;
        _server.Deaf.UnionWith(kind == "silent" ? [Solicit, InformationRequest] : []);
        _server.Refusals[Request] = kind == "refusing" ? (ushort)2 : (ushort)0;
        _server.Change = (_, answer) => kind == "damaged" ? [.. answer, 1] : answer;
        if (kind == "flooding")
        {
            _server.Change = (_, answer) =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    _server.Send([.. answer, 0, 23, 0, 16, (byte)i]);
                }

                return answer;
            };
        }

        Assert.InRange(Run("dhcp net0"), 0u, Second / 4);
        Assert.InRange(Run("ifconf net0"), 0u, Second / 4);
        Assert.InRange(Run("autoboot net0"), 0u, Second / 4);
        Assert.EndsWith("\nbooted by version 4\n", _session.Output);
    }

    [Fact]
    public void Ifconf_ByIPv6_ThatFails_LeavesAnIPv4LeaseAsItWas()
    {
        _ = new DhcpServer(_host);
        _flags = Managed;
        _options = [];
        _server.Deaf.Add(Solicit);
        _session.Run("dhcp net0\nifconf -c ipv6 -t 1000 net0 || echo ${net0/ip} is still there");
        Assert.EndsWith("192.0.2.50 is still there\n", _session.Output);
        Assert.True(_session.Session.Interfaces[0].Interface.IsOpen);
    }

    [Fact]
    public void Autoboot_WithoutIPv4_BootsWhatDhcp6Names()
    {
        _flags = Managed;
        _options = [];
        Assert.InRange(Run("autoboot net0"), 0u, 8 * Second);
        Assert.EndsWith("\nbooted by version 6 with 2001:db8::1234\n", _session.Output);
    }

    [Fact]
    public void Autoboot_WithAnIPv4LeaseThatNamesNothing_BootsWhatDhcp6Names()
    {
        _ = new DhcpServer(_host);
        Run("autoboot net0");
        Assert.Contains("net0 52:54:00:00:00:01: DHCP... 192.0.2.50\n", _session.Output);
        Assert.EndsWith("\nbooted by version 6 with 2001:db8::5054:ff:fe00:1\n", _session.Output);
    }

    [Fact]
    public void Autoboot_WithAFileByIPv4_TakesThat_AtOnce()
    {
        _ = new DhcpServer(_host) { Next = "192.0.2.1", File = "four.ipxe" };
        Assert.InRange(Run("autoboot net0"), 0u, Second / 4);
        Assert.EndsWith("\nbooted by version 4\n", _session.Output);
    }

    [Fact]
    public void Autoboot_OfWhatIsNoUrl_SaysSo()
    {
        _server.More = Option(59, "boot.efi");
        Run("autoboot net0");
        Assert.Contains("net0: DHCPv6 names boot.efi: no URL", _session.Output);
    }

    [Fact]
    public void TwoInterfaces_HaveALeaseEach_AtTheSameTime()
    {
        TestLink link = new(2);
        PeerHost host = new(link, new IPv4Address(192, 0, 2, 1));
        link.Peer = host;
        Dhcp6Server other = new(host) { Client = IPv6Router.Parse("fe80::5054:ff:fe00:2"), Lease = "2001:db8::5678" };
        _session.Session.Add(new BootInterface(new NetworkInterface("net1", link), "a card"));
        host.IcmpArrived = (_, message) =>
        {
            if (message[0] == 133)
            {
                new IPv6Router(host, "fe80::1").Advertise(1800, Managed);
            }
        };
        _ = new DhcpServer(_host);
        _ = new DhcpServer(host) { Your = "192.0.2.51" };
        _flags = Managed;
        _options = [];
        Assert.InRange(Run("dhcp net0\ndhcp net1"), 0u, Second / 4);
        _session.Run("sleep 4\necho ${net0/ip} ${net0/ip6}, ${net1/ip} ${net1/ip6}");
        Assert.EndsWith("\n192.0.2.50 2001:db8::1234, 192.0.2.51 2001:db8::5678\n", _session.Output);
        Assert.Equal([Solicit, Request], other.Types);
    }

    [Fact]
    public void IPv6_SwitchedOff_AsksNoServer()
    {
        _session.Run("set ipv6 0\ndhcp --timeout 100 net0");
        Assert.Empty(_server.Questions);
    }
}
