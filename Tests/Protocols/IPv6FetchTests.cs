using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>Names and files over both versions of IP: AAAA records, literals in URIs, connection attempts that race (RFC 8305).</summary>
public sealed class IPv6FetchTests : IDisposable
{
    private const ulong Millisecond = 1000;

    private readonly SimulatedNetwork _network;
    private readonly FetchClient _client;
    private readonly MemoryDownload _download = new();
    private readonly List<(string Name, ushort Type)> _questions = [];
    private readonly List<IPAddress> _deaf = [];
    private readonly List<string> _askedByTftp = [];
    private string _asked = "";

    public IPv6FetchTests()
    {
        _network = IPv6Tests.Configured(
            out _, IPv6Router.OnLinkPrefix, IPv6Router.LinkAddress(PeerHost.Mac), IPv6Router.DnsServers(600, "2001:db8::53"));
        Assert.Null(_network.Interface.Configure(SimulatedNetwork.Address, SimulatedNetwork.Netmask, SimulatedNetwork.Gateway));
        _client = new FetchClient(_network.Stack, _network);
        Action<byte[]> deliver = _network.Wire.Sent!;
        _network.Wire.Sent = frame =>
        {
            // Who is deaf: the route leads nowhere.
            bool isIPv6 = frame[12] == 0x86;
            IPAddress destination = isIPv6 ? new IPAddress(frame.AsSpan(38)) : frame.Length > 34 ? new IPv4Address(frame[30], frame[31], frame[32], frame[33]) : default;
            if (!_deaf.Contains(destination))
            {
                deliver(frame);
            }
        };
        _ = new PeerTcpServer(_network.Peer, 80)
        {
            OnData = (connection, _) =>
            {
                if (Encoding.ASCII.GetString([.. connection.Received]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    _asked = Encoding.ASCII.GetString([.. connection.Received]);
                    connection.Send(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"));
                    connection.Finish();
                }
            },
        };
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public void Http_ToALiteral_NeedsNoServerOfNames()
    {
        Assert.Null(Fetch("http://[2001:db8:ffff::7]/x"));
        Assert.Equal("hello"u8.ToArray(), _download.Bytes);
        Assert.Empty(_questions);
    }

    [Theory]
    [InlineData("http://[fe80::7%25net0]:80/x")]
    [InlineData("http://[fe80::7%net0]/x")]
    public void Http_ToALinksAddress_GoesToItsZone_WithoutNamingIt(string uri)
    {
        Assert.Null(Fetch(uri));
        Assert.Equal("hello"u8.ToArray(), _download.Bytes);
        Assert.Contains("\r\nHost: [fe80::7]", _asked.Replace(":80", ""));
    }

    [Theory]
    [InlineData("http://[fe80::7%25net7]/x")]
    [InlineData("tftp://[fe80::7%25net7]/x")]
    public void Zone_ThatIsNoInterface_IsNamed(string uri) =>
        Assert.Equal($"{uri}: fe80::7%net7: no such interface: net7", Fetch(uri)!.Message);

    [Fact]
    public void Name_WithAddressesOfBothVersions_IsTriedByVersion6First()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        Assert.Null(Fetch("http://boot.example/x"));
        Assert.Equal([1, 28], _questions.Select(each => (int)each.Type).Order());
        Assert.Equal("2001:db8:ffff::7", _network.Peer.Frames.Last(IsTcp) is { } frame && frame[12] == 0x86 ? new IPAddress(frame.AsSpan(38)).Text() : "IPv4");
    }

    [Fact]
    public void Version6_ThatLeadsNowhere_CostsAQuarterOfASecond()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        _deaf.Add(IPv6Router.Parse("2001:db8:ffff::7"));
        ulong started = _network.Now;
        Assert.Null(Fetch("http://boot.example/x"));
        Assert.Equal("hello"u8.ToArray(), _download.Bytes);
        Assert.InRange(_network.Now - started, 250 * Millisecond, 300 * Millisecond);
    }

    [Fact]
    public void ServerOfNames_ThatNeverAnswersForVersion6_CostsAQuarterOfASecond()
    {
        Serve(null, "198.51.100.7");
        ulong started = _network.Now;
        Assert.Null(Fetch("http://boot.example/x"));
        Assert.InRange(_network.Now - started, 250 * Millisecond, 300 * Millisecond);
    }

    [Fact]
    public void Name_ThatAServerRefusesForVersion4_IsFoundByVersion6()
    {
        Serve("2001:db8:ffff::7", "refused");
        Assert.Null(Fetch("http://boot.example/x"));
        Assert.Equal("hello"u8.ToArray(), _download.Bytes);
    }

    [Fact]
    public void Name_ThatAServerDeniesForVersion6Alone_StaysFound()
    {
        Serve("none", "198.51.100.7");
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(Fetch("http://boot.example/x"));
        }

        Assert.Equal(2, _questions.Count);
    }

