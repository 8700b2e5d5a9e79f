using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Consoles;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>PXE's boot menus and boot servers: autoboot and pxebs, against a DHCP server at 192.0.2.1 that is a boot server too.</summary>
public sealed class PxeBootTests : IDisposable
{
    private static readonly byte[] s_list = [.. DhcpBytes.Option(6, 3), .. DhcpBytes.Option(8, 0, 5, 1, 192, 0, 2, 1, 0, 7, 1, 192, 0, 2, 1)];
    private static readonly byte[] s_menu = [.. s_list, .. DhcpBytes.Option(9, [0, 5, 6, .. "Rescue"u8, 0, 7, 7, .. "Install"u8, 0, 0, 10, .. "Local disk"u8])];
    private readonly TestSession _session = new();
    private readonly TestLink _link = new(1);
    private readonly PeerHost _host;
    private readonly DhcpServer _dhcp;
    private readonly List<byte[]> _asked = [];

    public PxeBootTests()
    {
        _host = new PeerHost(_link, new IPv4Address(192, 0, 2, 1));
        _link.Peer = _host;
        _dhcp = new DhcpServer(_host);
        _session.EventLoop.Network = _session.Session.Network;
        _session.Session.Add(new BootInterface(new NetworkInterface("net0", _link), "a card"));
        _host.UdpArrived = (_, _, packet) =>
        {
            if (packet.Length > 240 && DhcpBytes.Find(packet, 43) is not null)
            {
                _asked.Add(packet);
            }
        };
        _host.OnUdp(4011, (client, packet) =>
        {
            if (DhcpBytes.Find(packet, 43) is { } item)
            {
                _host.SendUdp(4011, client, Answer(packet, item[3]));
            }
        });
        foreach (int type in new[] { 5, 7 })
        {
            _session.Platform.AddFile($"tftp://192.0.2.9/boot{type}.ipxe", $"#!ipxe\necho boot file {type}, ${{pxebs/filename}} of ${{next-server}}");
        }
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Autoboot_WithAMenuThatIsShownAtOnce_BootsWhatIsChosen()
    {
        Offer(s_menu, DhcpBytes.Option(10, [255, .. "What to boot?"u8]));
        string screen = "";
        _session.Terminal.NextKey = () =>
        {
            bool isFirst = screen.Length == 0;
            screen = string.Join('\n', _session.Terminal.Visible);
            return isFirst ? new Key(KeyCode.Down) : new Key(Key.Enter);
        };
        Assert.True(_session.Run("autoboot").IsSuccess);
        Assert.EndsWith("boot file 7, boot7.ipxe of 192.0.2.9\n", _session.Output);
        Assert.Matches("What to boot\\?(.|\n)*Rescue(.|\n)*Install(.|\n)*Local disk", screen);
        Assert.Equal([0, 7], DhcpBytes.Find(Assert.Single(_asked), 43)![2..4]);
    }

    [Theory]
    [InlineData(0, null, 5)] // at once
    [InlineData(3, null, 5)] // the time is over
    [InlineData(3, 'x', 5)] // a key ends the wait
    [InlineData(3, 'F', 7)] // F8, and Down, Enter
    public void Autoboot_WithAPrompt_BootsTheFirstItem_UnlessF8IsPressed(int time, char? key, int expected)
    {
        Offer(s_menu, DhcpBytes.Option(10, [(byte)time, .. "Press F8"u8]));
        if (key is char c)
        {
            _session.Terminal.Keys.Enqueue(c == 'F' ? new Key(KeyCode.F8) : new Key(c));
        }

        _session.Terminal.ScreenKeys.Enqueue(new Key(KeyCode.Down));
        _session.Terminal.ScreenKeys.Enqueue(new Key(Key.Enter));
        ulong started = _session.EventLoop.Now;
        Assert.True(_session.Run("autoboot").IsSuccess);
        Assert.EndsWith($"boot file {expected}, boot{expected}.ipxe of 192.0.2.9\n", _session.Output);
        Assert.Equal(time > 0, _session.Output.Contains("Press F8 (3) "));
        ulong waited = key is null ? (ulong)time * 1_000_000 : 0;
        Assert.InRange(_session.EventLoop.Now - started, waited, waited + 500_000);
    }

    [Fact]
    public void Autoboot_WhoseMenuIsLeft_Fails()
    {
        Offer(s_menu);
        _session.Terminal.ScreenKeys.Enqueue(new Key(Key.ControlC));
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run("autoboot"));
        Assert.EndsWith("autoboot: net0: cancelled\n", _session.Output);
        Assert.Empty(_asked);
    }

