using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>What goes to the log server that the setting syslog names. On 192.0.2.9/24, with a server at 192.0.2.1.</summary>
public sealed class SyslogTests : IDisposable
{
    private readonly TestSession _session = new();
    private readonly TestLink _link = new(1);
    private readonly PeerHost _host;
    private readonly List<string> _received = [];

    public SyslogTests()
    {
        _host = new PeerHost(_link, new IPv4Address(192, 0, 2, 1));
        _link.Peer = _host;
        _host.OnUdp(514, (_, message) => _received.Add(Encoding.Latin1.GetString(message)));
        _session.EventLoop.Network = _session.Session.Network;
        _session.Session.Add(new BootInterface(new NetworkInterface("net0", _link), "a card"));
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Lines_GoToTheServer_WithTheHostsName()
    {
        _session.Run("ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\nset hostname blade7\nset domain example.org\necho one\necho -n t\necho wo\necho\nsleep 1");
        Assert.Equal(["<6>blade7.example.org ipxe: one", "<6>blade7.example.org ipxe: two", "<6>blade7.example.org ipxe: "], _received);
        _session.Run("clear domain\necho three\nsleep 1\nclear hostname\necho four\nsleep 1");
        Assert.Equal(["<6>blade7 ipxe: three", "<6>ipxe: four"], _received.Skip(3));
    }

    [Fact]
    public void Lines_BeforeTheNetwork_AreSentInTheirOrder_OnceItIsThere()
    {
        _session.Run(string.Concat(Enumerable.Range(0, 50).Select(i => $"echo early {i}\n")) + "sleep 1");
        Assert.Empty(_received);
        DhcpServer server = new(_host) { File = "x" };
        server.Options = [.. server.Options, .. DhcpBytes.Option(7, 192, 0, 2, 1, 192, 0, 2, 2), .. DhcpBytes.Option(12, "from dhcp")];
        _session.Run("dhcp net0\nsleep 1");
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"<6>from dhcp.example.org ipxe: early {i}"), _received.Take(50));
        Assert.EndsWith("DHCP... 192.0.2.50", Assert.Single(_received.Skip(50)));
    }

    [Fact]
    public void Lines_ForAServerThatDoesNotAnswerArp_Wait()
    {
        _host.AnswersArp = false;
        _session.Run("ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\necho one\necho two\nsleep 20");
        Assert.Empty(_received);
        _host.AnswersArp = true;
        _session.Run("echo three\nsleep 10");
        Assert.Equal(["<6>ipxe: one", "<6>ipxe: two", "<6>ipxe: three"], _received);
    }

    [Fact]
    public void Lines_ForAServerThatDoesNotListen_AreLost_AndNothingIsSaid()
    {
        _host.StopUdp(514);
        _session.Run("ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\necho one\nsleep 10\necho two\nsleep 10");
        Assert.Equal("one\ntwo\n", _session.Output);
        string[] sent = [.. _host.Frames.Where(frame => frame[12] == 8 && frame[23] == 17).Select(frame => Encoding.Latin1.GetString(frame, 42, 12))];
        Assert.Equal(["<6>ipxe: one", "<6>ipxe: two"], sent); // Once each: whoever says so is known.
    }

    [Theory]
    [InlineData("clear syslog")]
    [InlineData("set syslog 0.0.0.0")]
    [InlineData("set syslog 255.255.255.255")]
    [InlineData("set syslog 198.51.100.1")] // no way there
    [InlineData("ifclose net0")]
    public void Lines_WithoutAServerThatCanBeReached_StayHere(string line)
    {
        _session.Run($"ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\necho one\nsleep 1\n{line}\necho two\nsleep 1");
        Assert.Equal(["<6>ipxe: one"], _received);
    }

    [Fact]
    public void Lines_ThatAreLong_AreSentInParts()
    {
        _session.Run($"ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\necho {new string('x', 2000)}\nsleep 1");
        Assert.Equal(1024, _received[0].Length);
        Assert.Equal(new string('x', 2000), string.Concat(_received.Select(each => each["<6>ipxe: ".Length..])));
    }

    [Fact]
    public void Lines_BeyondTheLog_AreLost()
    {
        _session.Run(string.Concat(Enumerable.Range(0, 2000).Select(i => $"echo early {i}\n")) + "ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\nsleep 1");
        Assert.Equal("<6>ipxe: early 1999", _received[^1]);
        Assert.InRange(_received.Sum(each => each.Length - "<6>ipxe: ".Length + 1), 8000, 8192);
    }

    [Fact]
    public void Lines_AtTheEnd_AreFlushed()
    {
        _session.Run("ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\necho one\nsleep 1\necho last");
        _session.Session.FlushLog();
        _session.EventLoop.RunOnce();
        Assert.Equal("<6>ipxe: last", _received[^1]);
    }

    [Fact]
    public void Screens_AreNotSent()
    {
        _session.Terminal.Press("\r");
        _session.Run("ifopen net0\nset net0/ip 192.0.2.9\nset syslog 192.0.2.1\necho before\nmenu Title\nitem a A\nchoose x\necho chose ${x}\nsleep 1");
        Assert.Equal(["<6>ipxe: before", "<6>ipxe: chose a"], _received);
    }
}
