using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Protocols;

public class ResourceUriTests
{
    [Fact]
    public void Parse_WithEveryPart_HasEachOne()
    {
        ResourceUri uri = Good("HTTP://us%65r:p%40ss@Boot.Example:8080/a/b%20c?x=1&y#part");
        Assert.Equal("http", uri.Scheme);
        Assert.Equal("us%65r:p%40ss", uri.UserInfo);
        Assert.Equal("Boot.Example", uri.Host);
        Assert.Equal((ushort)8080, uri.Port);
        Assert.Equal("/a/b%20c", uri.Path);
        Assert.Equal("x=1&y", uri.Query);
        Assert.Equal("part", uri.Fragment);
        Assert.Equal("b c", uri.FileName);
    }

    [Fact]
    public void Parse_WithIPv6Literal_TakesItOutOfItsBrackets()
    {
        ResourceUri uri = Good("http://[2001:db8::1]:81/x");
        Assert.Equal("2001:db8::1", uri.Host);
        Assert.True(uri.IsIPv6Literal);
        Assert.Equal((ushort)81, uri.Port);
        Assert.Equal("http://[2001:db8::1]:81/x", uri.ToText());
    }

    [Theory]
    [InlineData("http://[fe80::1%25net0]:81/x")]
    [InlineData("http://[fe80::1%net0]:81/x")]
    public void Parse_WithAZone_KeepsIt(string text)
    {
        ResourceUri uri = Good(text);
        Assert.Equal("fe80::1%25net0", uri.Host);
        Assert.Equal("http://[fe80::1%25net0]:81/x", uri.ToText());
        Assert.Equal("http://[fe80::1%25net0]:81/y", uri.Resolve("y", out _)!.ToText());
    }

    [Theory]
    [InlineData("http://[fe80::2]/y", "http://[fe80::2%25net0]/y")]
    [InlineData("//[fe80::1]/y", "http://[fe80::1%25net0]/y")]
    [InlineData("http://[fe80::2%25net1]/y", "http://[fe80::2%25net1]/y")]
    [InlineData("http://[2001:db8::1]/y", "http://[2001:db8::1]/y")]
    [InlineData("http://name/y", "http://name/y")]
    public void Resolve_OfANeighbour_IsOfTheSameZone(string reference, string expected) =>
        Assert.Equal(expected, Good("http://[fe80::1%25net0]/x").Resolve(reference, out _)!.ToText());

    [Theory]
    [InlineData("http://[fe80::1%]/", "'%' without an interface")]
    [InlineData("http://[fe80::1%25]/", "'%' without an interface")]
    [InlineData("http://h:0/", "the port is not a number from 1 to 65535")]
    [InlineData("http://h:65536/", "the port is not a number from 1 to 65535")]
    [InlineData("http://h:8x/", "the port is not a number from 1 to 65535")]
    [InlineData("http://[::1/", "'[' without ']'")]
    [InlineData("http://a b/", "the host has a character that no host has")]
    [InlineData("http://a\r\nb/", "the host has a character that no host has")]
    public void Parse_WithBadAuthority_SaysWhat(string text, string what)
    {
        Assert.Null(ResourceUri.Parse(text, out Error? error));
        Assert.EndsWith(what, error!.Message);
        Assert.DoesNotContain('\r', error.Message);
    }

    [Theory]
    [InlineData("http://h/a b\r\nX: y", "http://h/a%20b%0D%0AX:%20y")]
    [InlineData("http://h/100%", "http://h/100%25")]
    [InlineData("http://h/%7Ea%2fb", "http://h/%7Ea%2fb")]
    [InlineData("http://h:/", "http://h/")]
    [InlineData("http://h", "http://h")]
    public void Parse_OfWhatPeopleType_IsFitForTheWire(string text, string expected) => Assert.Equal(expected, Good(text).ToText());

    [Fact]
    public void AppendTo_ShowsNoPassword()
    {
        ResourceUri uri = Good("http://user:secret@h/x");
        Assert.Equal("http://user:***@h/x", uri.ToString());
        Assert.Equal("http://user:secret@h/x", uri.ToText());
    }

