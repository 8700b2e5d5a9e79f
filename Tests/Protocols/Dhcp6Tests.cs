using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using Xunit;
using static NetBoot.Tests.Protocols.Dhcp6Server;

namespace NetBoot.Tests.Protocols;

/// <summary>The DHCPv6 client against a scripted server, in virtual time.</summary>
public sealed class Dhcp6Tests : IDisposable
{
    private const byte Managed = 0x80;
    private const byte Other = 0x40;
    private const ulong Second = 1_000_000;

    private readonly SimulatedNetwork _network = new(configure: false);
    private readonly Dhcp6Client _client;
    private readonly Dhcp6Server _server;
    private readonly IPv6Router _router;

    public Dhcp6Tests()
    {
        _client = new Dhcp6Client(_network.Stack, _network.Interface);
        _server = new Dhcp6Server(_network.Peer);
        _router = new IPv6Router(_network.Peer, "fe80::1");
    }

    private IPv6Interface IP => _network.Interface.IPv6;

    private IEnumerable<string> GlobalAddresses => IP.Addresses.ToArray()
        .Where(each => !each.Address.IsAny && !each.Address.IsLinkLocal)
        .Select(each => $"{each.Address.Text()}/{each.PrefixLength}");

    public void Dispose() => _client.Dispose();

    private void Begin(byte flags, DhcpOptions? options = null)
    {
        IP.Start();
        Assert.Null(_client.Begin(options ?? new DhcpOptions()));
        _router.Advertise(1800, flags);
    }

    private void Bind(byte flags = Managed)
    {
        Begin(flags);
        _network.RunUntil(() => _client.IsBound, 10);
    }

    private int CountOf(byte type) => _server.Types.Count(each => each == type);

    [Fact]
    public void RouterThatNamesNoServer_IsNotFollowedByAnyQuestion()
    {
        Begin(0);
        _network.RunFor(10 * Second);
        Assert.False(_client.IsSearching);
        Assert.Empty(_server.Questions);
    }

    [Fact]
    public void OtherConfiguration_IsAskedFor_WithoutAnAddress()
    {
        _server.More =
        [
            .. Addresses(23, "2001:db8::53"), .. Option(24, [3, .. "lab"u8, 0]), .. Option(59, "http://[2001:db8::7]/a.efi"),
            .. Option(60, [0, 1, (byte)'x']),
        ];
        Begin(Other);
        _network.RunUntil(() => _client.Answer is not null, 10);
        Assert.False(_client.IsBound || _client.IsSearching);
        Assert.Equal([InformationRequest], _server.Types);
        Assert.Null(Find(_server.Questions[0], 3));
        Assert.Equal("http://[2001:db8::7]/a.efi", Encoding.Latin1.GetString(_client.Answer!.BootFileUrl));
        Assert.Equal(["2001:db8::53"], IP.DnsServers.ToArray().Select(each => each.Text()));
        Assert.Equal([3, .. "lab"u8, 0], IP.SearchList.ToArray());
    }

    [Fact]
    public void Questions_SayWhatServersChooseBy()
    {
        byte[] uuid = [.. Enumerable.Range(1, 16).Select(each => (byte)each)];
        Begin(Managed, new DhcpOptions { Uuid = uuid, ClientArchitecture = 11, UserClass = "mine" });
        _network.RunUntil(() => _client.IsBound, 10);
        foreach (byte[] question in _server.Questions)
        {
            Assert.Equal([0, 4, .. uuid], Find(question, 1));
            Assert.Equal([0, 4, .. "mine"u8], Find(question, 15));
            Assert.Equal([0, 0, 1, 87, 0, 32, .. "PXEClient:Arch:00011:UNDI:003010"u8], Find(question, 16));
            Assert.Equal([0, 11], Find(question, 61));
            Assert.Equal([1, 3, 10], Find(question, 62));
            Assert.Equal(2, Find(question, 8)!.Length);
            Assert.Equal([0, 23, 0, 24, 0, 59, 0, 60, 0, 82], Find(question, 6));
        }
    }

