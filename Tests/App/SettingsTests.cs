using System;
using System.Linq;
using System.Text;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack;
using Xunit;
using static NetBoot.Tests.App.TestSession;

namespace NetBoot.Tests.App;

/// <summary>Names, types, scopes and the store.</summary>
public class SettingsTests
{
    private static readonly string[] s_predefined =
    [
        "ip", "netmask", "gateway", "dns", "syslog", "hostname", "domain", "root-path", "mtu", "ntp", "dhcp-server", "vendor-class", "filename",
        "user-class", "dnssl", "static-routes", "initiator-iqn", "next-server", "priority", "keep-san", "skip-san-boot", "scriptlet", "syslogs",
        "trust", "cert", "privkey", "crosscert", "no-pxedhcp", "bus-id", "use-cached", "san-retries", "san-filename", "san-drive", "username",
        "password", "reverse-username", "reverse-password", "uid", "gid",
    ];

    [Theory]
    [InlineData("string", "a b", "a b")]
    [InlineData("uristring", "a%20b%2F", "a%20b%2F")]
    [InlineData("uristring", "a~b/c", "a~b%2Fc")]
    [InlineData("uristring", "100%", "100%25")]
    [InlineData("ipv4", "192.168.0.1", "192.168.0.1")]
    [InlineData("ipv6", "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a")]
    [InlineData("ipv6", "::1", "::1")]
    [InlineData("ipv6", "::", "::")]
    [InlineData("ipv6", "fe80::", "fe80::")]
    [InlineData("ipv6", "1:0:2:0:0:3:0:0", "1:0:2::3:0:0")]
    [InlineData("ipv6", "::ffff:192.0.2.1", "::ffff:192.0.2.1")]
    [InlineData("int8", "-1", "-1")]
    [InlineData("int8", "0xff", "-1")]
    [InlineData("int16", "-300", "-300")]
    [InlineData("int32", "010", "8")]
    [InlineData("int32", "42", "42")]
    [InlineData("uint8", "255", "0xff")]
    [InlineData("uint8", "-1", "0xff")]
    [InlineData("uint16", "10", "0xa")]
    [InlineData("uint32", "0xDEADBEEF", "0xdeadbeef")]
    [InlineData("hex", "0a:1B:ff", "0a:1b:ff")]
    [InlineData("hexhyp", "0a-1B-ff", "0a-1b-ff")]
    [InlineData("hexraw", "0a1Bff", "0a1bff")]
    [InlineData("base64", "SGVsbG8=", "SGVsbG8=")]
    [InlineData("base64", "SGVsbA==", "SGVsbA==")]
    [InlineData("uuid", "00112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("guid", "00112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("dnssl", "example.com sub.example.org", "example.com sub.example.org")]
    public void Type_ReadsAndWritesText(string type, string value, string expected)
    {
        using TestSession session = new();
        session.Run($"set x:{type} {value}");

        Assert.Equal("", session.Output);
        Assert.Equal(expected, session.Expand("${x}"));
        Assert.Equal(expected, session.Expand("${x:" + type + "}"));
    }

    [Theory]
    [InlineData("ipv4", "192.168.0")]
    [InlineData("ipv4", "host")]
    [InlineData("ipv6", ":::")]
    [InlineData("ipv6", "1:2")]
    [InlineData("ipv6", "1:2:3:4:5:6:7:8:9")]
    [InlineData("ipv6", "1::2::3")]
    [InlineData("int8", "1x")]
    [InlineData("int32", "x")]
    [InlineData("hex", "0a:1")]
    [InlineData("hex", "0a-1b")]
    [InlineData("hex", "zz")]
    [InlineData("hexraw", "abc")]
    [InlineData("base64", "SGV")]
    [InlineData("base64", "S===")]
    [InlineData("uuid", "00112233")]
    [InlineData("busdevfn", "0000:00:00.0")]
    [InlineData("dnssl", "a..b")]
    public void Type_RefusesOtherText(string type, string value)
    {
        Assert.Equal($"boot.ipxe:2: set: x:{type}: not a value of type {type}: {value}\n", OutputOf($"set x:{type} {value}"));
    }

    [Theory]
    [InlineData("set x:hex 1b", "${x}", "1b")]
    [InlineData("set x:hex 1b", "${x:string}[1m", "\u001B[1m")]
    [InlineData("set x:hex 20:20\nset x ${x:string}", "<${x}>", "<  >")]
    [InlineData("set x:ipv4 1.2.3.4", "${x:hex}", "01:02:03:04")]
    [InlineData("set x:ipv4 1.2.3.4", "${x:uint32}", "0x1020304")]
    [InlineData("set x:ipv4 1.2.3.4", "${x:string}", "\u0001\u0002\u0003\u0004")]
    [InlineData("set x:uuid 00112233-4455-6677-8899-aabbccddeeff", "${x:guid}", "33221100-5544-7766-8899-aabbccddeeff")]
    [InlineData("set x:uint16 0x00a1", "${x:busdevfn}", "0000:00:14.1")]
    [InlineData("set x:hex ff:ff:ff:ff:ff:ff:ff:ff:01", "${x:int32}", "-255")]
    [InlineData("set x:hex 01:ff:ff:ff:ff:ff:ff:ff:01", "${x:int32}", "")]
    [InlineData("set x 5", "${x:int32}", "53")]
    [InlineData("set x:hex 01:02", "${x:ipv4}${x:uuid}${x:ipv6}", "")]
    [InlineData("set x a b", "${x:uristring}", "a%20b")]
    [InlineData("set x hello", "${x:base64}", "aGVsbG8=")]
    [InlineData("set x:hex 52:54:00:12:34:56", "01-${x:hexhyp}", "01-52-54-00-12-34-56")]
    [InlineData("set x:hex 61:00:62", "${x:string}", "a")]
    public void Value_IsShownAsTheTypeAskedFor(string lines, string word, string expected)
    {
        using TestSession session = new();
        session.Run(lines);

        Assert.Equal(expected, session.Expand(word));
    }

    [Theory]
    [InlineData("set x a \necho <${x}>", "<a>\n")]
    [InlineData("set x a\nset x\necho <${x}>", "<>\n")]
    [InlineData("set x a\nclear x\necho <${x}>", "<>\n")]
    [InlineData("clear nosuch", "")]
    [InlineData("clear no/such", "")]
    [InlineData("set x a\nset x b\necho ${x}", "b\n")]
    [InlineData("set a.b/c v\necho ${a.b/c} ${a/c} ${c}", "v v v\n")]
    [InlineData("set a/c below\nset c above\necho ${c} ${a/c}", "above below\n")]
    [InlineData("set a/c 1\nset b/c 2\necho ${c}", "1\n")]
    [InlineData("set a/c 1\nset b/c 2\nset b/priority 1\necho ${c}", "2\n")]
    [InlineData("set a/c 1\nset b/c 2\nset a/priority -1\necho ${c}", "2\n")]
    [InlineData("set 67 file\necho ${filename} ${67:string} ${0x43}", "file file file\n")]
    [InlineData("set filename f\necho ${67}", "f\n")]
    [InlineData("set 43.116:hex 01\necho ${43.116} ${11124}", "01 01\n")]
    [InlineData("set ip 10.0.0.1\necho ${ip} ${ip:hex}", "10.0.0.1 0a:00:00:01\n")]
    [InlineData("set X 1\necho <${x}>", "<>\n")]
    public void Settings_AreSetClearedAndFound(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Theory]
    [InlineData("inc i\necho ${i}", "1\n")]
    [InlineData("inc i 5\ninc i\necho ${i}", "6\n")]
    [InlineData("set i:int32 7\ninc i\necho ${i}", "8\n")]
    [InlineData("set i:int32 7\ninc i -10\necho =${i}", "=-3\n")]
    [InlineData("set i:uint8 255\ninc i\necho ${i}", "0x0\n")]
    [InlineData("inc i:uint16 16\necho ${i}", "0x10\n")]
    [InlineData("set i x\ninc i", "boot.ipxe:3: inc: i: not a number, but a value of type string\n")]
    [InlineData("inc i x", "boot.ipxe:2: inc: not a number: x\n")]
    [InlineData("set net0/mac 0a\nset i:int32 0\n:l\nisset ${net${i}/mac} || goto e\ninc i\ngoto l\n:e\necho ${i}", "1\n")]
    public void Increment_AddsToNumbers(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Theory]
    [InlineData("show nosuch", "boot.ipxe:2: show: no such setting: nosuch\n")]
    [InlineData("set x:hex 01\nshow x", "x:hex = 01\n")]
    [InlineData("set a.b/x 1\nshow a.b/x", "a.b/x:string = 1\n")]
    [InlineData("show --quiet platform", "efi\n")]
    [InlineData("show platform", "builtin/platform:string = efi\n")]
    public void Show_PrintsBlockTypeAndValue(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Theory]
    [InlineData("${buildarch}", "x86_64")]
    [InlineData("${platform}", "efi")]
    [InlineData("${version}", ProductVersion.Text)]
    [InlineData("${memsize}", "512")]
    [InlineData("${unixtime}", "0x6553f100")]
    [InlineData("${unixtime:int32}", "1700000000")]
    [InlineData("${cwuri}", "http://server/dir/start")]
    [InlineData("${cwduri}", "http://server/dir/")]
    [InlineData("${builtin/platform}", "efi")]
    [InlineData("${secureboot}", "0")]
    [InlineData("${errno}", "0x0")]
    public void BuiltIns_AreThere(string word, string expected)
    {
        using TestSession session = new();

        Assert.Equal(expected, session.Expand(word));
    }

    [Fact]
    public void BuiltIn_IsHiddenByWhatAUserSets()
    {
        Assert.Equal("mine\n", OutputOf("set platform mine\necho ${platform}"));
    }

    [Fact]
    public void DnsSearchList_FollowsPointers_AndNoLoops()
    {
        byte[] list = [3, (byte)'e', (byte)'n', (byte)'g', 0xC0, 9, 1, (byte)'m', 0, 3, (byte)'c', (byte)'o', (byte)'m', 0];

        Assert.Equal("eng.com m com", SettingFormat.Format(SettingType.DnsSearchList, list));
        Assert.Equal("", SettingFormat.Format(SettingType.DnsSearchList, [0xC0, 0]));
        Assert.Equal("", SettingFormat.Format(SettingType.DnsSearchList, [1, (byte)'a', 0xC0, 0]));
        Assert.Equal("", SettingFormat.Format(SettingType.DnsSearchList, [5, (byte)'a']));
    }

    [Fact]
    public void Store_UsesNoMoreMemoryForSettingAndClearingForEver()
    {
        using SettingStore store = new();
        SettingName.TryParse("name", out SettingName name);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(store.TryStore(name, SettingType.String, Encoding.ASCII.GetBytes(new string('x', i % 100 + 1))));
            Assert.True(store.Size < 200);
        }

        Assert.True(store.TryStore(name, SettingType.String, default));
        Assert.Equal(0, store.Size);
    }