    // RFC 3986, 5.4.1 and 5.4.2.
    [Theory]
    [InlineData("g:h", "g:h")]
    [InlineData("g", "http://a/b/c/g")]
    [InlineData("./g", "http://a/b/c/g")]
    [InlineData("g/", "http://a/b/c/g/")]
    [InlineData("/g", "http://a/g")]
    [InlineData("//g", "http://g")]
    [InlineData("?y", "http://a/b/c/d;p?y")]
    [InlineData("g?y", "http://a/b/c/g?y")]
    [InlineData("#s", "http://a/b/c/d;p?q#s")]
    [InlineData("g#s", "http://a/b/c/g#s")]
    [InlineData("g?y#s", "http://a/b/c/g?y#s")]
    [InlineData(";x", "http://a/b/c/;x")]
    [InlineData("g;x", "http://a/b/c/g;x")]
    [InlineData("g;x?y#s", "http://a/b/c/g;x?y#s")]
    [InlineData("", "http://a/b/c/d;p?q")]
    [InlineData(".", "http://a/b/c/")]
    [InlineData("./", "http://a/b/c/")]
    [InlineData("..", "http://a/b/")]
    [InlineData("../", "http://a/b/")]
    [InlineData("../g", "http://a/b/g")]
    [InlineData("../..", "http://a/")]
    [InlineData("../../", "http://a/")]
    [InlineData("../../g", "http://a/g")]
    [InlineData("../../../g", "http://a/g")]
    [InlineData("../../../../g", "http://a/g")]
    [InlineData("/./g", "http://a/g")]
    [InlineData("/../g", "http://a/g")]
    [InlineData("g.", "http://a/b/c/g.")]
    [InlineData(".g", "http://a/b/c/.g")]
    [InlineData("g..", "http://a/b/c/g..")]
    [InlineData("..g", "http://a/b/c/..g")]
    [InlineData("./../g", "http://a/b/g")]
    [InlineData("./g/.", "http://a/b/c/g/")]
    [InlineData("g/./h", "http://a/b/c/g/h")]
    [InlineData("g/../h", "http://a/b/c/h")]
    [InlineData("g;x=1/./y", "http://a/b/c/g;x=1/y")]
    [InlineData("g;x=1/../y", "http://a/b/c/y")]
    [InlineData("g?y/./x", "http://a/b/c/g?y/./x")]
    [InlineData("g#s/../x", "http://a/b/c/g#s/../x")]
    [InlineData("http:g", "http:g")]
    public void Resolve_OfTheSpecificationsExamples_GivesTheirResults(string reference, string expected)
    {
        ResourceUri uri = Good("http://a/b/c/d;p?q").Resolve(reference, out Error? error)!;
        Assert.Null(error);
        Assert.Equal(expected, uri.ToText());
    }

    [Fact]
    public void Resolve_AgainstHostWithoutPath_StartsAtTheRoot() =>
        Assert.Equal("http://a/x", Good("http://a").Resolve("x", out _)!.ToText());

    [Theory]
    [InlineData("pxe/kernel", "tftp://192.0.2.1/pxe/kernel")]
    [InlineData("/pxe/kernel", "tftp://192.0.2.1//pxe/kernel")]
    [InlineData("a?b#c%d", "tftp://192.0.2.1/a%3Fb%23c%25d")]
    [InlineData("boot\\x64\\a.efi", "tftp://192.0.2.1/boot%5Cx64%5Ca.efi")]
    public void ForTftp_TakesEveryCharacterAsItIs(string fileName, string expected)
    {
        Assert.Equal(expected.Replace("192.0.2.1", "[fe80::1%25net0]"), ResourceUri.ForTftp("fe80::1%net0", fileName).ToText());
        string text = ResourceUri.ForTftp("192.0.2.1", fileName).ToText();
        Assert.Equal(expected, text);
        Assert.Equal("/" + fileName, PercentEncoding.Decode(Good(text).Path));
    }

    [Fact]
    public void ToText_OfPathThatLooksLikeAnAuthority_IsReadBackTheSame() =>
        Assert.Equal("file:/.//x", Good("file:/.//x").Resolve(Good("file:/.//x")).ToText());

    [Fact]
    public void Parse_OfAnything_EitherFailsOrIsStable() => Prop.ForAll<NonNull<string>>(text =>
    {
        ResourceUri? uri = ResourceUri.Parse(text.Get, out Error? error);
        if (uri is null)
        {
            return error is not null;
        }

        string first = uri.ToText();
        ResourceUri? again = ResourceUri.Parse(first, out _);
        foreach (char c in first)
        {
            if (c is <= ' ' or > '~')
            {
                return false;
            }
        }

        return uri.Scheme is null ? true : again!.ToText() == first && again.FileName == uri.FileName;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Resolve_OfAnything_LeavesNoDotSegments() => Prop.ForAll<byte[]>(choice =>
    {
        string reference = "";
        foreach (byte b in choice)
        {
            reference += "/.a?#"[b % 5];
        }

        ResourceUri? uri = Good("http://a/b/c").Resolve(reference, out _);
        return uri is null || !(uri.Path + "/").Contains("/../") && !(uri.Path + "/").Contains("/./");
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_OfEncoded_GivesTheSame() => Prop.ForAll<byte[]>(bytes =>
    {
        string text = Encoding.Latin1.GetString(bytes);
        return PercentEncoding.Decode(PercentEncoding.Encode(text)) == text && PercentEncoding.Encode(text) == PercentEncoding.Encode(bytes);
    }).QuickCheckThrowOnFailure();

    [Theory] // Bytes stay bytes, be they UTF-8 or not.
    [InlineData("http://h/\u00C3\u00A4", "http://h/%C3%A4")]
    [InlineData("http://h/\u00E4?\u00FF#\u0080", "http://h/%E4?%FF#%80")]
    [InlineData("http://h/\u20AC", "http://h/%E2%82%AC")] // No byte: as UTF-8.
    public void Parse_OfBytesBeyondAscii_EncodesEachOnce(string text, string expected)
    {
        Assert.Equal(expected, Good(text).ToText());
        Assert.Equal(expected, Good(Good(text).ToText()).ToText());
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz", "%zz")]
    [InlineData("%41%C3%A9", "A\u00C3\u00A9")]
    [InlineData("%FF%00", "\u00FF\0")]
    public void Decode_OfBadSequences_NeverFails(string text, string expected) => Assert.Equal(expected, PercentEncoding.Decode(text));

    private static ResourceUri Good(string text)
    {
        ResourceUri? uri = ResourceUri.Parse(text, out Error? error);
        Assert.Null(error);
        return uri!;
    }
}