    [Fact]
    public void WithoutUuid_TheStationsAddressIsTheIdentifier_AndClassIsIpxe()
    {
        Begin(Other);
        _network.RunUntil(() => _client.Answer is not null, 10);
        Assert.Equal([0, 3, 0, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56], Find(_server.Questions[0], 1));
        Assert.Equal([0, 4, .. "iPXE"u8], Find(_server.Questions[0], 15));
        Assert.Equal([0, 23, 0, 24, 0, 59, 0, 60, 0, 82, 0, 83, 0, 32], Find(_server.Questions[0], 6));
    }

    [Fact]
    public void Managed_BringsAnAddress_OnceNobodyObjected_ForItsTime()
    {
        _server.More = Addresses(23, "2001:db8::53", "2001:db8::54");
        Begin(Managed, null);
        _router.Advertise(1800, Managed, IPv6Router.DnsServers(600, "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"));
        _network.RunUntil(() => _client.IsBound, 10);
        Assert.Equal([Solicit, Request], _server.Types);
        Assert.Equal("2001:db8::1234", IP.Global.Text());
        Assert.Equal(128, IP.Addresses.ToArray().Single(each => each.Address == IP.Global).PrefixLength);
        Assert.Contains(_network.Peer.Solicitations, each => each.Target == IP.Global && each.Source.IsAny);
        Assert.Equal("2001:db8::1234", AddressIn(_server.Questions[1]));
        Assert.Equal(
            ["2001:db8::53", "2001:db8::54", "2001:db8::1", "2001:db8::2"], IP.DnsServers.ToArray().Select(each => each.Text()));
        _server.Deaf.UnionWith([Renew, Rebind, Solicit]);
        _network.RunFor(901 * Second);
        Assert.True(IP.Global.IsAny);
        Assert.False(_client.IsBound);
    }

    [Fact]
    public void RapidCommit_TakesTwoMessages()
    {
        _server.CommitsRapidly = true;
        Bind();
        Assert.Equal([Solicit], _server.Types);
        Assert.Equal("2001:db8::1234", IP.Global.Text());
    }

    [Theory]
    [InlineData(5, false, "one")] // More than the other's none.
    [InlineData(0, true, "one")]
    [InlineData(0, false, "two")] // Neither: the first.
    public void Server_WithTheHighestPreference_OrElseWithABootFile_IsTaken(byte preference, bool hasFile, string expected)
    {
        byte[] other = [0, 3, 0, 1, 9, 9, 9, 9, 9, 9];
        byte[] file = hasFile ? Option(59, "http://x/") : [];
        _server.Change = (question, answer) =>
        {
            if (question[0] == Solicit)
            {
                byte[] first = [2, .. question[1..4], .. Option(1, Find(question, 1)!), .. Option(2, other), .. Option(3, Find(answer, 3)!)];
                _server.Send(first);
                return [.. answer, .. Option(7, preference), .. file];
            }

            return answer;
        };
        Begin(Managed);
        _network.RunUntil(() => CountOf(Request) > 0, 10);
        byte[] asked = Find(_server.Questions.First(each => each[0] == Request), 2)!;
        Assert.Equal(expected == "one" ? _server.Identifier : other, asked);
    }

    [Fact]
    public void HighestPreference_IsNotWaitedBehind()
    {
        _server.More = Option(7, 255);
        Begin(Managed);
        _network.RunUntil(() => CountOf(Solicit) > 0, 10);
        _network.RunFor(10_000);
        Assert.Equal([Solicit, Request], _server.Types);
    }

    [Fact]
    public void Questions_WithoutAnswer_AreRepeated_EverLessOften_UpToWhatTheServerSays()
    {
        _server.Deaf.Add(InformationRequest);
        Begin(Other);
        ulong[] times = new ulong[9];
        for (int i = 0; i < times.Length; i++)
        {
            _network.RunUntil(() => _server.Questions.Count > i, 1000);
            times[i] = _network.Now;
        }

        ulong[] gaps = [.. times.Zip(times.Skip(1), (a, b) => b - a)];
        Assert.InRange(gaps[0], 900_000UL, 1_110_000UL);
        for (int i = 1; i < gaps.Length; i++)
        {
            Assert.InRange((double)gaps[i] / gaps[i - 1], 1.89, 2.11);
        }

        Assert.All(_server.Questions, each => Assert.Equal(_server.Questions[0][..4], each[..4]));
        Assert.InRange(Elapsed(_server.Questions[8]), (long)(times[8] - times[0]) / 10_000 - 2, (long)(times[8] - times[0]) / 10_000 + 2);
    }

