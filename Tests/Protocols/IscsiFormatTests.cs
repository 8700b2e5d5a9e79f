using System;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Protocols.Iscsi;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>iSCSI's formats: the RFCs' own examples, and any bytes.</summary>
public sealed class IscsiFormatTests
{
    // RFC 7143, B.4.
    [Theory]
    [InlineData("zeros", 0x8A9136AA)]
    [InlineData("ones", 0x62A8AB43)]
    [InlineData("up", 0x46DD794E)]
    [InlineData("down", 0x113FDB5C)]
    public void Crc32C_IsTheRfcs(string what, uint crc)
    {
        byte[] bytes = new byte[32];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(what switch { "zeros" => 0, "ones" => 0xFF, "up" => i, _ => 31 - i });
        }

        Assert.Equal(crc, Crc32C.Add(0, bytes));
        Assert.Equal(crc, Crc32C.Add(Crc32C.Add(0, bytes.AsSpan(0, 13)), bytes.AsSpan(13)));
        Assert.Equal(crc, IscsiTargetConnection.Crc(bytes));
    }

    [Theory]
    [InlineData("iscsi:192.0.2.1::::iqn.2024-01.test:disk", "192.0.2.1", 3260, 0UL, "iqn.2024-01.test:disk", null, null)]
    [InlineData("iscsi:192.0.2.1:6:3261:1:iqn.a:b:c", "192.0.2.1", 3261, 0x0001_0000_0000_0000UL, "iqn.a:b:c", null, null)]
    [InlineData("iscsi:[2001:db8::1]:::4752-3A4F-6b7e-2F99:eui.02004567A425678D", "2001:db8::1", 3260, 0x4752_3A4F_6B7E_2F99UL, "eui.02004567A425678D", null, null)]
    [InlineData("iscsi:me:a%40b%3ac:d@san.example::::iqn.x", "san.example", 3260, 0UL, "iqn.x", "me", "a@b:c:d")]
    [InlineData("iscsi:me@[::1]:6::2-0:iqn.x", "::1", 3260, 0x0002_0000_0000_0000UL, "iqn.x", "me", "")]
    public void RootPath_IsRead(string text, string server, int port, ulong lun, string target, string? user, string? password)
    {
        IscsiRootPath? path = IscsiRootPath.Parse(text, out Error? error);
        Assert.Null(error);
        Assert.Equal((server, port, lun, target, user, password), (path!.Server, path.Port, path.Lun, path.Target, path.User, path.Password));
    }

    [Theory]
    [InlineData("aoe:e0.1", "it does not begin with \"iscsi:\"")]
    [InlineData("iscsi:", "the server is missing")]
    [InlineData("iscsi:::::iqn.x", "the server is missing")]
    [InlineData("iscsi:192.0.2.1", "the target's name is missing")]
    [InlineData("iscsi:192.0.2.1::::", "the target's name is missing")]
    [InlineData("iscsi:192.0.2.1:33277:1:iqn.x:y", "the protocol is \"33277\", not 6 (TCP): is a colon missing?")]
    [InlineData("iscsi:me:secret192.0.2.1:::iqn.x", "the protocol is not 6 (TCP)")]
    [InlineData("iscsi:2001:db8::1:::iqn.x", "an address of IPv6 stands in brackets")]
    [InlineData("iscsi:192.0.2.1::0::iqn.x", "the port \"0\" is not a number from 1 to 65535")]
    [InlineData("iscsi:192.0.2.1::65536::iqn.x", "the port \"65536\" is not a number from 1 to 65535")]
    [InlineData("iscsi:192.0.2.1:::12345:iqn.x", "the LUN \"12345\" is not of hexadecimal digits, four at most between dashes")]
    [InlineData("iscsi:192.0.2.1:::1-2-3-4-5:iqn.x", "the LUN \"1-2-3-4-5\" is not of hexadecimal digits, four at most between dashes")]
    [InlineData("iscsi:192.0.2.1:::1-:iqn.x", "the LUN \"1-\" is not of hexadecimal digits, four at most between dashes")]
    [InlineData("iscsi:[2001:db8::1:::iqn.x", "'[' without \"]:\"")]
    public void RootPath_ThatMakesNoSense_SaysWhere(string text, string what)
    {
        Assert.Null(IscsiRootPath.Parse(text, out Error? error));
        Assert.Equal($"iSCSI root path: {what} (iscsi:[user:password@]server:protocol:port:LUN:target)", error!.Message);
    }

    [Fact]
    public void RootPath_OfAnyText_IsReadOrRefused() => Prop.ForAll<string>(text =>
    {
        foreach (string each in new[] { text ?? "", "iscsi:" + text, "iscsi:h:" + text, "iscsi:u@[" + text })
        {
            Assert.True(IscsiRootPath.Parse(each, out Error? error) is null != error is null);
        }
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("0x0123aB", "0123AB")]
    [InlineData("0X123", "0123")]
    [InlineData("0bAQID", "010203")]
    [InlineData("0BAQI=", "0102")]
    [InlineData("0xg0", null)]
    [InlineData("123", null)]
    [InlineData("0b*", null)]
    [InlineData("", null)]
    public void BinaryValue_IsHexadecimalOrBase64(string text, string? expected)
    {
        byte[] room = new byte[4];
        int length = IscsiText.ReadBytes(Encoding.ASCII.GetBytes(text), room);
        Assert.Equal(expected, length < 0 ? null : Convert.ToHexString(room.AsSpan(0, length)));
    }

    [Fact]
    public void BinaryValue_LongerThanItsRoom_IsRefused() => Assert.Equal(-1, IscsiText.ReadBytes("0x0102030405"u8, new byte[4]));

    [Theory]
    [InlineData("70000300000000000000000011000000", 3, 0x1100)]
    [InlineData("F0000600000000000000000029010000", 6, 0x2901)]
    [InlineData("7205250000000000", 5, 0x2500)]
    [InlineData("720525", 5, 0x2500)]
    [InlineData("700005", 5, 0)]
    [InlineData("7E0005", 0, 0)]
    [InlineData("", 0, 0)]
    public void Sense_IsReadAsFarAsItGoes(string bytes, int key, int code)
    {
        ScsiSense sense = new(Convert.FromHexString(bytes));
        Assert.Equal((key, code), (sense.Key, sense.Code));
        Assert.NotEmpty(sense.KeyName);
    }

    [Theory]
    [InlineData("host", "11111111-2222", "iqn.2010-04.org.ipxe:host")]
    [InlineData("", "11111111-2222", "iqn.2010-04.org.ipxe:11111111-2222")]
    [InlineData("", "", "iqn.2010-04.org.ipxe:52:54:00:00:00:01")]
    public void InitiatorName_WithoutOne_IsTheMachines(string host, string uuid, string name) =>
        Assert.Equal(name, IscsiInitiator.DefaultName(host, uuid, PeerWire.ClientMac));
}
