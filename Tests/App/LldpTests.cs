using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;
using IPv4Address = NetBoot.NetworkStack.Wire.IPv4Address;

namespace NetBoot.Tests.App;

/// <summary>What a switch says by LLDP (IEEE 802.1AB-2016, 8), and how scripts read it.</summary>
public sealed class LldpTests : IDisposable
{
    private const ushort EtherType = 0x88CC;
    private static readonly MacAddress s_nearestBridge = new([1, 0x80, 0xC2, 0, 0, 0x0E]);

    private static readonly byte[] s_mandatory = [.. Tlv(1, 4, 0x52, 0x54, 0, 1, 2, 3), .. Tlv(2, [5, .. "ge-0/0/7"u8]), .. Tlv(3, 0, 120)];
    private static readonly byte[] s_sample =
    [
        .. s_mandatory, .. Tlv(5, "switch-1"u8), .. Tlv(8, 5, 1, 192, 0, 2, 254, 2, 0, 0, 0, 1, 0), .. Tlv(8, 5, 1, 192, 0, 2, 253, 2, 0, 0, 0, 1, 0),
        .. Tlv(127, 0x00, 0x12, 0x0F, 1, 3, 0x6C), .. Tlv(127, 0x00, 0x80, 0xC2, 1, 0, 42), .. Tlv(127, [0x00, 0x80, 0xC2, 3, 0, 42, 4, .. "prod"u8]), .. Tlv(0),
    ];

    private readonly TestSession _session = new();
    private readonly TestLink _link = new(1);
    private readonly NetworkInterface _netif;
    private readonly PeerHost _switch;

    public LldpTests()
    {
        _switch = new PeerHost(_link, new IPv4Address(192, 0, 2, 254));
        _netif = new NetworkInterface("net0", _link);
        _session.EventLoop.Network = _session.Session.Network;
        BootInterface net0 = new(_netif, "a card");
        _session.Session.Add(net0);
        Assert.Null(_session.Session.Open(net0));
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("${net0.lldp/5.0.0.0}", "switch-1")]
    [InlineData("${netX.lldp/5.0.0.0}", "switch-1")]
    [InlineData("${net0.lldp/5.0.0.0:hex}", "73:77:69:74:63:68:2d:31")]
    [InlineData("${net0.lldp/5.0.7.0}", "1")]
    [InlineData("${net0.lldp/5.0.0.3}", "73:77:69")]
    [InlineData("${net0.lldp/5.0.8.0}", "")]
    [InlineData("${net0.lldp/5.0.200.0}", "")]
    [InlineData("${net0.lldp/5.1.0.0}", "")]
    [InlineData("${net0.lldp/2.0.1.0}", "ge-0/0/7")]
    [InlineData("${net0.lldp/1.0.1.6:hexhyp}", "52-54-00-01-02-03")]
    [InlineData("${net0.lldp/8.0.2.4:ipv4}", "192.0.2.254")]
    [InlineData("${net0.lldp/8.1.2.4:ipv4}", "192.0.2.253")]
    [InlineData("${net0.lldp/3.0.0.2:int16}", "120")]
    [InlineData("${net0.lldp/127.0.4.0:hex}", "03:6c")]
    [InlineData("${net0.lldp/0x0080c201.127.0.4.2:int16}", "42")] // by prefix: 802.1's port VLAN
    [InlineData("${net0.lldp/0x0080c2.127.1.3.1}", "03")] // three bytes of a prefix, and the second that has them
    [InlineData("${net0.lldp/0x0080c203.127.0.7.0}", "prod")] // a prefix has at most four bytes
    [InlineData("${net0.lldp/0x0080c203.127.0.4.1}", "00")]
    [InlineData("${net0.lldp/5}", "")]
    [InlineData("${net0.lldp/hostname}", "")]
    [InlineData("${5.0.0.0}", "")] // no DHCP option, and no other block's
    public void Settings_ReadByIpxesNumbers(string word, string expected)
    {
        Send(s_sample);
        Assert.Equal(expected, _session.Expand(word));
    }

    [Fact]
    public void Message_HoldsAsLongAsItSays_AndTheNextReplacesIt()
    {
        Send(s_sample);
        Send([.. s_mandatory, .. Tlv(5, "switch-2"u8), .. Tlv(0)]);
        Assert.Equal("switch-2", _session.Expand("${net0.lldp/5.0.0.0}"));
        _session.EventLoop.Advance(119_000_000);
        _session.EventLoop.RunOnce();
        Assert.Equal("switch-2", _session.Expand("${net0.lldp/5.0.0.0}"));
        _session.EventLoop.Advance(2_000_000);
        _session.EventLoop.RunOnce();
        Assert.Equal("", _session.Expand("${net0.lldp/5.0.0.0}"));
        Send(s_sample);
        Send([.. s_mandatory[..^1], 0, .. Tlv(0)]); // IEEE 802.1AB-2016, 9.1.2.3: it goes.
        Assert.Equal("", _session.Expand("${net0.lldp/5.0.0.0}"));
        Assert.Equal(0UL, _netif.Counters.Dropped(DropReason.BadLldp));
    }

    [Fact]
    public void Message_ThatIsDamaged_IsDroppedAndCounted()
    {
        byte[][] messages =
        [
            [], [2], [2, 7], s_mandatory[..4], [.. s_mandatory[9..]], [.. Tlv(2, 5, 65), .. Tlv(1, 4, 1), .. Tlv(3, 0, 1)], [.. s_mandatory, 0x0A, 60, 1],
            [.. s_mandatory[..^4], .. Tlv(3, 1)], [.. s_mandatory, .. Enumerable.Repeat(Tlv(5, new byte[500]), 3).SelectMany(each => each)],
        ];
        Send(s_sample);
        foreach (byte[] message in messages)
        {
            Send(message);
        }

        Assert.Equal((ulong)messages.Length, _netif.Counters.Dropped(DropReason.BadLldp));
        Assert.Equal("switch-1", _session.Expand("${net0.lldp/5.0.0.0}"));
    }

    [Fact]
    public void Message_OfAnyBytes_IsReadOrDropped()
    {
        string[] words = ["${net0.lldp/5.0.0.0}", "${net0.lldp/127.3.4.5}", "${net0.lldp/0x0080c203.127.0.255.255}", "${net0.lldp/127.255.255.0}"];
        Prop.ForAll<byte[], byte[]>((first, second) =>
        {
            Send(first);
            Send([.. s_mandatory, .. first, .. second]);
            return words.All(word => _session.Expand(word).Length < 2048);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private void Send(byte[] message)
    {
        _switch.SendFrame(EtherType, message, s_nearestBridge);
        _session.EventLoop.RunOnce();
    }

    private static byte[] Tlv(int type, params ReadOnlySpan<byte> value) => [(byte)((type << 1) | (value.Length >> 8)), (byte)value.Length, .. value];
}