    [Fact]
    public void SolMaxRt_OfAnAdvertisementWithoutAddresses_IsKeptTo()
    {
        _server.Refusals[Solicit] = 2;
        _server.More = Option(82, 0, 0, 0, 60);
        Begin(Managed);
        _network.RunUntil(() => _server.Questions.Count == 8, 1000);
        int count = _server.Questions.Count;
        _network.RunFor(670 * Second);
        Assert.InRange(_server.Questions.Count - count, 10, 12);
        Assert.True(_client.IsSearching);
        Assert.Equal("DHCPv6 server fe80::547 has no address left", _client.Explain());
    }

    [Fact]
    public void Lease_IsRenewed_ThenRebound_ThenAskedForAnew()
    {
        Bind();
        _network.RunFor(310 * Second);
        Assert.Equal([Solicit, Request, Renew], _server.Types);
        Assert.Equal("2001:db8::1234", AddressIn(_server.Questions[2]));
        Assert.Equal(_server.Identifier, Find(_server.Questions[2], 2));
        _server.Deaf.Add(Renew);
        _network.RunUntil(() => CountOf(Rebind) > 0, 600);
        Assert.Null(Find(_server.Questions[^1], 2));
        Assert.InRange(CountOf(Renew), 4, 6);
        _network.RunFor(Second);
        Assert.True(_client.IsBound);
        _server.Deaf.Add(Rebind);
        _network.RunUntil(() => CountOf(Solicit) > 1, 1000);
        _network.RunUntil(() => _client.IsBound, 10);
        Assert.Equal("2001:db8::1234", IP.Global.Text());
    }

    [Fact]
    public void Renewal_ThatGivesAnotherAddress_TakesTheFirstAway()
    {
        Bind();
        _server.Lease = "2001:db8::99";
        _network.RunFor(310 * Second);
        Assert.Equal(["2001:db8::99/128"], GlobalAddresses);
        Assert.True(_client.IsBound);
    }

    [Fact]
    public void Renewal_OfWhatTheServerForgot_IsRequested()
    {
        Bind();
        _server.Refusals[Renew] = 3;
        _network.RunFor(310 * Second);
        Assert.Equal([Solicit, Request, Renew, Request], _server.Types);
        Assert.Equal("2001:db8::1234", AddressIn(_server.Questions[^1]));
        Assert.True(_client.IsBound);
    }

    [Fact]
    public void Renewal_OfAServerWithoutAddresses_LeavesTheOneThatItGave_ForItsTime()
    {
        Bind();
        _server.Refusals[Renew] = _server.Refusals[Rebind] = _server.Refusals[Solicit] = 2;
        _network.RunUntil(() => CountOf(Rebind) > 1, 600);
        _network.RunFor(Second);
        Assert.True(_client.IsBound);
        Assert.Equal("2001:db8::1234", IP.Global.Text());
        _server.Refusals.Remove(Rebind);
        _network.RunFor(300 * Second);
        Assert.Equal(1, CountOf(Solicit));
        Assert.Equal("2001:db8::1234", IP.Global.Text());
    }

    [Fact]
    public void Renewal_ThatTakesTheAddressAway_BeginsAnew()
    {
        Bind();
        _server.Change = (question, answer) => question[0] == Renew
            ? [.. Begin(question, answer, _server.Identifier), .. Association(Find(question, 3)![..4], 0, 0, Entry(_server.Lease, 0, 0))]
            : answer;
        _network.RunUntil(() => CountOf(Renew) > 0, 310);
        _network.RunFor(1000);
        Assert.True(IP.Global.IsAny);
        _network.RunUntil(() => _client.IsBound, 10);
        Assert.Equal(2, CountOf(Solicit));
    }