    [Fact]
    public void Name_OfVersion6Alone_IsAskedForOnce()
    {
        _network.Interface.ClearConfiguration();
        Serve("2001:db8:ffff::7", null);
        Assert.Null(Fetch("http://boot.example/x"));
        Assert.Null(Fetch("http://boot.example/x"));
        Assert.Single(_questions);
    }

    [Fact]
    public void Tftp_ByVersion6_AsksForBlocksThatFitAFrame()
    {
        string request = "";
        _network.Peer.OnUdp(69, (_, packet) => request = Encoding.Latin1.GetString(packet));
        FetchOptions options = new() { Timeout = 100 * Millisecond };
        _client.Run(ResourceUri.Parse("tftp://[2001:db8:ffff::7]/x", out _)!, _download, options);
        Assert.Contains("blksize\01448\0", request);
    }

    [Fact]
    public void AllAddresses_ThatLeadNowhere_AreAnErrorInTheUsualTime()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        _deaf.Add(IPv6Router.Parse("2001:db8:ffff::7"));
        _deaf.Add(new IPv4Address(198, 51, 100, 7));
        ulong started = _network.Now;
        Error? error = Fetch("http://boot.example/x");
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, error!.Status);
        Assert.InRange(_network.Now - started, 10_000 * Millisecond, 60_000 * Millisecond);
    }

    [Fact]
    public void WithoutVersion4_NamesAreAskedForVersion6Alone()
    {
        _network.Interface.ClearConfiguration();
        Serve("2001:db8:ffff::7", null);
        Assert.Null(Fetch("http://boot.example/x"));
        Assert.Equal([("boot.example", (ushort)28)], _questions);
    }

    [Fact]
    public void Tftp_AsksByVersion6First()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        ServeTftp([0, 3, 0, 1, .. "hello"u8]);
        Assert.Null(Fetch("tftp://boot.example/x"));
        Assert.Equal("hello"u8.ToArray(), _download.Bytes);
        Assert.Equal(["2001:db8:ffff::7"], _askedByTftp);
    }

    [Fact]
    public void Tftp_WhoseVersion6LeadsNowhere_CostsAQuarterOfASecond_Once()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        ServeTftp([0, 3, 0, 1, .. "hello"u8]);
        _deaf.Add(IPv6Router.Parse("2001:db8:ffff::7"));
        ulong started = _network.Now;
        Assert.Null(Fetch("tftp://boot.example/x"));
        Assert.InRange(_network.Now - started, 250 * Millisecond, 300 * Millisecond);
        started = _network.Now;
        Assert.Null(Fetch("tftp://boot.example/x"));
        Assert.InRange(_network.Now - started, 0u, 50 * Millisecond);
        Assert.Equal(["198.51.100.7", "198.51.100.7"], _askedByTftp);
    }

    [Fact]
    public void Tftp_OfAServerThatIsLateByVersion6_GoesOnWithTheFirstThatAnswers_AndTellsTheOther()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        IPEndpoint late = default;
        List<byte[]> told = [];
        _network.Peer.UdpArrived = (from, to, packet) =>
        {
            if (to.Port == 69 && to.Address.Family == AddressFamily.IPv6)
            {
                late = from;
            }
            else if (to.Port == 69)
            {
                _network.Peer.SendUdpFrom(new IPEndpoint(to.Address, 1234), from, [0, 3, 0, 1, .. new byte[512]]);
            }
            else if (to.Port == 1234)
            {
                _network.Peer.SendUdpFrom(new IPEndpoint(IPv6Router.Parse("2001:db8:ffff::7"), 5678), late, [0, 3, 0, 1, .. "other"u8]);
                _network.Peer.SendUdpFrom(to, from, [0, 3, 0, 2, .. "end"u8]);
            }
            else if (to.Port == 5678)
            {
                told.Add(packet);
            }
        };
        Assert.Null(Fetch("tftp://boot.example/x"));
        Assert.Equal(515, _download.Bytes.Length);
        _network.RunUntil(() => told.Count > 0, 1);
        Assert.Equal([0, 5, 0, 5], Assert.Single(told)[..4]);
    }

    [Fact]
    public void Tftp_ThatNobodyListensForByVersion6_IsAskedByVersion4AtOnce()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        _network.Peer.UdpArrived = (from, to, _) =>
        {
            if (to.Port == 69 && to.Address.Family == AddressFamily.IPv6)
            {
                byte[] request = _network.Peer.Frames[^1];
                _network.Peer.SendIcmpV6(to.Address, from.Address, [1, 4, 0, 0, 0, 0, 0, 0, .. request.AsSpan(14)]);
            }
            else if (to.Port == 69)
            {
                _network.Peer.SendUdpFrom(new IPEndpoint(to.Address, 1234), from, [0, 3, 0, 1, .. "hello"u8]);
            }
        };
        ulong started = _network.Now;
        Assert.Null(Fetch("tftp://boot.example/x"));
        Assert.InRange(_network.Now - started, 0u, 100 * Millisecond);
    }

    [Fact]
    public void Tftp_OfAServerOnALink_StaysOnThatLink_ThoughAnotherComesFirst()
    {
        NetworkInterface first = new("net1", new SimulatedLink(_network.Time));
        _network.Stack.Add(first);
        _network.Stack.Prefer(first);
        Assert.Null(first.Open());
        first.IPv6.Start();
        _network.RunUntil(() => !first.IPv6.LinkLocal.IsAny, 3);
        _network.Peer.UdpArrived = (from, to, packet) =>
            _network.Peer.SendUdpFrom(new IPEndpoint(to.Address, 1234), from, packet[1] == 1 ? [0, 3, 0, 1, .. new byte[512]] : [0, 3, 0, 2]);
        Assert.Null(Fetch("tftp://[fe80::7%25net0]/x"));
        Assert.Equal(512, _download.Bytes.Length);
    }

    [Fact]
    public void Tftp_ThatNobodyAnswers_IsAnErrorInTheUsualTime()
    {
        Serve("2001:db8:ffff::7", "198.51.100.7");
        ulong started = _network.Now;
        Error? error = Fetch("tftp://boot.example/x");
        Assert.Equal("TFTP 2001:db8:ffff::7: no answer: x", error!.Message);
        Assert.InRange(_network.Now - started, 0u, (ulong)new FetchOptions().StallTimeout + 1_000_000);
    }

    /// <summary>Answers every request with one packet, from the address that it came to.</summary>
    private void ServeTftp(byte[] answer) => _network.Peer.UdpArrived = (from, to, _) =>
    {
        if (to.Port == 69)
        {
            _askedByTftp.Add(to.Address.Text());
            _network.Peer.SendUdpFrom(new IPEndpoint(to.Address, 1234), from, answer);
        }
    };

    private static bool IsTcp(byte[] frame) => frame[12] == 0x86 ? frame[20] == 6 : frame[12] == 8 && frame[13] == 0 && frame[23] == 6;

    private Error? Fetch(string uri)
    {
        ResourceUri parsed = ResourceUri.Parse(uri, out Error? error)!;
        Assert.Null(error);
        return _client.Run(parsed, _download, new FetchOptions());
    }

    /// <summary>Answers for names: null for no answer at all, "refused" for a server that cannot tell, "none" for no such name.</summary>
    private void Serve(string? v6, string? v4) => _network.Peer.OnUdp(53, (client, query) =>
    {
        int end = 12;
        List<string> labels = [];
        while (query[end] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query, end + 1, query[end]).ToLowerInvariant());
            end += query[end] + 1;
        }

        ushort type = query[end + 2];
        _questions.Add((string.Join('.', labels), type));
        string? address = type == 28 ? v6 : v4;
        if (address is null)
        {
            return;
        }

        if (address is "refused" or "none")
        {
            query[2] = 0x81;
            query[3] = (byte)(address == "none" ? 0x83 : 0x85);
            _network.Peer.SendUdpFrom(new IPEndpoint(IPv6Router.Parse("2001:db8::53"), 53), client, query);
            return;
        }

        byte[] data = System.Net.IPAddress.Parse(address).GetAddressBytes();
        byte[] answer = [.. query.AsSpan(0, end + 5), 0xC0, 12, 0, (byte)type, 0, 1, 0, 0, 0, 60, 0, (byte)data.Length, .. data];
        answer[2] = 0x81;
        answer[3] = 0x80;
        answer[7] = 1;
        answer[11] = 0;
        _network.Peer.SendUdpFrom(new IPEndpoint(IPv6Router.Parse("2001:db8::53"), 53), client, answer);
    });
}