    [Fact]
    public void Autoboot_WithLocalBootChosen_Succeeds()
    {
        Offer(s_menu);
        _session.Terminal.ScreenKeys.Enqueue(new Key(KeyCode.End));
        _session.Terminal.ScreenKeys.Enqueue(new Key(Key.Enter));
        Assert.True(_session.Run("autoboot").IsSuccess);
        Assert.Empty(_asked);
    }

    [Fact]
    public void Autoboot_WithAFileThatIsPreferred_ShowsNoMenu()
    {
        _session.Platform.AddFile("tftp://192.0.2.1/own.ipxe", "#!ipxe\necho own file");
        (_dhcp.Next, _dhcp.File) = ("192.0.2.1", "own.ipxe");
        Offer(DhcpBytes.Option(6, 8), s_menu);
        Assert.True(_session.Run("autoboot").IsSuccess);
        Assert.EndsWith("own file\n", _session.Output);
    }

    [Theory]
    [InlineData("", "autoboot: net0: DHCP server 192.0.2.1: option 43.9 is damaged, at byte 11 of option 43\n")]
    [InlineData("own.ipxe", "own file\n")]
    public void Autoboot_WithADamagedMenu_SaysWhere_AndBootsTheFileIfThereIsOne(string file, string end)
    {
        _session.Platform.AddFile("tftp://192.0.2.1/own.ipxe", "#!ipxe\necho own file");
        (_dhcp.Next, _dhcp.File) = ("192.0.2.1", file);
        Offer(DhcpBytes.Option(9, [0, 5, 6, .. "Rescue"u8, 0, 7, 99, 65]));
        _session.Run("autoboot");
        Assert.Contains("option 43.9 is damaged, at byte 11 of option 43\n", _session.Output);
        Assert.EndsWith(end, _session.Output);
    }

    [Theory]
    [InlineData("", "255.255.255.255:67")] // nothing said
    [InlineData("06 01 03 08 07 00 05 01 c0 00 02 01", "192.0.2.1:4011")]
    [InlineData("06 01 01 07 04 e0 00 01 02", "224.0.1.2:4011")]
    [InlineData("06 01 02 07 04 e0 00 01 02", "255.255.255.255:67")]
    [InlineData("06 01 03 08 0e 00 05 01 c0 00 02 01 00 07 01 c0 00 02 08", "192.0.2.1:4011")] // others' types are not asked
    public void Pxebs_AsksWhomDiscoveryControlAllows(string options, string asked)
    {
        Offer(Convert.FromHexString(options.Replace(" ", "", StringComparison.Ordinal)));
        List<string> destinations = [];
        int before = _host.Frames.Count;
        Assert.True(_session.Run("dhcp net0 && pxebs net0 5 ||").IsSuccess);
        foreach (byte[] frame in _host.Frames.Skip(before).Where(each => each[12] == 8 && each[13] == 0 && each[23] == 17))
        {
            if (frame.Length > 14 + 28 + 240 && DhcpBytes.Find(frame[42..], 43) is not null)
            {
                destinations.Add($"{frame[30]}.{frame[31]}.{frame[32]}.{frame[33]}:{(frame[36] << 8) | frame[37]}");
            }
        }

        Assert.Equal(asked, Assert.Single(destinations.Distinct()));
    }

