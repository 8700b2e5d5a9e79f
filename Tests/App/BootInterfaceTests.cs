using System;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>What users set on an interface, beside what leases bring.</summary>
public sealed class BootInterfaceTests
{
    private readonly PeerWire _wire = new();
    private readonly BootInterface _interface;

    public BootInterfaceTests() => _interface = new BootInterface(_wire.Interface, "a card");

    [Fact]
    public void WhatWasSet_OutlivesClosing()
    {
        Assert.Null(Set("netmask", 255, 255, 255, 128));
        Assert.Null(Set("gateway", 192, 0, 2, 1));
        Assert.Null(Set("ip", 192, 0, 2, 9));
        Assert.Null(Set("dns", 192, 0, 2, 2));
        _interface.Close();
        Assert.True(_wire.Interface.Address.IsAny);
        Assert.Null(_interface.Open());
        Assert.Equal("192.0.2.9", _wire.Interface.Address.Text());
        Assert.Equal("255.255.255.128", _wire.Interface.Netmask.Text());
        Assert.Equal("192.0.2.1", _wire.Interface.Gateway.Text());
        Assert.Equal("192.0.2.2", _wire.Interface.DnsServers[0].Text());
    }

    [Fact]
    public void Gateway_ThatIsCleared_IsNone()
    {
        Assert.Null(Set("ip", 192, 0, 2, 9));
        Assert.Null(Set("gateway", 192, 0, 2, 1));
        Assert.Null(Set("gateway"));
        Assert.True(_wire.Interface.Gateway.IsAny);
        Assert.Equal("192.0.2.9", _wire.Interface.Address.Text());
    }

    [Fact]
    public void Netmask_ThatIsRefused_IsForgotten()
    {
        Assert.NotNull(Set("netmask", 255, 0, 255, 0));
        Assert.Null(Set("ip", 192, 0, 2, 9));
        Assert.NotNull(Set("netmask", 255, 0, 255, 0));
        Assert.Null(Set("ip", 192, 0, 2, 10));
        Assert.Equal("192.0.2.10", _wire.Interface.Address.Text());
        Assert.Equal("255.255.255.0", _wire.Interface.Netmask.Text());
    }

    [Fact]
    public void DnsAndMtu_GoOverThoseOfALease()
    {
        Assert.Null(Set("dns", 192, 0, 2, 77));
        Assert.Null(Set("mtu", 0x05, 0x14));
        byte[] request = new DhcpWriter(new byte[300], 1, PeerWire.ClientMac, 0, default, true).Finish().ToArray();
        byte[] ack = DhcpBytes.Reply(request, "192.0.2.50", "", [.. DhcpBytes.Option(6, 192, 0, 2, 1), .. DhcpBytes.Option(26, 0x05, 0x78)]);
        PeerWire.Assert(DhcpLease.FromPackets(ack, default, out _)!.ApplyTo(_wire.Interface));
        Assert.Equal(1400, _wire.Interface.Mtu);
        _interface.ApplyOwn();
        Assert.Equal("192.0.2.77", _wire.Interface.DnsServers[0].Text());
        Assert.Equal(1300, _wire.Interface.Mtu);
        Assert.True(_interface.Settings.TryFetchHere(SettingName.Predefined("mtu"), out ReadOnlySpan<byte> value, out _));
        Assert.Equal("1300", SettingFormat.Format(SettingName.Predefined("mtu").PredefinedType, value));
        Assert.Null(Set("mtu"));
        Assert.Equal(1400, _wire.Interface.Mtu);
    }

    private Error? Set(string name, params byte[] value) => _interface.Settings.Store(SettingName.Predefined(name), SettingType.None, value);
}
