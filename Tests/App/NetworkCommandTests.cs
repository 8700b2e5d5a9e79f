using System;
using System.Buffers.Binary;
using NetBoot.Boot.App;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Commands that ask what a network has: ping, nslookup, ntp, route, ipstat. On 192.0.2.9/24, with a host at 192.0.2.1.</summary>
public sealed class NetworkCommandTests : IDisposable
{
    private readonly TestSession _session = new();
    private readonly TestLink _link = new(1);
    private readonly PeerHost _host;

    public NetworkCommandTests()
    {
        _host = new PeerHost(_link, new IPv4Address(192, 0, 2, 1));
        _link.Peer = _host;
        _session.EventLoop.Network = _session.Session.Network;
        BootInterface net0 = new(new NetworkInterface("net0", _link), "a card");
        _session.Session.Add(net0);
        Assert.Null(_session.Session.Open(net0));
        _session.Run("set net0/ip 192.0.2.9\nset net0/gateway 192.0.2.1\nset net0/dns 192.0.2.1");
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Ping_OfAHostThatIsThere_Succeeds()
    {
        AnswerEchoes(change: _ => { });
        ulong started = _session.EventLoop.Now;
        _session.Run("ping --count 3 192.0.2.1 && echo there");
        Assert.Equal("64 bytes from 192.0.2.1: seq=1\n64 bytes from 192.0.2.1: seq=2\n64 bytes from 192.0.2.1: seq=3\nthere\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 2_000_000u, 2_100_000u);
    }

    [Fact]
    public void Ping_ThatIsAnsweredOnce_Succeeds()
    {
        int asked = 0;
        _host.IcmpArrived = (from, message) =>
        {
            if (++asked == 2)
            {
                Answer(from, message);
            }
        };
        _session.Run("ping -q -c 3 -t 100 -s 1472 192.0.2.1 && echo there");
        Assert.Equal("there\n", _session.Output);
    }

    [Fact]
    public void Ping_OfNobody_Fails_AndSaysWhy()
    {
        _session.Run("ping -c 2 -t 4000 192.0.2.77");
        Assert.Equal(
            "64 bytes from <none>: seq=1: no such neighbour\n64 bytes from <none>: seq=2: no such neighbour\nboot.ipxe:2: ping: 192.0.2.77 does not answer\n",
            _session.Output);
    }

    [Theory]
    [InlineData(4)] // identifier
    [InlineData(7)] // sequence number
    [InlineData(20)] // data
    public void Ping_WithAnotherAnswer_DoesNotTakeIt(int changed)
    {
        AnswerEchoes(message => message[changed] ^= 1);
        _session.Run("ping -c 1 -t 100 192.0.2.1 || echo not there");
        Assert.Equal("64 bytes from <none>: seq=1: no answer\nboot.ipxe:2: ping: 192.0.2.1 does not answer\nnot there\n", _session.Output);
    }

    [Theory]
    [InlineData("ping -c 1 -s 1473 192.0.2.1", "ping: 1473 bytes do not fit the MTU of net0, 1500")]
    [InlineData("ping -c 1 -s 99999999999 192.0.2.1", "ping: 65535 bytes do not fit the MTU of net0, 1500")]
    [InlineData("ping -c x 192.0.2.1", "ping: not a number: x")]
    [InlineData("clear net0/gateway\nping -c 1 198.51.100.1", "ping: 198.51.100.1: no interface has a route to it (net0 has no gateway)")]
    [InlineData("ifclose net0\nping -c 1 192.0.2.1", "ping: 192.0.2.1: no interface has a route to it (net0 is closed)")]
    public void Ping_ThatCannotBeSent_SaysWhy(string lines, string message)
    {
        _session.Run(lines);
        Assert.EndsWith($": {message}\n", _session.Output);
    }

    [Fact]
    public void Ping_ThatIsStopped_Fails()
    {
        _session.EventLoop.MaximumTurns = _session.EventLoop.Turns + 100;
        _session.Run("ping 192.0.2.1");
        Assert.EndsWith("ping: interrupted\n", _session.Output);
    }

    [Fact]
    public void Nslookup_OfAName_SetsTheSetting()
    {
        _host.OnUdp(53, (client, query) =>
        {
            byte[] answer = [.. query[..^11], 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 7];
            (answer[2], answer[3], answer[7], answer[11]) = (0x81, 0x80, 1, 0);
            _host.SendUdp(53, client, answer);
        });
        _session.Run("nslookup server boot.example\necho ${server} ${server:hex}\nnslookup net0/next:hex boot.example\necho ${net0/next:hex}");
        Assert.Equal("198.51.100.7 c6:33:64:07\nc6:33:64:07\n", _session.Output);
    }

    [Fact]
    public void Nslookup_OfNoName_Fails()
    {
        _session.Run("nslookup server boot..example || echo no");
        Assert.EndsWith("nslookup: DNS: no domain name: boot..example\nno\n", _session.Output);
    }

    [Fact]
    public void Ntp_CorrectsTheTimeOfScripts()
    {
        ServeTime(1_767_225_600);
        _session.Platform.Clock = 1000;
        _session.Run("ntp 192.0.2.1 && echo ${unixtime:int32}");
        Assert.Equal("1767225600\n", _session.Output);
        _session.Platform.Clock += 5;
        _session.Run("echo ${unixtime:int32}");
        Assert.EndsWith("1767225605\n", _session.Output);
    }

    [Theory]
    [InlineData(0, true, 1_800_000_000, "")] // There is none: the firmware's TLS would take no certificate.
    [InlineData(1_577_836_800, true, 1_800_000_000, "")]
    [InlineData(1_577_836_800, false, 1_577_836_800, "the machine's clock cannot be set\n")]
    [InlineData(1_799_990_000, true, 1_799_990_000, "")] // It may be right.
    public void Ntp_SetsTheMachinesClock_ThatCannotBeRight(long before, bool canSet, long after, string expected)
    {
        ServeTime(1_800_000_000);
        _session.Platform.Clock = (ulong)before;
        _session.Platform.CanSetClock = canSet;
        _session.Run("ntp 192.0.2.1 && echo ${unixtime:int32}");
        Assert.Equal(expected + "1800000000\n", _session.Output);
        Assert.Equal((ulong)after, _session.Platform.Clock);
    }

    [Fact]
    public void Route_ShowsNetworksAndGateways()
    {
        _session.Session.Interfaces[0].Interface.SetRoutes(
        [
            new IPv4Route(new IPv4Address(10, 0, 0, 0), new IPv4Address(255, 0, 0, 0), new IPv4Address(192, 0, 2, 254)),
            new IPv4Route(new IPv4Address(198, 51, 100, 0), new IPv4Address(255, 255, 255, 0), default),
        ]);
        _session.Run("route\nifclose net0\nroute");
        Assert.Equal(
            "net0: 192.0.2.9/255.255.255.0 gw 192.0.2.1\nnet0: 10.0.0.0/255.0.0.0 gw 192.0.2.254\nnet0: 198.51.100.0/255.255.255.0\n" +
            "net0: 192.0.2.9 (inaccessible)\n",
            _session.Output);
    }

    [Fact]
    public void Ipstat_ShowsWhatWasDropped()
    {
        _host.SendFrame(0x1234, new byte[46]);
        _host.SendUdp(9, new IPEndpoint(new IPv4Address(192, 0, 2, 9), 9), [1]);
        _session.EventLoop.RunOnce();
        _session.Run("ipstat");
        Assert.StartsWith("net0: received 3 frames of 180 bytes, sent ", _session.Output);
        Assert.Contains("\n  1 x unknown EtherType\n  1 x UDP port not open\n", _session.Output);
    }

    [Fact]
    public void Iflinkwait_EndsWithTheLink_OrInTime()
    {
        _session.Run("iflinkwait net0 && echo up");
        Assert.Equal("up\n", _session.Output);
        _link.HasCarrier = false;
        ulong started = _session.EventLoop.Now;
        _session.Run("iflinkwait -t 3000 || echo down");
        Assert.EndsWith("iflinkwait: net0: no link after 3000 ms\ndown\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 3_000_000u, 3_010_000u);
    }

    [Fact]
    public void Dhcp_OnAll_AsksOnAllAtTheSameTime_AndKeepsTheFirst()
    {
        BootInterface net1 = AddInterface(2, "192.0.2.60", out TestLink link);
        ulong started = _session.EventLoop.Now;
        _session.Run("dhcp && echo ${netX/ip} ${net0/ip}.");
        Assert.Equal("DHCP on net0 net1... net1 192.0.2.60\n192.0.2.60 192.0.2.9.\n", _session.Output); // On net0 nobody answers: it is left as it was.
        Assert.InRange(_session.EventLoop.Now - started, 2_000_000u, 2_100_000u); // Its link is up: it might have been a little slower.
        _link.HasCarrier = false;
        started = _session.EventLoop.Now;
        _session.Run("dhcp");
        Assert.InRange(_session.EventLoop.Now - started, 0u, 100_000u);
        _ = new DhcpServer(_host) { Your = "192.0.2.50" };
        _link.HasCarrier = true;
        _session.Run("dhcp net1 net0 && echo ${netX/ip}\nifclose net0 net1\ndhcp && echo ${netX/ip} ${net1/ip}.");
        Assert.EndsWith("net1 192.0.2.60\n192.0.2.60\nDHCP on net0 net1... net0 192.0.2.50\n192.0.2.50 .\n", _session.Output);
        Assert.False(net1.Interface.IsOpen);
        link.Works = false;
        _session.Run("dhcp net0 net1 && echo ${netX/ip}");
        Assert.EndsWith("net0 192.0.2.50\n192.0.2.50\n", _session.Output);
    }

    [Fact]
    public void WhatAServerSays_RefersToNoSetting_AndIsNoOption()
    {
        DhcpServer server = new(_host) { Your = "192.0.2.50", File = "http://x/${net0/mac}" };
        server.Options = [.. server.Options, .. DhcpBytes.Option(12, "${password}"), .. DhcpBytes.Option(66, "-h"), .. DhcpBytes.Option(77, "}"), .. DhcpBytes.Option(60, "${")];
        _session.Run("set password secret\ndhcp net0");
        int start = _session.Output.Length;
        _session.Run("echo ${hostname} x${hostname}y ${net0.dhcp/12:string}");
        _session.Run("set a ${hostname}\necho ${a}\nset b ${a}\necho <${b}>"); // Nor when it was set again.
        _session.Run("echo ${net0.dhcp/60:string}password${net0.dhcp/77:string}");
        _session.Run("iseq ${66:string} -h && echo same || echo other");
        _session.Run("time iseq ${66:string} -h");
        _session.Run("set --  c ${66:string} && echo -- ${c}");
        _session.Run("set d $\nset e ${d}{password}\necho ${e} ${filename}"); // A script's own may, and what is to be booted.
        Assert.Equal(
            "${password} x${password}y ${password}\n${password}\n<${password}>\n${password}\nsame\niseq: 0.0 s\n-h\nsecret http://x/52:54:00:00:00:01\n", _session.Output[start..]);
    }

    [Fact]
    public void Dhcp_ThatNobodyAnswers_SaysSoForEach()
    {
        AddInterface(2, null, out TestLink link);
        link.HasCarrier = false;
        ulong started = _session.EventLoop.Now;
        _session.Run("dhcp --timeout 20000 nosuch net0 net1 || echo no");
        Assert.Equal(
            "boot.ipxe:2: dhcp: no such interface: nosuch\nDHCP on net0 net1... failed\nboot.ipxe:2: dhcp: DHCP on net0: no offer in 20 s\n" +
            "boot.ipxe:2: dhcp: DHCP on net1: no link after 15 s\nno\n",
            _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 20_000_000u, 20_100_000u);
    }

    private BootInterface AddInterface(byte number, string? address, out TestLink link)
    {
        link = new TestLink(number);
        link.Peer = new PeerHost(link, new IPv4Address(192, 0, 2, number));
        if (address is not null)
        {
            _ = new DhcpServer(link.Peer) { Your = address };
        }

        BootInterface added = new(new NetworkInterface("net1", link), "a card");
        _session.Session.Add(added);
        return added;
    }

    [Theory]
    [InlineData("certstore -s nobody || echo", 1)]
    [InlineData("set trust 00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d:1e:1f", 2)]
    [InlineData("imgset cert client.pem", 2)]
    [InlineData("imgset privkey client.key", 2)]
    [InlineData("certfree", 2)]
    public void WhatChangesTrust_ClosesKeptConnections(string line, int expected)
    {
        using TestCertificate root = TestCertificate.MakeRoot("Root");
        _session.Platform.AddFile("http://server/dir/client.pem", root.Pem);
        _session.Platform.AddFile("http://server/dir/client.key", root.KeyPem);
        _session.Session.Trust.Add(root.Der);
        PeerTcpServer server = new(_host, 80)
        {
            OnAccepted = connection => connection.OnData = c => c.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        };
        Fetch();
        Fetch();
        Assert.Single(server.Connections);
        _session.Run(line);
        Fetch();
        Assert.Equal(expected, server.Connections.Count);

        void Fetch() => PeerWire.Assert(_session.Session.FetchClient.Run(ResourceUri.Parse("http://192.0.2.1/x", out _)!, new MemoryDownload(), new FetchOptions()));
    }

    private void AnswerEchoes(Action<byte[]> change) => _host.IcmpArrived = (from, message) =>
    {
        change(message);
        Answer(from, message);
    };

    private void Answer(IPAddress to, byte[] message)
    {
        message[0] = 0;
        message[2] = message[3] = 0;
        uint sum = 0;
        for (int i = 0; i < message.Length; i++)
        {
            sum += (uint)message[i] << ((i & 1) == 0 ? 8 : 0);
        }

        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)~(sum % 65535));
        _host.SendIP(_host.Address, to, 1, message);
    }

    private void ServeTime(long unixTime) => _host.OnUdp(123, (client, question) =>
    {
        byte[] answer = new byte[48];
        (answer[0], answer[1]) = (0x24, 1);
        question[40..48].CopyTo(answer, 24);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(40), (uint)(unixTime + 2_208_988_800));
        _host.SendUdp(123, client, answer);
    });
}