    [Fact]
    public void Pxebs_SendsWhatABootServerLooksFor()
    {
        Offer(DhcpBytes.Option(6, 3), DhcpBytes.Option(8, 0, 5, 1, 192, 0, 2, 1));
        Assert.True(_session.Run("dhcp net0 && pxebs net0 0x5").IsSuccess);
        byte[] packet = Assert.Single(_asked);
        Assert.Equal([71, 4, 0, 5, 0, 0, 255], DhcpBytes.Find(packet, 43)!);
        Assert.Equal([3], DhcpBytes.Find(packet, 53)!);
        Assert.Equal([192, 0, 2, 50], packet[12..16]);
        Assert.Null(DhcpBytes.Find(packet, 50));
        Assert.Null(DhcpBytes.Find(packet, 54));
        Assert.Equal("PXEClient:Arch:00007"u8.ToArray(), DhcpBytes.Find(packet, 60)![..20]);
    }

    [Fact]
    public void Pxebs_FillsItsSettings_WhichNameTheFileFromThen()
    {
        (_dhcp.Next, _dhcp.File) = ("192.0.2.1", "own.ipxe");
        Offer(DhcpBytes.Option(6, 0), s_menu); // by broadcast too, which the DHCP server answers
        _session.Run(
            "dhcp net0\necho ${filename} ${next-server} ${pxebs/filename}\npxebs net0 7\necho ${filename} ${next-server} ${pxebs/filename} ${pxebs/ip} ${ip} ${dhcp-server}\n" +
            "dhcp net0\necho ${filename} ${pxebs/filename}");
        string[] lines = _session.Output.Split('\n');
        Assert.Equal("own.ipxe 192.0.2.1 ", lines[1]);
        Assert.Equal("net0: PXE boot server 7... 192.0.2.9", lines[2]);
        Assert.Equal("boot7.ipxe 192.0.2.9 boot7.ipxe 192.0.2.50 192.0.2.50 192.0.2.1", lines[3]);
        Assert.Equal("own.ipxe ", lines[5]);
    }

    [Theory]
    [InlineData("pxebs net0 9", "pxebs: DHCP on net0: no boot server of type 9 answers: 192.0.2.7\n")]
    [InlineData("pxebs net0 5", "pxebs: DHCP on net0: no boot server of type 5 is listed, and no other may be asked\n")]
    [InlineData("pxebs net1 5", "pxebs: no such interface: net1\n")]
    [InlineData("pxebs net0 65536", "pxebs: no type of boot server: 65536\n")]
    [InlineData("pxebs net0 five", "pxebs: no type of boot server: five\n")]
    [InlineData("pxebs net0", "pxebs: DHCP brings no boot menu\n")]
    [InlineData("ifclose net0\npxebs net0", "pxebs: net0 has no lease: without a boot menu, a type is needed\n")]
    [InlineData("ifclose net0\npxebs net0 5", "pxebs: DHCP on net0: there is no address to look for a boot server from\n")]
    public void Pxebs_ThatFindsNone_SaysWhy(string lines, string end)
    {
        Offer(DhcpBytes.Option(6, 7), DhcpBytes.Option(8, 0, 9, 1, 192, 0, 2, 7));
        Assert.False(_session.Run("dhcp net0\n" + lines).IsSuccess);
        Assert.EndsWith(end, _session.Output);
    }

    [Fact]
    public void Pxebs_WithoutAType_LetsTheMenuSay()
    {
        Offer(s_menu);
        _session.Terminal.ScreenKeys.Enqueue(new Key(Key.Enter));
        Assert.True(_session.Run("dhcp net0\npxebs net0\necho ${pxebs/filename}").IsSuccess);
        Assert.EndsWith("boot5.ipxe\n", _session.Output);
        _session.Terminal.ScreenKeys.Enqueue(new Key(KeyCode.End));
        _session.Terminal.ScreenKeys.Enqueue(new Key(Key.Enter));
        _session.Run("pxebs net0 || echo none");
        Assert.EndsWith("pxebs: local boot was chosen\nnone\n", _session.Output);
    }

