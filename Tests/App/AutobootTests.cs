using System;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>autoboot on two NICs, each on a wire of its own.</summary>
public sealed class AutobootTests : IDisposable
{
    private const ulong Second = 1_000_000;

    private readonly TestSession _session = new();
    private readonly TestLink[] _links = [new(1), new(2)];

    public AutobootTests()
    {
        _session.EventLoop.Network = _session.Session.Network;
        for (int i = 0; i < _links.Length; i++)
        {
            _links[i].Peer = new PeerHost(_links[i], new IPv4Address(192, 0, 2, 1));
            _session.Session.Add(new BootInterface(new NetworkInterface($"net{i}", _links[i]), "a card"));
            _session.Platform.AddFile($"tftp://192.0.2.1/{i}.ipxe", $"#!ipxe\necho booted {i} with ${{netX/ip}}\n");
        }
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void TheFirst_ThatIsToldWhatToBoot_IsBootedFrom()
    {
        Serve(0, "0.ipxe");
        Serve(1, "1.ipxe");
        ulong time = Run("autoboot");
        Assert.StartsWith("DHCP on net0 net1... net0 192.0.2.50\n", _session.Output);
        Assert.EndsWith("\nbooted 0 with 192.0.2.50\n", _session.Output);
        Assert.InRange(time, 0u, Second / 2);
        Assert.False(_session.Session.Interfaces[1].Interface.IsOpen);
    }

    [Theory]
    [InlineData("", "", "show 0x80 http://192.0.2.1/d.iso,boot 0x80 file= extra= label=,hide 0x80", "")]
    [InlineData("", "set keep-san 1\nset san-filename x\n", "show 0x80 http://192.0.2.1/d.iso,boot 0x80 file=x extra= label=", "")]
    [InlineData("", "set skip-san-boot 1\n", "show 0x80 http://192.0.2.1/d.iso,hide 0x80", "")]
    [InlineData("0.ipxe", "set san-drive 0x83\n", "show 0x83 http://192.0.2.1/d.iso,hide 0x83", "booted 0 with 192.0.2.50")]
    public void RootPathThatIsADisk_IsHooked_AndBootedWhereThereIsNoFile(string file, string before, string expected, string said)
    {
        _links[0].Clock = () => _session.EventLoop.Now;
        _ = new RangeServer(_links[0].Peer!, 1 << 20);
        Serve(0, file).Options = [.. DhcpBytes.Option(1, 255, 255, 255, 0), .. DhcpBytes.Option(17, "http://192.0.2.1/d.iso")];

        Run(before + "autoboot net0");

        Assert.Equal(expected, string.Join(',', _session.Platform.SanDisks));
        Assert.Contains(said, _session.Output);
    }

    [Theory]
    [InlineData("set root-path http://192.0.2.1/x.iso\n", "", "show 0x80 http://192.0.2.1/x.iso,boot 0x80 file= extra= label=,hide 0x80")]
    [InlineData("set net0/root-path http://192.0.2.1/x.iso\n", "", "show 0x80 http://192.0.2.1/x.iso,boot 0x80 file= extra= label=,hide 0x80")]
    [InlineData("set root-path http://192.0.2.1/x.iso\n", "http://192.0.2.1/d.iso", "show 0x80 http://192.0.2.1/x.iso,boot 0x80 file= extra= label=,hide 0x80")]
    [InlineData("set root-path nfs:x\n", "http://192.0.2.1/d.iso", "")] // It is the operating system's.
    public void RootPathThatIsSet_IsBooted_WhateverDhcpSays(string before, string path, string expected)
    {
        _links[0].Clock = () => _session.EventLoop.Now;
        _ = new RangeServer(_links[0].Peer!, 1 << 20);
        Serve(0, "").Options = [.. DhcpBytes.Option(1, 255, 255, 255, 0), .. path.Length > 0 ? DhcpBytes.Option(17, path) : []];

        Run(before + "autoboot net0 || echo no");

        Assert.Equal(expected, string.Join(',', _session.Platform.SanDisks));
        Assert.Equal(expected.Length == 0, _session.Output.Contains("DHCP... nothing to boot\nboot.ipxe:3: autoboot: net0: DHCP names nothing to boot (filename, root-path)\nno\n"));
    }

    [Fact]
    public void RootPathByIscsi_IsHooked_Booted_AndDescribedMeanwhile()
    {
        _links[0].Clock = () => _session.EventLoop.Now;
        _ = new IscsiTarget(_links[0].Peer!, new byte[1 << 20]);
        string path = $"iscsi:192.0.2.1:::1:{IscsiTarget.Name}";
        Serve(0, "").Options = [.. DhcpBytes.Option(1, 255, 255, 255, 0), .. DhcpBytes.Option(17, path)];

        Run("set initiator-iqn iqn.2024-01.test:box\nset keep-san 1\nautoboot net0");

        Assert.Equal($"show 0x80 {path},boot 0x80 file= extra= label=", string.Join(',', _session.Platform.SanDisks));
        byte[] table = Assert.Single(_session.Platform.AddedTables);
        Assert.Equal(3, table[152 + 23]); // By DHCP.
    }

    [Fact]
    public void OneThatNobodyAnswers_CostsAMoment()
    {
        Serve(1, "1.ipxe");
        ulong time = Run("autoboot");
        Assert.EndsWith("\nbooted 1 with 192.0.2.51\n", _session.Output);
        Assert.InRange(time, 0u, 3 * Second);
    }

    [Fact]
    public void OneWithoutALink_CostsNothing()
    {
        _links[0].HasCarrier = false;
        Serve(1, "1.ipxe");
        Assert.InRange(Run("autoboot"), 0u, Second / 2);
        Assert.EndsWith("booted 1 with 192.0.2.51\n", _session.Output);
    }

    [Fact]
    public void OneThatIsToldNothingToBoot_LeavesItToTheOther()
    {
        Serve(0, "");
        Serve(1, "1.ipxe");
        Run("autoboot");
        Assert.EndsWith("booted 1 with 192.0.2.51\n", _session.Output);
    }

    [Fact]
    public void WhenBootingFails_TheOtherHasItsTurn()
    {
        Serve(0, "nosuch.ipxe");
        Serve(1, "1.ipxe");
        Run("autoboot");
        Assert.Contains("\nnet0: tftp://192.0.2.1/nosuch.ipxe: file not found\nnet1 52:54:00:00:00:02: DHCP... 192.0.2.51\n", _session.Output);
        Assert.EndsWith("\nbooted 1 with 192.0.2.51\n", _session.Output);
    }

    [Fact]
    public void WhenNoneIsToldWhatToBoot_EachSaysWhy()
    {
        Serve(0, "");
        ulong time = Run("autoboot || echo no");
        Assert.Equal(
            "DHCP on net0 net1... nothing to boot\nnet0: DHCP names nothing to boot (filename, root-path)\n" +
            "boot.ipxe:2: autoboot: net1: DHCP on net1: no offer in 45 s\nno\n",
            _session.Output);
        Assert.InRange(time, 44 * Second, 46 * Second);
    }

    [Fact]
    public void WhatTakesTheOtherAway_IsSeen()
    {
        Serve(0, "0.ipxe");
        _session.Platform.AddFile("tftp://192.0.2.1/0.ipxe", "#!ipxe\nvdestroy net1-5\nexit 1\n");
        Run("vcreate --tag 5 net1\nautoboot net0 net1-5 || echo over");
        Assert.EndsWith("autoboot: net0: 0.ipxe ended with status 1\nover\n", _session.Output);
    }

    [Fact]
    public void Start_WithoutAScript_BootsFromWhatAnswers()
    {
        Serve(1, "1.ipxe");
        Assert.True(new StartUp(_session.Session, "", []).Run().IsSuccess);
        Assert.EndsWith("booted 1 with 192.0.2.51\n", _session.Output);
    }

    private DhcpServer Serve(int number, string file) =>
        new(_links[number].Peer!) { Your = $"192.0.2.{50 + number}", Next = "192.0.2.1", File = file };

    private ulong Run(string lines)
    {
        ulong started = _session.EventLoop.Now;
        _session.Run(lines);
        return _session.EventLoop.Now - started;
    }
}
