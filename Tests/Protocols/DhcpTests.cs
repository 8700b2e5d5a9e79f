using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using IPv4Address = NetBoot.NetworkStack.Wire.IPv4Address;

namespace NetBoot.Tests.Protocols;

public class DhcpTests
{
    private static readonly byte[] s_pxeClient = DhcpBytes.Option(60, "PXEClient");
    private readonly PeerWire _wire = new();
    private readonly DhcpServer _server;
    private readonly DhcpClient _client;
    private readonly List<byte[]> _frames = [];
    private readonly DhcpOptions _options = new() { ProbeTime = 0, Uuid = Enumerable.Range(0, 16).Select(i => (byte)i).ToArray() };

    public DhcpTests()
    {
        _server = new DhcpServer(_wire.AddHost("192.0.2.1"));
        _client = new DhcpClient(_wire.Network, _wire.Interface);
        _wire.OnClientFrame = _frames.Add;
    }

    [Fact]
    public void Configure_WithBootFileInFirstOffer_WaitsForNothing()
    {
        (_server.Next, _server.File) = ("192.0.2.1", "boot/netboot.efi");
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 0u, 5_000u);
        DhcpLease lease = _wire.Interface.Lease!;
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
        Assert.Equal("255.255.255.0", _wire.Interface.Netmask.Text());
        Assert.Equal("192.0.2.1", _wire.Interface.Gateway.Text());
        Assert.Equal(["192.0.2.1", "8.8.8.8"], _wire.Interface.DnsServers.ToArray().Select(s => s.Text()));
        Assert.Equal("example.org", _wire.Interface.Domain);
        Assert.Equal("boot/netboot.efi", lease.FileName);
        Assert.Equal("192.0.2.1", lease.NextServer.Text());
        Assert.Null(lease.Proxy);
    }

    [Fact]
    public void Configure_WithAnAddressThatNobodyHas_AsksForItOnTheLinkFirst()
    {
        _server.File = "x";
        _options.ProbeTime = 50_000;
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 50_000u, 60_000u);
        byte[] probe = Assert.Single(_frames, each => each[12] == 8 && each[13] == 6);
        Assert.Equal([0, 0, 0, 0], probe[28..32]); // RFC 5227, 2.1.1: whoever hears it learns nothing.
        Assert.Equal([192, 0, 2, 50], probe[38..42]);
    }

    [Theory]
    [InlineData("192.0.2.51")] // the server gives another
    [InlineData("192.0.2.50")] // a router answers for every address
    public void Configure_WithAnotherStationsAddress_DeclinesItOnce(string next)
    {
        _wire.AddHost("192.0.2.50");
        _server.File = "x";
        _options.ProbeTime = 50_000;
        _server.Declined = () => _server.Your = next;
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.Equal(next, _wire.Interface.Address.Text());
        byte[] decline = Assert.Single(_server.Declines);
        Assert.Equal([192, 0, 2, 50], DhcpBytes.Find(decline, 50)!);
        Assert.Equal([192, 0, 2, 1], DhcpBytes.Find(decline, 54)!);
        Assert.Equal(new byte[4], decline[12..16]);
        Assert.InRange(_wire.Now - start, 10_000_000u, 11_000_000u); // RFC 2131, 3.1.5
    }

    [Fact]
    public void Configure_WhereThereIsTls_SaysSo()
    {
        _server.File = "x";
        _options.HasTls = true;
        PeerWire.Assert(Configure());
        Assert.Equal([20, 1, 1, 17, 1, 1, 19, 1, 1, 21, 1, 1, 23, 1, 1, 36, 1, 1, 38, 1, 1], DhcpBytes.Find(Assert.Single(_server.Discovers), 175));
    }

    [Fact]
    public void Configure_TellsServersWhatTheyKeyOn()
    {
        _server.File = "x";
        _options.ClientArchitecture = 11;
        _options.HostName = "blade7";
        PeerWire.Assert(Configure());
        byte[] discover = Assert.Single(_server.Discovers);
        byte[] request = Assert.Single(_server.Requests);
        foreach (byte[] message in new[] { discover, request })
        {
            Assert.Equal("PXEClient:Arch:00011:UNDI:003010"u8.ToArray(), DhcpBytes.Find(message, 60));
            Assert.Equal("iPXE"u8.ToArray(), DhcpBytes.Find(message, 77));
            Assert.Equal([0, 11], DhcpBytes.Find(message, 93));
            Assert.Equal([1, 3, 10], DhcpBytes.Find(message, 94));
            Assert.Equal([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], DhcpBytes.Find(message, 97));
            Assert.Equal([1, 0x52, 0x54, 0, 0, 0, 1], DhcpBytes.Find(message, 61));
            Assert.Equal([5, 192], DhcpBytes.Find(message, 57)); // 1472
            Assert.Equal("blade7"u8.ToArray(), DhcpBytes.Find(message, 12));
            Assert.Equal([17, 1, 1, 19, 1, 1, 21, 1, 1, 23, 1, 1, 36, 1, 1, 38, 1, 1], DhcpBytes.Find(message, 175));
            Assert.Subset(DhcpBytes.Find(message, 55)!.ToHashSet(), new HashSet<byte> { 1, 3, 6, 12, 15, 17, 26, 42, 43, 66, 67, 119, 175 });
            Assert.True(message.Length >= 300);
            Assert.Equal(0x80, message[10]);
        }

        Assert.Equal([192, 0, 2, 50], DhcpBytes.Find(request, 50));
        Assert.Equal([192, 0, 2, 1], DhcpBytes.Find(request, 54));
        Assert.Equal(discover[4..8], request[4..8]);
    }

    [Fact]
    public void Configure_WithoutBootFile_WaitsForProxyDhcpForTwoSeconds()
    {
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 2_000_000u, 2_100_000u);
        Assert.Equal("", _wire.Interface.Lease!.FileName);
    }

    [Fact]
    public void Configure_WithoutBootFileWanted_DoesNotWait()
    {
        _options.WantsBootFile = false;
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 0u, 5_000u);
    }

    [Fact]
    public void Configure_WithoutBootFileWanted_HearsBootServersBesideWhatFollows()
    {
        _options.WantsBootFile = false;
        PeerHost proxy = Proxy("192.0.2.9", "", "", delay: 300_000);
        proxy.OnUdp(4011, (client, packet) =>
            proxy.SendUdp(4011, client, DhcpBytes.Reply(packet, "", "192.0.2.8", [.. DhcpBytes.Option(53, 5), .. s_pxeClient], "menu.efi")));
        PeerWire.Assert(Configure());
        Assert.Equal("", _wire.Interface.Lease!.FileName);
        ulong start = _wire.Now;
        PeerWire.Assert(_client.WaitForBootServer());
        Assert.InRange(_wire.Now - start, 1_900_000u, 2_100_000u);
        Assert.Equal("menu.efi", _wire.Interface.Lease!.FileName);
        Assert.Equal("example.org", _wire.Interface.Domain);
        start = _wire.Now;
        PeerWire.Assert(_client.WaitForBootServer());
        Assert.Equal(start, _wire.Now);
    }

    [Fact]
    public void Lease_WhenHalfOfItIsOver_IsRenewedAtItsServer()
    {
        _server.File = "x";
        _server.LeaseTime = 200;
        PeerWire.Assert(Configure());
        RunFor(99_000_000);
        Assert.Single(_server.Requests);
        for (int i = 2; i < 5; i++)
        {
            RunFor(100_000_000);
            Assert.Equal(i, _server.Requests.Count);
            byte[] request = _server.Requests[^1];
            Assert.Equal([192, 0, 2, 50], request[12..16]);
            Assert.Null(DhcpBytes.Find(request, 54)); // RFC 2131, 4.3.2
            Assert.Null(DhcpBytes.Find(request, 50));
            Assert.Equal("iPXE"u8.ToArray(), DhcpBytes.Find(request, 77));
        }

        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
        Assert.Equal("example.org", _wire.Interface.Domain);
        Assert.Single(_server.Discovers);
    }

    [Fact]
    public void Lease_WhoseServerIsGone_IsRebound_AndInTheEndNotUsed()
    {
        _server.File = "x";
        _server.LeaseTime = 200;
        PeerWire.Assert(Configure());
        _server.Ignores = int.MaxValue;
        List<bool> broadcasts = [];
        _wire.OnClientFrame = frame => broadcasts.Add(frame[0] == 0xFF && frame[13] == 0 && frame[23] == 17);
        RunFor(170_000_000);
        Assert.DoesNotContain(true, broadcasts);
        RunFor(10_000_000);
        Assert.Contains(true, broadcasts);
        RunFor(15_000_000);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
        RunFor(10_000_000);
        Assert.True(_wire.Interface.Address.IsAny);
        _server.Ignores = 0; // The search begins anew.
        RunFor(15_000_000);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
    }

    [Theory]
    [InlineData(200, true, 1)]
    [InlineData(200, false, 0)] // Nobody knows whom to ask,
    [InlineData(-1, true, 0)] // or when.
    public void Lease_OfTheFirmware_IsRenewedUnderItsName_WhereServerAndTimeAreKnown(int time, bool hasServer, int renewals)
    {
        byte[] ack = DhcpBytes.Reply(
            new byte[240], "192.0.2.50", "",
            [
                .. DhcpBytes.Option(53, 5), .. DhcpBytes.Option(1, 255, 255, 255, 0), .. DhcpBytes.Option(51, BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(time))),
                .. hasServer ? DhcpBytes.Option(54, 192, 0, 2, 1) : [],
            ]);
        (ack[1], ack[2]) = (1, 6);
        new byte[] { 0x63, 0x82, 0x53, 0x63 }.CopyTo(ack, 236);
        PeerWire.Assert(DhcpLease.FromPackets(ack, default, out Error? error)!.ApplyTo(_wire.Interface));
        Assert.Null(error);
        _options.ClientIdentifier = [0, 1, 2, 3];
        _client.Adopt(_wire, _options);
        RunFor(99_000_000);
        Assert.Empty(_server.Requests);
        RunFor(10_000_000);
        Assert.Equal(renewals, _server.Requests.Count);
        Assert.All(_server.Requests, request => Assert.Equal([0, 1, 2, 3], DhcpBytes.Find(request, 61)));
        RunFor(200_000_000);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Lease_ThatAnotherConfigurationReplaced_IsNotRenewed()
    {
        _server.File = "x";
        _server.LeaseTime = 200;
        PeerWire.Assert(Configure());
        _wire.Interface.ClearConfiguration();
        RunFor(400_000_000);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public void Configure_OnTwoInterfaces_KeepsBothLeases()
    {
        _server.File = "x";
        PeerWire other = new(2);
        NetworkInterface second = new("net1", other.Link);
        _wire.Network.Add(second);
        PeerWire.Assert(second.Open());
        PeerWire.Assert(Configure());
        Assert.Equal("DHCP on net1: no offer in 3 s", new DhcpClient(_wire.Network, second).Configure(_wire, new DhcpOptions { Timeout = 3_000_000 })!.Message);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
    }

    [Theory]
    [InlineData(17, new byte[] { (byte)'i', (byte)'s', (byte)'c', (byte)'s', (byte)'i', (byte)':' })] // a root path
    [InlineData(175, new byte[] { 176, 1, 1 })] // there is no ProxyDHCP
    public void Configure_WithOtherSignsThatNothingMoreComes_DoesNotWait(byte tag, byte[] value)
    {
        _server.Options = [.. _server.Options, .. DhcpBytes.Option(tag, value)];
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 0u, 5_000u);
    }

    [Fact]
    public void Configure_WithProxyDhcpThatNamesTheFile_TakesItFromThere()
    {
        PeerHost proxy = Proxy("192.0.2.9", "proxy.efi", "192.0.2.9", delay: 300_000);
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 300_000u, 310_000u);
        Assert.Equal("proxy.efi", _wire.Interface.Lease!.FileName);
        Assert.Equal("192.0.2.9", _wire.Interface.Lease.NextServer.Text());
        Assert.NotNull(_wire.Interface.Lease.Proxy);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Configure_WithProxyDhcpWithoutNextServer_BootsFromTheProxy()
    {
        Proxy("192.0.2.9", "proxy.efi", "", delay: 0);
        PeerWire.Assert(Configure());
        Assert.Equal("192.0.2.9", _wire.Interface.Lease!.NextServer.Text());
    }

    [Fact]
    public void Configure_WithBothNamingAFile_TakesTheAddresssServersOwn()
    {
        _server.File = "own.efi";
        _server.Delay = 10_000;
        Proxy("192.0.2.9", "proxy.efi", "192.0.2.9", delay: 0);
        PeerWire.Assert(Configure());
        Assert.Equal("own.efi", _wire.Interface.Lease!.FileName);
        Assert.NotNull(_wire.Interface.Lease.Proxy);
    }

    [Fact]
    public void Configure_WithProxyDhcpThatNamesNoFile_AsksItOnPort4011()
    {
        PeerHost proxy = Proxy("192.0.2.9", "", "", delay: 0);
        byte[]? asked = null;
        proxy.OnUdp(4011, (client, packet) =>
        {
            asked = packet;
            Assert.Equal("192.0.2.50:68", client.Text());
            proxy.SendUdp(4011, client, DhcpBytes.Reply(packet, "", "192.0.2.8", [.. DhcpBytes.Option(53, 5), .. DhcpBytes.Option(54, 192, 0, 2, 9), .. s_pxeClient], "menu.efi"));
        });
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 2_000_000u, 2_100_000u);
        Assert.Equal([3], DhcpBytes.Find(asked!, 53));
        Assert.Equal([192, 0, 2, 50], asked![12..16]);
        Assert.Equal("menu.efi", _wire.Interface.Lease!.FileName);
        Assert.Equal("192.0.2.8", _wire.Interface.Lease.NextServer.Text());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // only asked on port 4011
    public void Configure_WithProxyDhcpThatSendsAMenu_TakesItFromThere(bool isAsked)
    {
        byte[] menu = DhcpBytes.Option(43, 9, 4, 0, 5, 1, 65, 255);
        PeerHost proxy = _wire.AddHost("192.0.2.9");
        byte[] Answer(byte[] packet, byte type, byte[] options) =>
            DhcpBytes.Reply(packet, "", "", [.. DhcpBytes.Option(53, type), .. DhcpBytes.Option(54, 192, 0, 2, 9), .. s_pxeClient, .. options]);
        proxy.OnUdp(67, (_, packet) => proxy.SendUdp(67, new IPEndpoint(IPv4Address.Broadcast, 68), Answer(packet, 2, isAsked ? [] : menu)));
        proxy.OnUdp(4011, (client, packet) => proxy.SendUdp(4011, client, Answer(packet, 5, menu)));
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.Equal(isAsked, _wire.Now - start > 100_000);
        Assert.True(_wire.Interface.Lease!.HasBootMenu);
        PeerWire.Assert(_wire.Interface.Lease.ReadPxe(out PxeOptions options));
        Assert.Equal([0, 5, 1, 65], options.Menu.ToArray());
    }

    [Fact]
    public void Configure_FromServerThatIsBootServerToo_AsksItOnPort4011()
    {
        _server.Options = [.. _server.Options, .. s_pxeClient];
        PeerHost host = _wire.AddHost("192.0.2.1");
        host.OnUdp(4011, (client, packet) => host.SendUdp(4011, client, DhcpBytes.Reply(packet, "", "", [.. DhcpBytes.Option(53, 5), .. s_pxeClient], "wdsmgfw.efi")));
        PeerWire.Assert(Configure());
        Assert.Equal("wdsmgfw.efi", _wire.Interface.Lease!.FileName);
    }

    [Fact]
    public void Configure_WithBootServerThatDoesNotAnswer_KeepsTheAddress()
    {
        PeerHost proxy = Proxy("192.0.2.9", "", "", delay: 0);
        int asked = 0;
        proxy.OnUdp(4011, (_, _) => asked++);
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 5_000_000u, 5_100_000u);
        Assert.Equal(3, asked);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Configure_WithSecondServerThatNamesTheFile_TakesThatOne()
    {
        DhcpServer second = new(_wire.AddHost("192.0.2.3")) { Your = "192.0.2.60", File = "x.efi", Delay = 700_000 };
        PeerWire.Assert(Configure());
        Assert.Equal("192.0.2.60", _wire.Interface.Address.Text());
        Assert.Equal("x.efi", _wire.Interface.Lease!.FileName);
    }

    [Fact]
    public void Configure_WithLostMessages_RepeatsThem()
    {
        _server.File = "x";
        _server.Ignores = 2;
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 2_625_000u, 3_475_000u); // after 1 and 2 s more, each a little sooner or later
        Assert.Equal(3, _server.Discovers.Count);
        Assert.InRange(_server.Discovers[2][9], 2, 3);
    }

    [Fact]
    public void Configure_WithoutServer_GivesUp()
    {
        _server.Ignores = int.MaxValue;
        Assert.Equal("DHCP on net0: no offer in 45 s", Configure()!.Message);
        Assert.InRange(_server.Discovers.Count, 8, 9); // after about 0, 1, 3, 7, 15, 23, 31, 39 and perhaps before 45 s
        Assert.True(_wire.Interface.Address.IsAny);
    }

    [Fact]
    public void Configure_WithProxyOnly_SaysThatNobodyOffersAnAddress()
    {
        _server.Ignores = int.MaxValue;
        Proxy("192.0.2.9", "x", "", delay: 0);
        Assert.Equal("DHCP on net0: a boot server answered, but nobody offers an address", Configure()!.Message);
    }

    [Fact]
    public void Configure_WithRefusals_BeginsAnewAndGivesUp()
    {
        (_server.Refuses, _server.File) = (true, "x");
        Assert.Equal("DHCP on net0: every offer was refused when it was asked for", Configure()!.Message);
        Assert.InRange(_server.Discovers.Count, 30, 46); // one a second
    }

    [Fact]
    public void Configure_WithRefusalAtFirst_TakesTheNextOffer()
    {
        (_server.Refuses, _server.File) = (true, "x");
        _wire.After(500_000, () => _server.Refuses = false);
        PeerWire.Assert(Configure());
        Assert.Equal(2, _server.Requests.Count);
        Assert.NotEqual(_server.Requests[0][4..8], _server.Requests[1][4..8]);
    }

    [Fact]
    public void Configure_WithoutAcknowledgement_GivesUp()
    {
        (_server.Acknowledges, _server.File) = (false, "x");
        Assert.Equal("DHCP on net0: 192.0.2.1 offered 192.0.2.50, but does not acknowledge it", Configure()!.Message);
    }

    [Fact]
    public void Configure_WithoutLink_WaitsForIt()
    {
        _server.File = "x";
        _wire.IsUp = false;
        _wire.After(4_000_000, () => _wire.IsUp = true);
        ulong start = _wire.Now;
        PeerWire.Assert(Configure());
        Assert.InRange(_wire.Now - start, 4_000_000u, 4_010_000u);
        _wire.IsUp = false;
        Error error = Configure()!;
        Assert.Equal("DHCP on net0: no link after 15 s", error.Message);
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, error.Status);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Configure_Again_WorksFromTheConfiguredInterface()
    {
        _server.File = "x";
        PeerWire.Assert(Configure());
        _server.Your = "192.0.2.51";
        PeerWire.Assert(Configure());
        Assert.Equal("192.0.2.51", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Configure_StoppedByTheUser_LeavesTheInterfaceAsItWas()
    {
        _wire.OnTurn = () => _wire.Now < 1_500_000;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, Configure()!.Status);
        Assert.Null(_wire.Interface.Lease);
    }

    [Fact]
    public void Configure_WithMessagesForOthersAndDamagedOnes_IsNotMisled()
    {
        _server.File = "x";
        _server.Delay = 200_000;
        PeerHost evil = _wire.AddHost("192.0.2.66");
        evil.OnUdp(67, (_, packet) =>
        {
            IPEndpoint client = new(IPv4Address.Broadcast, 68);
            byte[] offer = DhcpBytes.Reply(packet, "192.0.2.99", "", [.. DhcpBytes.Option(53, 2), .. DhcpBytes.Option(54, 192, 0, 2, 66)], "evil");
            foreach ((int at, byte value) in new[] { (0, (byte)1), (4, (byte)(offer[4] ^ 1)), (33, (byte)9), (236, (byte)0), (1, (byte)6), (2, (byte)16), (16, (byte)255), (16, (byte)127) })
            {
                byte[] wrong = [.. offer];
                wrong[at] = value;
                evil.SendUdp(67, client, wrong);
            }

            evil.SendUdp(67, client, offer.AsSpan(0, 239));
            evil.SendUdp(67, client, []);
            evil.SendUdp(67, client, new byte[1472]);
        });
        PeerWire.Assert(Configure());
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Configure_WithAnyOptions_EndsWithAResult() => Prop.ForAll<byte[]>(noise =>
    {
        PeerWire wire = new();
        DhcpServer server = new(wire.AddHost("192.0.2.1")) { Options = noise };
        new DhcpClient(wire.Network, wire.Interface).Configure(wire, new DhcpOptions { Timeout = 5_000_000 });
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TryLoad_JoinsLongOptionsAcrossOverloadedFields()
    {
        byte[] reply = DhcpBytes.Reply(Request(), "192.0.2.50", "",
            [.. DhcpBytes.Option(43, 1, 2), .. DhcpBytes.Option(52, 3), .. DhcpBytes.Option(67, "bo"), 0, 0, .. DhcpBytes.Option(43, 3)]);
        DhcpBytes.Option(43, 4, 5).CopyTo(reply, 108);
        DhcpBytes.Option(67, "ot.efi").CopyTo(reply, 112);
        DhcpBytes.Option(52, 3).CopyTo(reply, 120); // an overload option in an overloaded field leads nowhere
        reply[123] = 255;
        DhcpBytes.Option(43, 6).CopyTo(reply, 44);
        reply[47] = 255;
        DhcpMessage message = Load(reply);
        Assert.True(message.TryGetOption(43, out ReadOnlySpan<byte> value));
        Assert.Equal([1, 2, 3, 4, 5, 6], value.ToArray());
        Assert.Equal("boot.efi"u8.ToArray(), message.FileName.ToArray());
        Assert.True(message.ServerName.IsEmpty);
        Assert.False(message.IsDamaged);
    }

    [Fact]
    public void TryLoad_WithOptionBeyondTheEnd_KeepsWhatCameBefore()
    {
        byte[] reply = [.. DhcpBytes.Reply(Request(), "192.0.2.50", "", DhcpBytes.Option(53, 2))[..^1], 67, 200, 1, 2];
        DhcpMessage message = Load(reply);
        Assert.True(message.IsDamaged);
        Assert.Equal(DhcpMessageType.Offer, message.Type);
        Assert.False(message.TryGetOption(67, out _));
    }

    [Fact]
    public void TryLoad_OfTooLongMessage_IsRefused() => Assert.False(new DhcpMessage().TryLoad(new byte[1473]));

    [Fact]
    public void TryGetOption_OfEncapsulatedOne_FindsIt()
    {
        DhcpMessage message = Load(DhcpBytes.Reply(Request(), "192.0.2.50", "", DhcpBytes.Option(175, 19, 1, 1, 81, 3, 65, 66, 67)));
        Assert.True(message.TryGetOption(175, 81, out ReadOnlySpan<byte> value));
        Assert.Equal("ABC"u8.ToArray(), value.ToArray());
        Assert.False(message.TryGetOption(175, 82, out _));
        Assert.False(message.TryGetOption(43, 82, out _));
    }

    [Fact]
    public void FromPackets_OfTheFirmwaresPxe_IsALease()
    {
        // The firmware's buffers are 1472 bytes, whatever the packet had (UEFI 2.10, 24.3.1).
        byte[] ack = Padded(DhcpBytes.Reply(Request(), "192.0.2.50", "192.0.2.1", [.. DhcpBytes.Option(53, 5), .. DhcpBytes.Option(1, 255, 255, 0, 0)], "netboot.efi"));
        DhcpLease lease = DhcpLease.FromPackets(ack, new byte[1472], out Error? error)!;
        Assert.Null(error);
        Assert.Equal("netboot.efi", lease.FileName);
        Assert.Equal("255.255.0.0", lease.Netmask.Text());
        Assert.True(lease.Gateway.IsAny);
        Assert.Null(lease.Proxy);
        PeerWire.Assert(lease.ApplyTo(_wire.Interface));
        Assert.Same(lease, _wire.Interface.Lease);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
        PeerWire.Assert(lease.ApplyTo(_wire.Interface));
    }

    [Fact]
    public void FromPackets_OfNoLease_SaysSo()
    {
        Assert.Null(DhcpLease.FromPackets(new byte[1472], default, out Error? error));
        Assert.Equal("DHCP: a packet of 1472 bytes is no lease", error!.Message);
        Assert.Null(DhcpLease.FromPackets(Request(), default, out _));
    }

    [Theory]
    [InlineData(new byte[] { 121, 5, 0, 192, 0, 2, 1 }, "192.0.2.1", "192.0.2.1", "192.0.2.1")]
    [InlineData(new byte[] { 3, 4, 192, 0, 2, 9, 121, 8, 24, 203, 0, 113, 192, 0, 2, 1 }, "0.0.0.0", "", "192.0.2.1")] // RFC 3442: in place of option 3
    [InlineData(new byte[] { 121, 9, 32, 203, 0, 113, 5, 0, 0, 0, 0 }, "0.0.0.0", "", "203.0.113.5")] // on the link itself
    [InlineData(new byte[] { 121, 22, 8, 203, 192, 0, 2, 7, 24, 203, 0, 113, 192, 0, 2, 1, 0, 10, 0, 0, 1, 0, 0, 0 }, "10.0.0.1", "10.0.0.1", "192.0.2.1")]
    [InlineData(new byte[] { 3, 4, 192, 0, 2, 9, 121, 4, 24, 203, 0, 113 }, "192.0.2.9", "192.0.2.9", "192.0.2.9")] // cut off
    [InlineData(new byte[] { 3, 4, 192, 0, 2, 9, 121, 9, 33, 203, 0, 113, 5, 0, 192, 0, 2 }, "192.0.2.9", "192.0.2.9", "192.0.2.9")]
    [InlineData(new byte[] { 3, 4, 203, 0, 113, 1, 121, 0 }, "203.0.113.1", "203.0.113.1", "203.0.113.1")] // on the link, whatever the netmask says
    public void Lease_WithRoutes_SendsBySuchNeighbours(byte[] options, string gateway, string elsewhere, string routed)
    {
        byte[] ack = DhcpBytes.Reply(Request(), "192.0.2.50", "", [.. DhcpBytes.Option(1, 255, 255, 255, 0), .. options]);
        PeerWire.Assert(DhcpLease.FromPackets(ack, default, out _)!.ApplyTo(_wire.Interface));
        Assert.Equal(gateway, _wire.Interface.Gateway.Text());
        Assert.Equal(elsewhere.Length > 0, _wire.Interface.TryRoute(new IPv4Address(198, 51, 100, 1), out IPv4Address hop, out _));
        Assert.Equal(elsewhere, elsewhere.Length > 0 ? hop.Text() : "");
        Assert.True(_wire.Interface.TryRoute(new IPv4Address(203, 0, 113, 5), out hop, out _));
        Assert.Equal(routed, hop.Text());
        Assert.True(_wire.Interface.TryRoute(new IPv4Address(192, 0, 2, 77), out hop, out _));
        Assert.Equal("192.0.2.77", hop.Text());
    }

    [Fact]
    public void Lease_OfAloneAddress_ReachesTheWorldByARouterOnTheLink()
    {
        _server.Your = "198.51.100.7";
        _server.File = "x";
        _server.Options = [.. DhcpBytes.Option(1, 255, 255, 255, 255), .. DhcpBytes.Option(3, 192, 0, 2, 1)];
        PeerWire.Assert(Configure());
        PeerHost router = _wire.AddHost("192.0.2.1");
        using UdpSocket socket = UdpSocket.Open(_wire.Network, new RecordingUdpHandler(), 0, out _)!;
        PeerWire.Assert(socket.Send(new IPEndpoint(new IPv4Address(203, 0, 113, 5), 7), "x"u8));
        for (int i = 0; i < 10; i++)
        {
            _wire.RunOnce();
        }

        Assert.Equal(1, router.ArpRequests);
        Assert.Contains(router.Frames, frame => frame[12] == 8 && frame[13] == 0 && frame.AsSpan(30, 4).SequenceEqual((ReadOnlySpan<byte>)[203, 0, 113, 5]));
    }

    [Theory]
    [InlineData(1400, 1400)]
    [InlineData(9000, 1500)]
    [InlineData(575, 1500)] // No host may take less (RFC 791, 3.2): who says so is wrong, or means ill.
    public void Lease_WithAnMtu_LimitsWhatIsSent(int mtu, int expected)
    {
        byte[] ack = DhcpBytes.Reply(Request(), "192.0.2.50", "", DhcpBytes.Option(26, (byte)(mtu >> 8), (byte)mtu));
        PeerWire.Assert(DhcpLease.FromPackets(ack, default, out _)!.ApplyTo(_wire.Interface));
        Assert.Equal(expected, _wire.Interface.Mtu);
        _wire.Interface.ClearConfiguration();
        Assert.Equal(1500, _wire.Interface.Mtu);
    }

    [Theory]
    [InlineData("192.0.2.255")]
    [InlineData("192.0.2.0")]
    public void Lease_OfAnAddressThatNoHostHas_IsRefused(string address)
    {
        byte[] ack = DhcpBytes.Reply(Request(), address, "", DhcpBytes.Option(1, 255, 255, 255, 0));
        using DhcpLease lease = DhcpLease.FromPackets(ack, default, out _)!;
        Assert.Equal($"net0: not an address and netmask of a host: {address} / 255.255.255.0", lease.ApplyTo(_wire.Interface)!.Message);
    }

    [Fact]
    public void Configure_WithTheFileInTheOfferAlone_KeepsIt()
    {
        _server.File = "offered.efi";
        _server.Next = "192.0.2.4";
        _server.AcknowledgesWithFile = false;
        PeerWire.Assert(Configure());
        Assert.Equal("offered.efi", _wire.Interface.Lease!.FileName);
        Assert.Equal("192.0.2.4", _wire.Interface.Lease.NextServer.Text());
        Assert.Null(_wire.Interface.Lease.Proxy);
    }

    [Fact]
    public void Configure_OnAConfiguredInterface_HearsAServerThatAnswersToTheNewAddress()
    {
        _server.File = "x";
        PeerWire.Assert(Configure());
        _server.Your = "192.0.2.51";
        _server.AnswersToTheAddress = true;
        PeerWire.Assert(Configure());
        Assert.Equal("192.0.2.51", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Configure_WithClassesOfTheUsers_SendsThem()
    {
        _options.UserClass = "Tinkerbell";
        _options.VendorClass = "HTTPClient:Arch:00016";
        PeerWire.Assert(Configure());
        Assert.Equal("Tinkerbell"u8.ToArray(), DhcpBytes.Find(_server.Requests[0], 77));
        Assert.Equal("HTTPClient:Arch:00016"u8.ToArray(), DhcpBytes.Find(_server.Requests[0], 60));
    }

    [Fact]
    public void Gateway_OutsideTheNetwork_IsPassedOver()
    {
        byte[] ack = DhcpBytes.Reply(Request(), "192.0.2.50", "", [.. DhcpBytes.Option(1, 255, 255, 255, 0), .. DhcpBytes.Option(3, 10, 0, 0, 1, 0, 0, 0, 0, 192, 0, 2, 254, 7)]);
        Assert.Equal("192.0.2.254", DhcpLease.FromPackets(ack, default, out _)!.Gateway.Text());
    }

    [Fact]
    public void NextServer_NamedByOption66_IsRead()
    {
        byte[] ack = DhcpBytes.Reply(Request(), "192.0.2.50", "", [.. DhcpBytes.Option(66, "192.0.2.7\0"), .. DhcpBytes.Option(67, "a.efi\0")]);
        DhcpLease lease = DhcpLease.FromPackets(ack, default, out _)!;
        Assert.Equal("192.0.2.7", lease.NextServer.Text());
        Assert.Equal("192.0.2.7", lease.ServerName);
        Assert.Equal("a.efi", lease.FileName);
    }

    [Fact]
    public void Lease_OfAnything_AnswersEveryQuestion() => Prop.ForAll<byte[], byte[]>((noise, file) =>
    {
        byte[] ack = DhcpBytes.Reply(Request(), "192.0.2.50", "", noise);
        file.AsSpan(0, Math.Min(file.Length, 192)).CopyTo(ack.AsSpan(44));
        if (noise.Length > 2)
        {
            ack = [.. ack.AsSpan(0, 240), 52, 1, noise[0], .. noise];
        }

        DhcpLease? lease = DhcpLease.FromPackets(ack, noise, out Error? error);
        if (lease is null)
        {
            return error is not null;
        }

        int total = 0;
        for (int tag = 0; tag < 256; tag++)
        {
            lease.TryGetOption((byte)tag, out ReadOnlySpan<byte> value);
            lease.Ack.TryGetOption(175, (byte)tag, out _);
            total += value.Length;
            lease.GetText((byte)tag);
        }

        return total <= ack.Length && lease.FileName is not null && lease.NextServer.Text() != "" && lease.Netmask.IsNetmask && lease.Gateway.Text() != "";
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Write_OfAnyOption_IsReadBack() => Prop.ForAll<byte, byte[]>((tag, value) =>
    {
        byte[] longer = [.. value, .. value, .. value, .. value, .. value, .. value, .. value, .. value];
        DhcpWriter writer = new(new byte[1472], 0x12345678, PeerWire.ClientMac, 7, default, true);
        writer.Option(tag, longer);
        DhcpMessage message = Load(writer.Finish());
        bool isFound = message.TryGetOption(tag, out ReadOnlySpan<byte> read);
        return tag is 0 or 255 || (isFound && read.SequenceEqual(longer) && message.TransactionId == 0x12345678 && !message.IsReply);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Write_BeyondTheBuffer_LeavesOut()
    {
        DhcpWriter writer = new(new byte[300], 1, PeerWire.ClientMac, 0, default, false);
        writer.Option(43, new byte[100]);
        Assert.True(writer.IsFull);
        writer.Option(53, 1);
        Assert.Equal(300, writer.Finish().Length);
    }

    private Error? Configure() => _client.Configure(_wire, _options);

    private void RunFor(ulong time)
    {
        ulong until = _wire.Now + time;
        while (_wire.Now < until)
        {
            _wire.RunOnce();
        }
    }

    private PeerHost Proxy(string address, string file, string next, ulong delay)
    {
        PeerHost proxy = _wire.AddHost(address);
        proxy.OnUdp(67, (_, packet) =>
        {
            if (DhcpBytes.Find(packet, 53)![0] == 1)
            {
                byte[] offer = DhcpBytes.Reply(packet, "", next, [.. DhcpBytes.Option(53, 2), .. DhcpBytes.Option(54, DhcpBytes.Address(address)), .. s_pxeClient], file);
                _wire.After(delay, () => proxy.SendUdp(67, new IPEndpoint(IPv4Address.Broadcast, 68), offer));
            }
        });
        return proxy;
    }

    private static byte[] Request() => new DhcpWriter(new byte[300], 1, PeerWire.ClientMac, 0, default, true).Finish().ToArray();

    private static DhcpMessage Load(ReadOnlySpan<byte> packet)
    {
        DhcpMessage message = new();
        Assert.True(message.TryLoad(packet));
        return message;
    }

    private static byte[] Padded(byte[] packet)
    {
        Array.Resize(ref packet, 1472);
        return packet;
    }
}