    [Fact]
    public void Pxebs_OfAStaticAddress_AsksByBroadcast()
    {
        _host.OnUdp(67, (client, packet) => _host.SendUdp(67, client, Answer(packet, 5)));
        Assert.True(_session.Run("ifopen net0\nset net0/ip 192.0.2.60\npxebs net0 5\necho ${pxebs/filename}").IsSuccess);
        Assert.EndsWith("boot5.ipxe\n", _session.Output);
        Assert.Equal([192, 0, 2, 60], Assert.Single(_asked)[12..16]);
    }

    [Fact]
    public void Pxebs_WithAnswersOfOthers_WaitsForTheRightOne()
    {
        Offer(DhcpBytes.Option(6, 3), DhcpBytes.Option(8, 0, 5, 1, 192, 0, 2, 1), s_menu);
        int asked = 0;
        _host.OnUdp(4011, (client, packet) =>
        {
            byte[] ack = DhcpBytes.Option(53, 5);
            byte[] pxe = DhcpBytes.Option(60, "PXEClient");
            asked++;
            _host.SendUdp(4011, client, DhcpBytes.Reply(packet, "", "", [.. ack], "no-pxe"));
            _host.SendUdp(4011, client, DhcpBytes.Reply(packet, "", "", [.. ack, .. pxe], ""));
            _host.SendUdp(4011, client, DhcpBytes.Reply(packet, "", "", [.. DhcpBytes.Option(53, 6), .. pxe], "a refusal"));
            _host.SendUdp(4011, client, Answer(packet, 7));
            _host.SendUdp(4011, client, new byte[300]);
            if (asked == 3)
            {
                _host.SendUdp(4011, client, Answer(packet, 5));
            }
        });
        ulong started = _session.EventLoop.Now;
        Assert.True(_session.Run("dhcp net0 && pxebs net0 5 && echo ${pxebs/filename}").IsSuccess);
        Assert.EndsWith("boot5.ipxe\n", _session.Output);
        Assert.InRange(_session.EventLoop.Now - started, 3_000_000u, 3_500_000u); // after 1 and 2 s more
    }

    [Fact]
    public void Pxebs_ThatBelievesOnlyListedServers_DoesNotTakeOthers()
    {
        Offer(DhcpBytes.Option(6, 4), DhcpBytes.Option(8, 0, 5, 1, 192, 0, 2, 77));
        Assert.True(_session.Run("dhcp net0").IsSuccess);
        _host.OnUdp(67, (client, packet) => _host.SendUdp(67, client, Answer(packet, 5)));
        Assert.False(_session.Run("pxebs net0 5").IsSuccess);
        Assert.EndsWith("no boot server of type 5 answers: 192.0.2.77, 255.255.255.255\n", _session.Output);
        Assert.NotEmpty(_asked);
    }

    [Fact]
    public void Pxebs_ThatIsStopped_Fails()
    {
        _host.StopUdp(4011);
        Offer(s_menu);
        _session.Run("dhcp net0");
        _session.EventLoop.MaximumTurns = _session.EventLoop.Turns + 100;
        _session.Run("pxebs net0 5");
        Assert.EndsWith("pxebs: DHCP on net0: stopped by the user\n", _session.Output);
    }

    /// <summary>Offers an address with PXE options.</summary>
    private void Offer(params byte[][] options) =>
        _dhcp.Options = [.. _dhcp.Options, .. DhcpBytes.Option(60, "PXEClient"), .. DhcpBytes.Option(43, [.. options.SelectMany(each => each), 255])];

    private static byte[] Answer(byte[] request, byte type) => DhcpBytes.Reply(
        request, "192.0.2.50", "192.0.2.9",
        [.. DhcpBytes.Option(53, 5), .. DhcpBytes.Option(54, 192, 0, 2, 1), .. DhcpBytes.Option(60, "PXEClient"), .. DhcpBytes.Option(43, 71, 4, 0, type, 0, 0, 255)],
        $"boot{type}.ipxe");
}
