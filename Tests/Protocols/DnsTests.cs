using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Protocols.DnsBytes;
using IPv4Address = NetBoot.NetworkStack.Wire.IPv4Address;

namespace NetBoot.Tests.Protocols;

public class DnsTests
{
    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly PeerHost _server;
    private readonly List<string> _questions = [];

    public DnsTests()
    {
        _server = _wire.AddHost("192.0.2.1");
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 1)]);
    }

    [Fact]
    public void Resolve_OfAddress_AsksNobody()
    {
        PeerWire.Assert(Resolve("198.51.100.7", out string address));
        Assert.Equal("198.51.100.7", address);
    }

    [Fact]
    public void Resolve_OfName_GivesItsAddress()
    {
        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7)));
        PeerWire.Assert(Resolve("Boot.Example.", out string address));
        Assert.Equal("198.51.100.7", address);
        Assert.Equal(["boot.example"], _questions);
    }

    [Fact]
    public void Resolve_OfNoName_AsksAgainAfterSeconds()
    {
        Serve((query, name) =>
        {
            byte[] answer = Answer(query);
            answer[3] = 0x83;
            return answer;
        });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("DNS: no such name: no.example.", Resolve("no.example.", out _)!.Message);
        }

        Assert.Single(_questions);
        RunFor(6_000_000);
        Assert.NotNull(Resolve("no.example.", out _));
        Assert.Equal(2, _questions.Count);
    }

    [Fact]
    public void Resolve_Again_AsksOnlyWhenTheAnswersTimeIsOver()
    {
        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7)));
        PeerWire.Assert(Resolve("boot.example", out _));
        PeerWire.Assert(Resolve("boot.example", out _));
        Assert.Single(_questions);
        RunFor(61_000_000);
        PeerWire.Assert(Resolve("boot.example", out _));
        Assert.Equal(2, _questions.Count);
        _wire.Client.CloseIdle();
        PeerWire.Assert(Resolve("boot.example", out _));
        Assert.Equal(3, _questions.Count);
    }

    [Fact]
    public void Resolve_WithAliases_FollowsThemInAnyOrder()
    {
        Serve((query, name) => Answer(query, A("c.example", 60, 198, 51, 100, 7), Alias("b.example", "c.example"), Alias(name, "b.example")));
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
    }

    [Fact]
    public void Resolve_WithAliasAlone_AsksForWhatItStandsFor()
    {
        Serve((query, name) => Answer(query, name == "a.example" ? Alias(name, "b.example") : A(name, 60, 198, 51, 100, 7)));
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
        Assert.Equal(["a.example", "b.example"], _questions);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resolve_OfAliasesInACircle_Ends(bool isInOneAnswer)
    {
        Serve((query, name) => isInOneAnswer
            ? Answer(query, Alias("a.example", "b.example"), Alias("b.example", "a.example"))
            : Answer(query, Alias(name, name[0] == 'a' ? "b.example" : "a.example")));
        Error? error = Resolve("a.example", out _);
        Assert.Contains(isInOneAnswer ? "DNS: 192.0.2.1 cannot tell the address of a.example" : "DNS: a.example stands for more than 8 other names", error!.Message);
    }

    [Fact]
    public void Resolve_WithCompressedNames_ReadsThem()
    {
        // Owner: a pointer to the question; alias: a label and a pointer into the question.
        Serve((query, _) => Answer(query,
            [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, (byte)'b', 0xC0, 14],
            [.. Name("b.example"), 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 198, 51, 100, 8]));
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.8", address);
    }

    [Fact]
    public void Resolve_OfNameWithSeveralAddresses_GivesThemAll()
    {
        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7), A("other.example", 60, 6, 6, 6, 6), A(name, 60, 198, 51, 100, 8)));
        PeerWire.Assert(Resolve("a.example", out string addresses));
        Assert.Equal("198.51.100.7 198.51.100.8", addresses);
        PeerWire.Assert(Resolve("a.example", out addresses));
        Assert.Equal("198.51.100.7 198.51.100.8", addresses);
        Assert.Single(_questions);
    }

    [Theory]
    [InlineData(1460)]
    [InlineData(1)]
    public void Resolve_OfAnAnswerThatFitsNoDatagram_AsksByTcp(int piece)
    {
        Serve((query, _) =>
        {
            byte[] answer = Answer(query);
            answer[2] |= 2;
            return answer;
        });
        byte[]? asked = null;
        _server.OnTcp(53, connection => connection.OnData = c =>
        {
            byte[] query = Encoding.Latin1.GetBytes(c.Text.ToString());
            if (query.Length < 2 || query.Length < 2 + query[1])
            {
                return;
            }

            asked = query[2..];
            byte[] answer = Answer(asked, [.. Enumerable.Range(1, 100).Select(i => A("a.example", 60, 198, 51, 100, (byte)i))]);
            byte[] stream = [(byte)(answer.Length >> 8), (byte)answer.Length, .. answer];
            for (int at = 0; at < stream.Length; at += piece)
            {
                c.Send(stream[at..Math.Min(at + piece, stream.Length)]);
            }
        });
        PeerWire.Assert(Resolve("a.example", out string addresses));
        Assert.Equal(string.Join(' ', Enumerable.Range(1, 8).Select(i => $"198.51.100.{i}")), addresses);
        Assert.Equal(_asked[0].Query, asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resolve_WithTcpThatFails_AsksTheNextServer(bool listens)
    {
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 9), new IPv4Address(192, 0, 2, 1)]);
        PeerHost brief = _wire.AddHost("192.0.2.9");
        brief.OnUdp(53, (client, query) =>
        {
            byte[] answer = Answer(query);
            answer[2] |= 2;
            brief.SendUdp(53, client, answer);
        });
        if (listens)
        {
            brief.OnTcp(53, connection => connection.OnData = c =>
            {
                c.Send([0xFF, 0xFF, 1, 2, 3]);
                c.Finish();
            });
        }

        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7)));
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
    }

    [Fact]
    public void Resolve_WithServerThatKnowsNoExtensions_AsksWithout()
    {
        List<byte[]> queries = [];
        _server.OnUdp(53, (client, query) =>
        {
            queries.Add(query);
            _server.SendUdp(53, client, query[11] != 0 ? Code(query, 1) : Answer(query, A("a.example", 60, 198, 51, 100, 7)));
        });
        ulong start = _wire.Now;
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
        Assert.Equal(2, queries.Count);
        Assert.InRange(_wire.Now - start, 0u, 10_000u);
    }

    [Fact]
    public void Resolve_WithServerThatLosesCase_AsksAgainInOne()
    {
        int asked = 0;
        _server.OnUdp(53, (client, query) =>
        {
            asked++;
            for (int i = 13; i < 22; i++)
            {
                query[i] |= 0x20;
            }

            _server.SendUdp(53, client, Answer(query, A("abcdefghi.x", 60, 198, 51, 100, 7)));
        });
        PeerWire.Assert(Resolve("abcdefghi.x", out string address));
        Assert.Equal("198.51.100.7", address);
        Assert.Equal(2, asked);
    }

    [Fact]
    public void Resolve_EachTime_AsksByAnotherPortAndNumberAndInOtherLetters()
    {
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 1)]);
        List<(ushort Port, ushort Id, string Name)> asked = [];
        _server.OnUdp(53, (client, query) => asked.Add((client.Port, (ushort)((query[0] << 8) | query[1]), Encoding.ASCII.GetString(query, 13, 20))));
        Resolve("abcdefghijklmnopqrst.example", out _);
        Assert.Equal(3, asked.Count);
        Assert.Equal(3, asked.Select(each => each.Port).Distinct().Count());
        Assert.Equal(3, asked.Select(each => each.Id).Distinct().Count());
        Assert.Equal(3, asked.Select(each => each.Name).Distinct().Count());
        Assert.All(asked, each => Assert.Equal("abcdefghijklmnopqrst", each.Name.ToLowerInvariant()));
    }

    [Fact]
    public void Resolve_WithAnAnswerFromAServerThatWasNotAsked_WaitsForTheOther()
    {
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 1), new IPv4Address(192, 0, 2, 9)]);
        PeerHost other = _wire.AddHost("192.0.2.9");
        Serve((query, name) =>
        {
            other.SendUdp(53, _client, Answer(query, A(name, 60, 6, 6, 6, 6)));
            return Answer(query, A(name, 60, 198, 51, 100, 7));
        });
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
    }

    [Fact]
    public void Resolve_WithOtherServersThanBefore_AsksThem()
    {
        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7)));
        PeerWire.Assert(Resolve("a.example", out _));
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 9)]);
        PeerHost other = _wire.AddHost("192.0.2.9");
        other.OnUdp(53, (client, query) => other.SendUdp(53, client, Answer(query, A("a.example", 60, 198, 51, 100, 9))));
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.9", address);
        _wire.Client.SetDnsServers([new IPv4Address(192, 0, 2, 1)]); // The user's, over those of the interfaces.
        PeerWire.Assert(Resolve("a.example", out address));
        Assert.Equal("198.51.100.7", address);
    }

    [Fact]
    public void Fetch_FromNameWhoseFirstAddressIsDead_TakesTheNext_AndItFirstTheNextTime()
    {
        Serve((query, name) => Answer(query, A(name, 60, 192, 0, 2, 66), A(name, 60, 192, 0, 2, 1)));
        _server.OnTcp(80, connection => connection.OnData = c =>
        {
            c.Text.Clear();
            c.Send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc");
        });
        ulong start = _wire.Now;
        for (int i = 0; i < 3; i++)
        {
            MemoryDownload download = new();
            PeerWire.Assert(_wire.Client.Run(ResourceUri.Parse("http://a.example/x", out _)!, download, new FetchOptions()));
            Assert.Equal("abc"u8.ToArray(), download.Bytes);
        }

        Assert.InRange(_wire.Now - start, 250_000u, 400_000u); // Once only.
    }

    [Fact]
    public void Resolve_WithTruncatedAnswer_TakesWhatIsThere()
    {
        Serve((query, name) =>
        {
            byte[] answer = Answer(query, A(name, 60, 198, 51, 100, 7), A(name, 60, 198, 51, 100, 8));
            answer[2] |= 2;
            return answer[..^5];
        });
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
    }

    [Fact]
    public void Resolve_OfMissingName_SaysSoAtOnce()
    {
        Serve((query, _) => Code(query, 3));
        ulong start = _wire.Now;
        Error error = Resolve("no.example", out _)!;
        Assert.Equal("DNS: no such name: no.example", error.Message);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, error.Status);
        Assert.InRange(_wire.Now - start, 0u, 10_000u);
    }

    [Fact]
    public void Resolve_OfNameWithoutAddress_SaysSo()
    {
        Serve((query, name) => Answer(query, [.. Name(name), 0, 28, 0, 1, 0, 0, 0, 9, 0, 16, .. new byte[16]]));
        Assert.Equal("DNS: no address for v6.example", Resolve("v6.example", out _)!.Message);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Resolve_WithServerThatRefuses_AsksTheNextAtOnce(int code)
    {
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 9), new IPv4Address(192, 0, 2, 1)]);
        PeerHost bad = _wire.AddHost("192.0.2.9");
        bad.OnUdp(53, (client, query) => bad.SendUdp(53, client, Code(query, code)));
        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7)));
        ulong start = _wire.Now;
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
        Assert.InRange(_wire.Now - start, 0u, 10_000u);
    }

    [Fact]
    public void Resolve_WithServerThatIsNone_AsksTheNextAtOnce()
    {
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 9), new IPv4Address(192, 0, 2, 1)]);
        _wire.AddHost("192.0.2.9"); // answers with ICMP port unreachable
        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7)));
        ulong start = _wire.Now;
        PeerWire.Assert(Resolve("a.example", out _));
        Assert.InRange(_wire.Now - start, 0u, 10_000u);
    }

    [Fact]
    public void Resolve_WithSilentServer_AsksTheNextAfterASecond()
    {
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 9), new IPv4Address(192, 0, 2, 1)]);
        _wire.AddHost("192.0.2.9").OnUdp(53, (_, _) => { });
        Serve((query, name) => Answer(query, A(name, 60, 198, 51, 100, 7)));
        ulong start = _wire.Now;
        PeerWire.Assert(Resolve("a.example", out _));
        Assert.InRange(_wire.Now - start, 1_000_000u, 1_100_000u);
    }

    [Fact]
    public void Resolve_WithoutAnswer_GivesUp()
    {
        int asked = 0;
        _server.OnUdp(53, (_, _) => asked++);
        Assert.Equal("DNS: no answer from 192.0.2.1 for a.example", Resolve("a.example", out _)!.Message);
        Assert.Equal(3, asked);
    }

    [Fact]
    public void Resolve_WithoutServer_SaysSo()
    {
        _wire.Interface.SetDnsServers([]);
        Assert.Equal("DNS: no server is known to ask for a.example", Resolve("a.example", out _)!.Message);
    }

    [Fact]
    public void Resolve_OfShortName_LooksInTheDomainFirst()
    {
        _wire.Interface.Domain = "corp.example";
        Serve((query, name) => name == "boot.corp.example" ? Answer(query, A(name, 60, 198, 51, 100, 7)) : Code(query, 3));
        PeerWire.Assert(Resolve("boot", out _));
        Assert.Equal(["boot.corp.example"], _questions);
        Assert.Equal("DNS: no such name: other", Resolve("other", out _)!.Message);
        Assert.Equal(["boot.corp.example", "other.corp.example", "other"], _questions);
    }

    [Fact]
    public void Resolve_OfDottedName_LooksInTheDomainLast()
    {
        _wire.Interface.Domain = "corp.example";
        Serve((query, name) => name == "boot.lab.corp.example" ? Answer(query, A(name, 60, 198, 51, 100, 7)) : Code(query, 3));
        PeerWire.Assert(Resolve("boot.lab", out _));
        Assert.Equal(["boot.lab", "boot.lab.corp.example"], _questions);
        Assert.NotNull(Resolve("no.lab.", out _));
        Assert.Equal("no.lab", _questions[^1]);
    }

    [Fact]
    public void Resolve_OfShortName_LooksInTheSearchListOfTheLease()
    {
        byte[] search = [.. Name("lab.example"), 4, .. "corp"u8, 0xC0, 4];
        byte[] ack = DhcpBytes.Reply(new DhcpWriter(new byte[300], 1, PeerWire.ClientMac, 0, default, true).Finish().ToArray(),
            "192.0.2.50", "", [.. DhcpBytes.Option(53, 5), .. DhcpBytes.Option(6, 192, 0, 2, 1), .. DhcpBytes.Option(119, search)]);
        PeerWire.Assert(DhcpLease.FromPackets(ack, default, out _)!.ApplyTo(_wire.Interface));
        Serve((query, name) => name == "boot.corp.example" ? Answer(query, A(name, 60, 198, 51, 100, 7)) : Code(query, 3));
        PeerWire.Assert(Resolve("boot", out _));
        Assert.Equal(["boot.lab.example", "boot.corp.example"], _questions);
    }

    [Fact]
    public void Resolve_WithForgedAnswers_WaitsForTheRealOne()
    {
        Serve((query, name) =>
        {
            byte[] evil = Answer(query, A(name, 60, 6, 6, 6, 6));
            foreach ((int at, byte mask) in new[] { (0, (byte)1), (2, (byte)0x80), (2, (byte)0x10), (5, (byte)3), (14, (byte)1) })
            {
                byte[] forged = [.. evil];
                forged[at] ^= mask;
                _server.SendUdp(53, _client, forged);
            }

            _server.SendUdp(5353, _client, evil);
            return Answer(query, A("evil.example", 60, 6, 6, 6, 6), A(name, 60, 198, 51, 100, 7));
        });
        PeerWire.Assert(Resolve("a.example", out string address));
        Assert.Equal("198.51.100.7", address);
    }

    [Fact]
    public void Resolve_StoppedByTheUser_SaysSo()
    {
        _server.OnUdp(53, (_, _) => { });
        _wire.OnTurn = () => false;
        Assert.Equal("DNS: a.example: stopped by the user", Resolve("a.example", out _)!.Message);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".")]
    [InlineData("a b.c")]
    [InlineData("é.example")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.x")]
    public void Resolve_OfWhatIsNoName_SaysSo(string name) =>
        Assert.StartsWith("DNS: no domain name: ", Resolve(name, out _)!.Message);

    [Fact]
    public void Resolve_OfTooLongName_SaysSo() =>
        Assert.StartsWith("DNS: no domain name: ", Resolve(string.Concat(Enumerable.Repeat("abcdefg.", 32)), out _)!.Message);

    [Theory]
    [InlineData(new byte[] { 0xC0, 0 }, 0)] // to itself
    [InlineData(new byte[] { 1, 97, 0xC0, 0 }, 0)] // around
    [InlineData(new byte[] { 0xC0, 2, 0xC0, 0 }, 2)] // to and fro
    [InlineData(new byte[] { 0xC0 }, 0)]
    [InlineData(new byte[] { 5, 97 }, 0)]
    [InlineData(new byte[] { 64, 97 }, 0)]
    [InlineData(new byte[] { 1, 97 }, 0)]
    [InlineData(new byte[] { }, 0)]
    public void ReadName_ThatTurnsOrEndsEarly_Fails(byte[] message, int at) =>
        Assert.Equal(-1, DnsName.Read(message, ref at, new byte[255]));

    [Fact]
    public void ReadName_OfAnything_StaysInside() => Prop.ForAll<byte[], byte>((noise, start) =>
    {
        // Mostly short labels and pointers, so that names come together.
        byte[] message = noise.Select(b => b < 100 ? (byte)(b % 4) : b < 160 ? (byte)0xC0 : (byte)(b % 16)).ToArray();
        byte[] output = new byte[255];
        int at = start % (message.Length + 1);
        int before = at;
        int length = DnsName.Read(message, ref at, output);
        return length < 0 || (length <= 255 && output[length - 1] == 0 && at > before && at <= message.Length);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void ReadAnswer_OfAnything_NeverFaults() => Prop.ForAll<byte[], byte[], byte>((noise, values, at) =>
    {
        byte[] name = Name("a.example");
        byte[] query = new byte[300];
        byte[] answer = Answer(query[..DnsMessage.WriteQuery(query, 7, name, DnsMessage.TypeA, true)], Alias("a.example", "b.example"), A("b.example", 60, 1, 2, 3, 4));
        foreach (byte value in values)
        {
            answer[(at + value * 7) % answer.Length] = value;
        }

        foreach (byte[] message in new[] { answer, answer[..(at % answer.Length)], [.. answer.AsSpan(0, 27), .. noise], noise })
        {
            DnsVerdict verdict = DnsMessage.ReadAnswer(message, 7, name, DnsMessage.TypeA, new IPAddress[2], out int count, out _, new byte[255], out int length);
            if (length is < 0 or > 255 || count is < 0 or > 2 || (verdict == DnsVerdict.Found) != (count > 0) || !Enum.IsDefined(verdict))
            {
                return false;
            }
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private readonly List<(IPEndpoint Client, byte[] Query, string Name)> _asked = [];
    private IPEndpoint _client;

    private void Serve(Func<byte[], string, byte[]> answer) => _server.OnUdp(53, (client, query) =>
    {
        _client = client;
        List<string> labels = [];
        for (int at = 12; query[at] != 0; at += query[at] + 1)
        {
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
        }

        string name = string.Join('.', labels);
        _asked.Add((client, query, name));
        name = name.ToLowerInvariant();
        _questions.Add(name);
        Assert.Equal([1, 0, 0, 1, 0, 0, 0, 0, 0, 1], query[2..12]);
        Assert.Equal([0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0], query[^15..]); // an OPT record: 1232 bytes (RFC 6891, 6.1.2)
        _server.SendUdp(53, client, answer(query, name));
    });

    private Error? Resolve(string name, out string address)
    {
        IPAddress[] found = new IPAddress[8];
        Error? error = _wire.Client.Resolve(name, 0, found, out int count);
        address = string.Join(' ', found.Take(count).Select(each => each.Text()));
        return error;
    }

    private void RunFor(ulong time)
    {
        ulong until = _wire.Now + time;
        while (_wire.Now < until)
        {
            _wire.RunOnce();
        }
    }
}
