using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;
using IPv4Address = NetBoot.NetworkStack.Wire.IPv4Address;
using NetAddress = System.Net.IPAddress;

namespace NetBoot.Tests.Network;

/// <summary>Addresses, endpoints and prefixes as text, against .NET's.</summary>
public sealed class IPAddressTests
{
    private static readonly string[] s_groups = ["0", "1", "ab", "ABCD", "0db8", "1.2.3.4", "12345", "g", "1.2.3.256", ""];
    private static readonly string[] s_separators = [":", ":", ":", ":", ":", "::", "::", ".", ""];

    [Theory]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1")] // RFC 5952, 4.2.3: the first of equal runs
    [InlineData("2001:0db8:0:0:0:0:2:1", "2001:db8::2:1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")] // RFC 5952, 4.2.2
    [InlineData("2001:0:0:1:0:0:0:1", "2001:0:0:1::1")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.1")] // RFC 5952, 5
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::c000:221")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    public void Address_IsRead_AndWrittenTheOneWay(string text, string written)
    {
        Assert.True(IPAddress.TryParse(text, out IPAddress address));
        Assert.Equal(written, address.Text());
        Assert.True(IPAddress.TryParse(written, out IPAddress again));
        Assert.True(address == again && address.Equals((object)again) && address.GetHashCode() == again.GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("::1.2.3.4:1")]
    [InlineData("::1.2.3")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("192.0.2.01")]
    [InlineData(" ::1")]
    public void Text_OfNoAddress_IsRefused(string text) => Assert.False(IPAddress.TryParse(text, out _));

    [Fact]
    public void Bytes_AreWrittenAsNetWritesThem_AndReadBack() => Prop.ForAll<byte[], byte>((bytes, zeros) =>
    {
        byte[] wire = new byte[16];
        bytes.AsSpan(0, Math.Min(bytes.Length, 16)).CopyTo(wire);
        for (int group = 0; group < 8; group++)
        {
            if ((zeros & (1 << group)) != 0)
            {
                wire.AsSpan(group * 2, 2).Clear(); // Runs of zeros are what differs.
            }
        }

        IPAddress address = new(wire);
        byte[] copy = new byte[16];
        address.CopyTo(copy);
        NetAddress reference = new(wire);
        string expected = reference.ToString();
        return copy.SequenceEqual(wire) && address.Family == AddressFamily.IPv6 &&
            (address.Text() == expected || (expected.Contains('.') && !reference.IsIPv4MappedToIPv6)) && // .NET knows older forms with a dot.
            IPAddress.TryParse(address.Text(), out IPAddress read) && read == address;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void IPv4Address_IsTheLastBytes_AndMappedWrittenAsNetWritesIt() => Prop.ForAll<uint>(value =>
    {
        IPAddress v4 = new(new IPv4Address(value));
        byte[] wire = new byte[16];
        v4.CopyTo(wire);
        byte[] last = [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
        bool isLast = wire.SequenceEqual(new byte[12].Concat(last));
        wire[10] = wire[11] = 0xFF;
        IPAddress mapped = new(wire);
        string expected = value >> 16 == 0 ? "::ffff:" + v4.Text() : new NetAddress(wire).ToString(); // .NET writes these few in groups.
        return isLast && mapped.Text() == expected && v4.Text() == new NetAddress(last).ToString() &&
            v4 != mapped && v4.IPv4 == new IPv4Address(value) && mapped.IPv4.IsAny;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Text_IsTakenAsNetTakesIt() => Prop.ForAll<byte[]>(choices =>
    {
        string text = string.Concat(choices.Take(17).Select((choice, i) => i % 2 == 0 ? s_groups[choice % s_groups.Length] : s_separators[choice % s_separators.Length]));
        bool isRead = IPAddress.TryParse(text, out IPAddress address);
        NetAddress? reference = null;
        bool isReference = text.Contains(':') && NetAddress.TryParse(text, out reference) && reference.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        if (!text.Contains(':'))
        {
            return isRead == IPv4Address.TryParse(text, out _);
        }

        byte[] bytes = new byte[16];
        address.CopyTo(bytes);
        return isRead
            ? isReference && reference!.GetAddressBytes().SequenceEqual(bytes)
            : !isReference || text.Contains('.'); // Of those .NET takes more.
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Theory]
    [InlineData("192.0.2.1:80")]
    [InlineData("[2001:db8::1]:65535")]
    [InlineData("[::ffff:192.0.2.1]:0")]
    public void Endpoint_IsReadAndWritten(string text)
    {
        Assert.True(IPEndpoint.TryParse(text, out IPEndpoint endpoint));
        Assert.Equal(text, endpoint.Text());
        Assert.True(endpoint == new IPEndpoint(endpoint.Address, endpoint.Port) && endpoint.Equals((object)endpoint));
        Assert.True(endpoint != new IPEndpoint(endpoint.Address, (ushort)(endpoint.Port + 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("192.0.2.1")]
    [InlineData("192.0.2.1:")]
    [InlineData("192.0.2.1:65536")]
    [InlineData("192.0.2.1:080")]
    [InlineData("192.0.2.1:+1")]
    [InlineData("192.0.2.1:999999999999")]
    [InlineData("2001:db8::1:80")]
    [InlineData("[192.0.2.1]:80")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[]:1")]
    public void Text_OfNoEndpoint_IsRefused(string text) => Assert.False(IPEndpoint.TryParse(text, out _));

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", "192.0.3.0")]
    [InlineData("192.0.2.1/32", "192.0.2.1", "192.0.2.0")]
    [InlineData("0.0.0.0/0", "255.255.255.255", "::")]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::")]
    [InlineData("2001:db8:0:1::/65", "2001:db8:0:1:7fff::", "2001:db8:0:1:8000::")]
    [InlineData("2001:db8::1/128", "2001:db8::1", "2001:db8::2")]
    [InlineData("::/0", "ffff::", "0.0.0.0")]
    public void Prefix_HasWhatBeginsAlike(string text, string inside, string outside)
    {
        Assert.True(IPPrefix.TryParse(text, out IPPrefix prefix));
        Assert.Equal(text, prefix.Text());
        Assert.True(IPAddress.TryParse(inside, out IPAddress address) && prefix.Contains(address));
        Assert.True(new IPPrefix(address, prefix.Length) == prefix);
        Assert.True(IPAddress.TryParse(outside, out address) && !prefix.Contains(address));
    }

    [Theory]
    [InlineData("192.0.2.1/24")] // A host's address.
    [InlineData("192.0.2.0/33")]
    [InlineData("2001:db8::/129")]
    [InlineData("2001:db8::1/64")]
    [InlineData("192.0.2.0")]
    [InlineData("192.0.2.0/")]
    [InlineData("/24")]
    [InlineData("::/-1")]
    public void Text_OfNoPrefix_IsRefused(string text)
    {
        Assert.False(IPPrefix.TryParse(text, out IPPrefix prefix));
        Assert.True(prefix == default);
    }

    [Fact]
    public void Prefix_AgreesWithNet() => Prop.ForAll<byte[], byte, byte>((bytes, length, bit) =>
    {
        byte[] wire = new byte[16];
        bytes.AsSpan(0, Math.Min(bytes.Length, 16)).CopyTo(wire);
        IPPrefix prefix = new(new IPAddress(wire), length % 129);
        byte[] first = new byte[16];
        prefix.Address.CopyTo(first);
        System.Net.IPNetwork reference = new(new NetAddress(first), prefix.Length);
        first[bit % 128 / 8] ^= (byte)(0x80 >> (bit % 8));
        return prefix.Text().EndsWith($"/{length % 129}", StringComparison.Ordinal) && prefix.Contains(new IPAddress(wire)) &&
            prefix.Contains(new IPAddress(first)) == reference.Contains(new NetAddress(first));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void None_IsNoAddress()
    {
        Assert.Equal("", default(IPAddress).Text());
        Assert.Equal(0, default(IPAddress).Bits);
        Assert.False(default(IPPrefix).Contains(new IPAddress(IPv4Address.Any)));
        Assert.True(default(IPAddress) != new IPAddress(IPv4Address.Any));
    }
}
