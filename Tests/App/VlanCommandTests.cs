using System;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>vcreate and vdestroy, with a DHCP server in VLAN 5 and none outside of it.</summary>
public sealed class VlanCommandTests : IDisposable
{
    private readonly TestSession _session = new();
    private readonly TestLink _link = new(1);
    private readonly BootInterface _trunk;

    public VlanCommandTests()
    {
        _link.Vlan = new PeerVlan(_link, 5);
        _link.Vlan.Host = new PeerHost(_link.Vlan, new IPv4Address(192, 0, 2, 1));
        _ = new DhcpServer(_link.Vlan.Host) { Your = "192.0.2.50" };
        _trunk = new BootInterface(new NetworkInterface("net0", _link), "a card") { IsPci = true, BusLocation = 8 };
        _session.EventLoop.Network = _session.Session.Network;
        _session.Session.Add(_trunk);
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Vcreate_MakesAnInterface_WithWhichDhcpWorks()
    {
        _session.Run("vcreate --tag 5 net0\nifstat net0-5\ndhcp net0-5\necho ${netX/ip} ${netX/vlan-id} ${netX/mac} ${netX/chip} ${netX/busloc}\nisset ${net0/vlan-id} || echo none");
        Assert.Equal(
            "net0-5: 52:54:00:00:00:01 a card (closed)\nnet0-5 52:54:00:00:00:01: DHCP... 192.0.2.50\n192.0.2.50 5 52:54:00:00:00:01 a card 0x8\nnone\n",
            _session.Output);
        Assert.All(_link.Vlan!.Frames, frame => Assert.Equal(0, frame[14] >> 5));
    }

    [Fact]
    public void Vcreate_OfOneThatIsThere_ChangesItsPriority()
    {
        _session.Run("vcreate -t 5 net0\nvcreate -t 5 -p 6 net0\ndhcp net0-5");
        Assert.Equal(2, _session.Session.Interfaces.Count);
        Assert.All(_link.Vlan!.Frames, frame => Assert.Equal(6, frame[14] >> 5));
        Assert.NotEmpty(_link.Vlan.Frames);
    }

    [Fact]
    public void Vcreate_OnAnOpenTrunk_OpensTheVlan()
    {
        _session.Run("ifopen net0\nvcreate -t 5 net0\necho ${netX/ifname}");
        Assert.Equal("net0-5\n", _session.Output);
        Assert.True(_session.Session.FindInterface("net0-5")!.Interface.IsOpen);
    }

    [Theory]
    [InlineData("vcreate net0", "vcreate: a VLAN's tag is from 1 to 4094, not 0")]
    [InlineData("vcreate --tag 4095 net0", "vcreate: a VLAN's tag is from 1 to 4094, not 4095")]
    [InlineData("vcreate --tag 0x100000005 net0", "vcreate: a VLAN's tag is from 1 to 4094, not 4294967301")]
    [InlineData("vcreate --tag five net0", "vcreate: not a number: five")]
    [InlineData("vcreate --tag 5 --priority 8 net0", "vcreate: a priority is from 0 to 7, not 8")]
    [InlineData("vcreate --tag 5 net1", "vcreate: no such interface: net1")]
    [InlineData("vcreate --tag 5 net0\nvcreate --tag 6 net0-5", "vcreate: net0-5 is a VLAN: there are none on it")]
    [InlineData("vdestroy net0", "vdestroy: net0 is no VLAN")]
    [InlineData("vdestroy net0-5", "vdestroy: no such interface: net0-5")]
    [InlineData("vcreate --tag 5 net0\nset net0-5/vlan-id 6", "set: net0-5/vlan-id: cannot be set")]
    [InlineData("vcreate --tag 5 net0\nifopen net0-5\nset net0-5/mac 52:54:00:00:00:02", "set: net0-5: a VLAN has the address of its trunk")]
    public void WhatCannotBe_IsSaid(string lines, string message)
    {
        _session.Run(lines);
        Assert.EndsWith($": {message}\n", _session.Output);
    }

    [Fact]
    public void Vcreate_BeyondTheRoomThereIs_IsRefused()
    {
        _session.Run("set i:int32 1\n:next\nvcreate --tag ${i} net0 || goto done\ninc i\ngoto next\n:done\necho ${i}");
        Assert.EndsWith(": vcreate: no room for more interfaces\n64\n", _session.Output);
    }

    [Fact]
    public void Vdestroy_EndsWhatIsThere_AndItCanBeMadeAgain()
    {
        _session.Run("vcreate -t 5 net0\ndhcp net0-5\nset net0-5/x y\nvdestroy net0-5\necho ${netX/ifname} ${net0-5/ip}${net0-5/x}.\nvcreate -t 5 net0\necho ${net0-5/x}.\ndhcp net0-5\necho ${net0-5/ip}");
        Assert.Contains("\nnet0 .\n.\n", _session.Output);
        Assert.EndsWith("\n192.0.2.50\n", _session.Output);
        Assert.Equal(2, _session.Session.Network.Interfaces.Count);
    }

    [Fact]
    public void Settings_ThatWereInItsPlace_GiveWay()
    {
        _session.Run("set net0-5/x y\nvcreate -t 5 net0\necho ${net0-5/ifname} ${net0-5/x}.");
        Assert.Equal("net0-5 .\n", _session.Output);
    }

    [Fact]
    public void Ifclose_OfTheTrunk_ClosesTheVlan()
    {
        _session.Run("vcreate -t 5 net0\ndhcp net0-5\nifclose net0\nifstat net0-5");
        Assert.EndsWith("net0-5: 52:54:00:00:00:01 a card (closed)\n", _session.Output);
    }

    [Fact]
    public void Dhcp_OnAll_LeavesTheTrunkOfTheOneThatWins()
    {
        _session.Run("set ipv6 0\nvcreate -t 5 net0\ndhcp\nifstat");
        Assert.Equal(
            "DHCP on net0 net0-5... net0-5 192.0.2.50\nnet0: 52:54:00:00:00:01 a card (open, link up)\n" +
            "net0-5: 52:54:00:00:00:01 a card (open, link up)\n  192.0.2.50 netmask 255.255.255.0 gateway 192.0.2.1\n",
            _session.Output);
    }

    [Fact]
    public void Mac_OfTheTrunk_IsTheVlansFromThenOn()
    {
        _session.Run("vcreate -t 5 net0\ndhcp net0-5");
        _link.Vlan!.Frames.Clear();
        _session.Run("set net0/mac 52:54:00:00:00:09\ndhcp net0-5\necho ${net0-5/mac}");
        Assert.EndsWith("DHCP... 192.0.2.50\n52:54:00:00:00:09\n", _session.Output);
        Assert.NotEmpty(_link.Vlan.Frames);
        Assert.All(_link.Vlan.Frames, frame => Assert.Equal(9, frame[11]));
    }

    [Fact]
    public void StaticAddress_OfTheTrunk_IsThereOnceTheVlanIsOpened()
    {
        _session.Run("set net0/ip 198.51.100.7\nvcreate -t 5 net0\nifopen net0-5\nifstat net0");
        Assert.EndsWith("(open, link up)\n  198.51.100.7 netmask 255.255.255.0\n", _session.Output);
    }
}