    [Fact]
    public void Store_HasALimit()
    {
        using SettingStore store = new();
        SettingName.TryParse("name", out SettingName name);

        Assert.False(store.TryStore(name, SettingType.String, new byte[SettingStore.MaximumSize]));
        Assert.True(store.TryStore(name, SettingType.String, new byte[1000]));
    }

    [Fact]
    public void PredefinedSettings_HaveTheSameTypeByNumber()
    {
        ILookup<ulong, SettingType> types = s_predefined
            .Select(name => (Type: PredefinedSettings.Find(name, out ulong tag), Tag: tag)).Where(each => each.Tag != 0)
            .ToLookup(each => each.Tag, each => each.Type);
        for (uint tag = 0; tag < 0x10000; tag++)
        {
            SettingType type = PredefinedSettings.FindType(tag);
            Assert.All(types[tag], each => Assert.Equal(each, type));
            Assert.True(types.Contains(tag) || type == SettingType.None, $"{tag}: {type}");
        }
    }

    [Fact]
    public void Scopes_HaveALimit()
    {
        Assert.Contains(
            "no room for more scopes",
            OutputOf(":l\ninc i\nset s${i}/x y || exit\niseq ${i} 1000 || goto l"));
    }

    [Fact]
    public void Smbios_NamesTheMachine()
    {
        using TestSession session = new();
        session.Platform.SmbiosTable = SmbiosSample.Table;

        Assert.Equal("Maker", session.Expand("${manufacturer}"));
        Assert.Equal("Model X", session.Expand("${product}"));
        Assert.Equal("S-1", session.Expand("${serial}"));
        Assert.Equal("Asset", session.Expand("${asset}"));
        Assert.Equal("B-1", session.Expand("${board-serial}"));
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", session.Expand("${uuid}"));
        Assert.Equal("Model X", session.Expand("${smbios/1.5.0}"));
        Assert.Equal("Maker", session.Expand("${smbios/0.1.4.0}"));
        Assert.Equal("33:22", session.Expand("${smbios/1.8.2}"));
        Assert.Equal("", session.Expand("${smbios/1.200.0}${smbios/1.200.2}${smbios/1.1.4.0}${smbios/77.4.0}"));
        Assert.Equal("cc:dd:ee:ff:00:00:00", session.Expand("${smbios/1.20.200}"));
        session.Platform.SmbiosVersion = 0x205;
        Assert.Equal("33221100-5544-7766-8899-aabbccddeeff", session.Expand("${uuid}"));
    }

    [Fact]
    public void Smbios_WithoutAUuid_HasNone()
    {
        using TestSession session = new();
        byte[] table = (byte[])SmbiosSample.Table.Clone();
        session.Platform.SmbiosTable = table;
        table.AsSpan(8, 16).Fill(0xFF);
        Assert.Equal("", session.Expand("${uuid}"));
        table.AsSpan(8, 16).Clear();
        Assert.Equal("", session.Expand("${uuid}"));
    }
}