    [Theory]
    [InlineData(2, "DHCPv6 server fe80::547 has no address left")]
    [InlineData(4, "DHCPv6 server fe80::547 says that the address is not of this link")]
    public void Refusal_OfARequest_BeginsAnew_WithoutHaste(ushort status, string reason)
    {
        _server.Refusals[Request] = status;
        Begin(Managed);
        _network.RunFor(12 * Second);
        Assert.InRange(CountOf(Request), 4, 11);
        Assert.InRange(CountOf(Solicit) - CountOf(Request), 0, 1);
        Assert.Equal(reason, _client.Explain());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)] // UseMulticast, to what was multicast.
    public void StatusThatSaysNothing_HasTheRequestRepeated(ushort status)
    {
        int requests = 0;
        _server.Change = (question, answer) => question[0] == Request && ++requests < 3 ? [.. answer, .. Status(status)] : answer;
        Bind();
        Assert.Equal([Solicit, Request, Request, Request], _server.Types);
    }

    [Fact]
    public void Server_ThatDoesNotKeepItsWord_IsTakenOnlyWithoutAnother()
    {
        byte[] rogue = [0, 3, 0, 1, 0xBA, 0xDB, 0xAD, 0xBA, 0xDB, 0xAD];
        byte[] honest = _server.Identifier;
        _server.Change = (question, answer) =>
        {
            if (question[0] == Solicit)
            {
                _server.Send([.. Begin(question, answer, rogue), .. Option(3, Find(answer, 3)!), .. Option(7, 255)]);
            }

            return answer;
        };
        Begin(Managed);
        _network.RunUntil(() => _client.IsBound, 12);
        Assert.Equal(3, _server.Questions.Count(each => each[0] == Request && Find(each, 2)!.SequenceEqual(rogue)));
        Assert.Equal(honest, _client.Answer!.ServerIdentifier.ToArray());
    }

    [Fact]
    public void ServerThatRefusesEveryRequest_IsAskedEverLessOften_UntilItGives()
    {
        _server.Refusals[Request] = 2;
        Begin(Managed);
        _network.RunFor(300 * Second);
        Assert.InRange(CountOf(Request), 12, 16);
        _server.Refusals.Clear();
        _network.RunUntil(() => _client.IsBound, 35);
        _server.Refusals[Renew] = 3;
        _server.Refusals[Request] = 2;
        int count = CountOf(Request);
        _network.RunUntil(() => CountOf(Request) > count, 310);
        _network.RunFor(5 * Second);
        Assert.InRange(CountOf(Request) - count, 3, 4);
    }

    [Fact]
    public void ServersThatDoNotKeepTheirWordInTurn_DoNotKeepAnotherAway()
    {
        byte[][] rogues = [.. Enumerable.Range(1, 4).Select(each => (byte[])[0, 3, 0, 1, 0xBA, 0xDB, 0xAD, 0xBA, 0xDB, (byte)each])];
        _server.Change = (question, answer) =>
        {
            foreach (byte[] rogue in question[0] == Solicit ? rogues : [])
            {
                _server.Send([.. Begin(question, answer, rogue), .. Option(3, Find(answer, 3)!), .. Option(7, 255)]);
            }

            return answer;
        };
        Begin(Managed);
        _network.RunUntil(() => _client.IsBound, 60);
        Assert.Equal(_server.Identifier, _client.Answer!.ServerIdentifier.ToArray());
    }

    [Fact]
    public void HighestPreference_AfterAServerDidNotKeepItsWord_IsNotTakenBeforeOthersAreHeard()
    {
        byte[] hasty = [0, 3, 0, 1, 9, 9, 9, 9, 9, 9];
        _server.Refusals[Request] = 2;
        _server.More = Option(7, 255);
        Begin(Managed);
        _network.RunUntil(() => CountOf(Request) > 0, 10);
        _server.Refusals.Clear();
        _server.Identifier = [0, 3, 0, 1, 7, 7, 7, 7, 7, 7];
        _server.Change = (question, answer) =>
        {
            if (question[0] == Solicit)
            {
                _server.Send([.. Begin(question, answer, hasty), .. Option(3, Find(answer, 3)!), .. Option(7, 255)]);
                _network.Time.After(50_000, () => _server.Send([.. answer, .. Option(59, "http://x/")]));
                return null;
            }

            return answer;
        };
        _network.RunUntil(() => CountOf(Request) > 1, 10);
        Assert.Equal(_server.Identifier, Find(_server.Questions[^1], 2));
    }

    [Fact]
    public void RefusalInPlaceOfAnAdvertisement_DoesNotEndTheCollection()
    {
        byte[] rogue = [0, 3, 0, 1, 0xBA, 0xDB, 0xAD, 0xBA, 0xDB, 0xAD];
        _server.Change = (question, answer) =>
        {
            if (question[0] == Solicit)
            {
                byte[] refusal = Association(Find(question, 3)![..4], 0, 0, Status(2));
                _server.Send([Reply, .. Begin(question, answer, rogue)[1..], .. Option(14), .. refusal]);
            }

            return answer;
        };
        Bind();
        Assert.Equal([Solicit, Request], _server.Types);
    }

    [Fact]
    public void LeaseThatEndsBeforeItsAddressIsTested_IsCalledTooShort()
    {
        _server.Times = (0, 0, 1, 1);
        Begin(Managed);
        _network.RunFor(4 * Second);
        Assert.Equal("DHCPv6's lease of 2001:db8::1234 is too short: it ended while the address was tested", _client.Explain());
        Assert.Null(_client.Answer);
    }

    [Fact]
    public void LeaseThatIsLost_TakesWhatWasSaidWithItAway()
    {
        Bind();
        Assert.NotNull(_client.Answer);
        _server.Deaf.UnionWith([Renew, Rebind, Solicit]);
        _network.RunFor(901 * Second);
        Assert.Null(_client.Answer);
    }

    [Fact]
    public void LeaseThatIsToBeUsedForNothingNew_IsRenewedInHalfOfItsValidTime()
    {
        _server.Times = (0, 0, 0, 900);
        Bind();
        _network.RunFor(440 * Second);
        Assert.Equal([Solicit, Request], _server.Types);
        _network.RunFor(20 * Second);
        Assert.Equal([Solicit, Request, Renew], _server.Types);
    }

    [Theory]
    [InlineData(Solicit)]
    [InlineData(Request)]
    public void ServerWithoutAddresses_IsAskedOnceForInformation_BesideAnAddressOfARouters(byte refused)
    {
        _server.Refusals[refused] = 2;
        _server.More = [.. Addresses(23, "2001:db8::53"), .. Option(59, "http://[2001:db8::7]/a.efi")];
        Begin(Managed | Other);
        _router.Advertise(1800, Managed | Other, IPv6Router.OnLinkPrefix);
        _network.RunUntil(() => _client.Answer is not null, 10);
        Assert.False(_client.IsSearching || _client.IsBound);
        Assert.Equal("2001:db8::53", Assert.Single(IP.DnsServers.ToArray()).Text());
        _network.RunFor(20 * Second);
        Assert.Equal(1, CountOf(InformationRequest));
        Assert.Equal("http://[2001:db8::7]/a.efi", Encoding.Latin1.GetString(_client.Answer!.BootFileUrl));
        _server.Refusals.Clear();
        _network.RunUntil(() => _client.IsBound, 60);
    }

    [Fact]
    public void ServerWithoutAddresses_ThatHasNoInformationEither_IsStillAskedForAnAddress()
    {
        _server.Refusals[Solicit] = 2;
        _server.Deaf.Add(InformationRequest);
        Begin(Managed | Other);
        _network.RunFor(30 * Second);
        Assert.Equal(3, CountOf(InformationRequest));
        Assert.True(_client.IsSearching);
        _server.Refusals.Clear();
        _network.RunUntil(() => _client.IsBound, 60);
    }

    [Fact]
    public void Refusal_BesideAnOffer_HasNoInformationAskedFor()
    {
        _server.Change = (question, answer) =>
        {
            if (question[0] == Solicit)
            {
                _network.Time.After(950_000, () => _server.Send(answer)); // Just before the question is repeated.
                return [.. Begin(question, answer, [0, 3, 0, 1, 9, 9, 9, 9, 9, 9]), .. Association(Find(question, 3)![..4], 0, 0, Status(2))];
            }

            return answer;
        };
        Bind(Managed | Other);
        Assert.Equal(0, CountOf(InformationRequest));
    }

    [Fact]
    public void Address_ThatAnotherHostHas_IsDeclined_AndAnotherIsTaken()
    {
        _server.Change = (question, answer) =>
        {
            _server.Lease = question[0] == Decline ? "2001:db8::5678" : _server.Lease;
            if (question[0] == Request && _server.Lease == "2001:db8::1234")
            {
                IPAddress lease = IPv6Router.Parse(_server.Lease);
                _network.Time.After(10_000, () => _network.Peer.SendAdvertisement(lease, IPv6Router.Parse("ff02::1"), 0x20, PeerHost.Mac));
            }

            return answer;
        };
        Bind();
        Assert.Equal([Solicit, Request, Decline, Solicit, Request], _server.Types);
        Assert.Equal("2001:db8::1234", AddressIn(_server.Questions[2]));
        Assert.Equal(_server.Identifier, Find(_server.Questions[2], 2));
        Assert.Null(Find(_server.Questions[2], 6)); // RFC 8415, appendix B
        Assert.Equal("2001:db8::5678", IP.Global.Text());
    }

    [Fact]
    public void NetworkInWhichEveryAddressIsTaken_IsAskedWithoutHaste()
    {
        int number = 0;
        _server.Change = (question, answer) =>
        {
            if (question[0] == Solicit)
            {
                _server.Lease = $"2001:db8::{++number}";
            }
            else if (question[0] == Request)
            {
                IPAddress lease = IPv6Router.Parse(_server.Lease);
                _network.Time.After(1000, () => _network.Peer.SendAdvertisement(lease, IPv6Router.Parse("ff02::1"), 0x20, PeerHost.Mac));
            }

            return answer;
        };
        Begin(Managed);
        _network.RunFor(60 * Second);
        Assert.InRange(CountOf(Decline), 5, 8);
        Assert.StartsWith("another host has 2001:db8::", _client.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void AddressThatRoutersGaveToo_StaysTheirs()
    {
        _server.Lease = "2001:db8::5054:ff:fe12:3456";
        Begin(Managed);
        _router.Advertise(1800, Managed, IPv6Router.OnLinkPrefix);
        _network.RunUntil(() => _client.IsBound, 10);
        _server.Lease = "2001:db8::1234";
        _network.RunFor(310 * Second);
        Assert.Equal(
            ["2001:db8::5054:ff:fe12:3456/64", "2001:db8::1234/128"],
            GlobalAddresses);
    }

    [Fact]
    public void AddressThatTheUserSetToo_StaysHis()
    {
        Bind();
        IP.SetStatic(IP.Global, 64, default);
        _server.Lease = "2001:db8::99";
        _network.RunFor(310 * Second);
        Assert.Equal(
            ["2001:db8::1234/64", "2001:db8::99/128"],
            IP.Addresses.ToArray().Where(each => !each.Address.IsAny && !each.Address.IsLinkLocal).Select(each => $"{each.Address.Text()}/{each.PrefixLength}"));
    }

    [Fact]
    public void NameServers_OfAnAnswer_TakeThePlaceOfThoseOfTheLast_AndLeaveTheRoutersAlone()
    {
        _server.More = Addresses(23, "2001:db8::53", "2001:db8::54", "2001:db8::55", "2001:db8::56");
        Begin(Managed);
        _router.Advertise(1800, Managed, IPv6Router.DnsServers(86400, "2001:db8::1", "2001:db8::53"));
        _network.RunUntil(() => _client.IsBound, 10);
        Assert.Equal(["2001:db8::53", "2001:db8::54", "2001:db8::55", "2001:db8::1"], IP.DnsServers.ToArray().Select(each => each.Text()));
        _server.More = Addresses(23, "2001:db8::57", "2001:db8::58", "2001:db8::59");
        _network.RunFor(310 * Second);
        Assert.Equal(["2001:db8::57", "2001:db8::58", "2001:db8::59", "2001:db8::1"], IP.DnsServers.ToArray().Select(each => each.Text()));
        Assert.Equal(["2001:db8::1", "2001:db8::53"], IP.AdvertisedDnsServers.ToArray().Select(each => each.Text()));
        _server.Deaf.UnionWith([Renew, Rebind, Solicit]);
        _network.RunFor(901 * Second);
        Assert.Equal(["2001:db8::1", "2001:db8::53"], IP.DnsServers.ToArray().Select(each => each.Text()));
    }

    [Fact]
    public void Flags_ThatComeLater_AreFollowed()
    {
        Begin(0);
        _network.RunFor(3 * Second);
        _router.Advertise(1800, Other);
        _network.RunFor(2 * Second);
        _router.Advertise(1800, Managed | Other);
        _network.RunUntil(() => _client.IsBound, 10);
        Assert.Equal([InformationRequest, Solicit, Request], _server.Types);
    }

    [Fact]
    public void Information_IsAskedForAgain_WhenItsTimeIsOver()
    {
        _server.More = Option(32, 0, 0, 0, 1); // Less than ten minutes means ten minutes.
        Begin(Other);
        _network.RunFor(590 * Second);
        Assert.Single(_server.Questions);
        _network.RunFor(20 * Second);
        Assert.Equal(2, _server.Questions.Count);
    }

    [Fact]
    public void Begin_WhenBound_AsksAgain_WithWhatIsSaidNow()
    {
        Bind();
        Assert.Null(_client.Begin(new DhcpOptions { UserClass = "second" }));
        Assert.True(_client.IsSearching && _client.IsBound);
        _network.RunUntil(() => !_client.IsSearching, 2);
        Assert.Equal([Solicit, Request, Renew], _server.Types);
        Assert.Equal([0, 6, .. "second"u8], Find(_server.Questions[2], 15));
    }

    [Fact]
    public void Begin_WhileAnAddressIsTested_LeavesNothingOfIt()
    {
        Begin(Managed);
        _network.RunUntil(() => IP.Addresses.ToArray().Any(each => each.Address == IPv6Router.Parse("2001:db8::1234")), 10);
        _server.Lease = "2001:db8::99";
        Assert.Null(_client.Begin(new DhcpOptions()));
        _network.RunUntil(() => _client.IsBound, 10);
        Assert.Equal(["2001:db8::99"], IP.Addresses.ToArray().Where(each => !each.Address.IsAny && !each.Address.IsLinkLocal).Select(each => each.Address.Text()));
    }

    [Fact]
    public void Interface_ThatIsClosedAndOpenedAgain_BeginsAnew()
    {
        Bind();
        _network.Interface.Close();
        Assert.Null(_network.Interface.Open());
        IP.Start();
        _network.RunFor(100_000);
        Assert.False(_client.IsBound);
        Assert.Null(_client.Answer);
        _router.Advertise(1800, Managed);
        _network.RunUntil(() => _client.IsBound, 10);
    }

    [Fact]
    public void MessagesThatAreNotTheAnswer_AreDroppedAndCounted()
    {
        byte[][] wrong = [];
        _server.Change = (question, answer) =>
        {
            byte[] client = Option(1, Find(question, 1)!);
            byte[] server = Option(2, _server.Identifier);
            byte[] lease = Option(3, Find(question[0] == Solicit ? answer : question, 3)!);
            wrong =
            [
                [], [7], [7, .. question[1..4]], [7, .. question[1..4], .. client, .. lease], [7, .. question[1..4], .. server, .. lease],
                [answer[0], (byte)(question[1] ^ 1), .. answer[2..]], [10, .. answer[1..]],
                [.. answer[..4], .. Option(1, 0, 3, 9), .. server, .. lease],
            ];
            foreach (byte[] each in wrong)
            {
                _server.Send(each);
            }

            return question[0] == Solicit && CountOf(Solicit) == 1 ? null : answer;
        };
        Begin(Managed);
        _network.RunFor(900_000);
        _network.RunUntil(() => CountOf(Solicit) == 1, 3);
        _network.RunFor(500_000);
        Assert.Equal([Solicit], _server.Types);
        Assert.Equal((ulong)wrong.Length, _client.Dropped);
        _network.RunUntil(() => _client.IsBound, 10);
    }

    [Fact]
    public void DamagedAnswer_IsNamed_WithServerOptionAndOffset()
    {
        _server.Change = (question, answer) => [.. answer, 0, 23, 0, 16, 1];
        Begin(Managed);
        _network.RunUntil(() => _client.Dropped > 0, 10);
        int offset = 4 + 14 + 14 + 4 + 12 + 28;
        Assert.Equal($"DHCPv6 server fe80::547: option 23 (DNS_SERVERS) is damaged, at byte {offset}", _client.Explain());
        Assert.True(_client.IsSearching);
    }

    private static byte[] Begin(byte[] question, byte[] answer, byte[] server) =>
        [.. answer[..4], .. Option(1, Find(question, 1)!), .. Option(2, server)];

    private static long Elapsed(byte[] question) => Find(question, 8) is byte[] time ? (time[0] << 8) | time[1] : -1;
}
