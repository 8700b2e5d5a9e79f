using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// A URI or a relative reference (RFC 3986). Components are kept percent-encoded and fit for the wire: what people type in them (blanks,
/// characters beyond ASCII, control characters) was encoded when it was parsed.
/// </summary>
public sealed class ResourceUri : ITextFormattable
{
    private const string SubDelimiters = "!$&'()*+,;=";
    private const string PathCharacters = SubDelimiters + ":@/";
    private const string QueryCharacters = PathCharacters + "?";
    private const string ZoneMark = "%25";

    private ResourceUri(
        string? scheme, string? userInfo, string? host, bool isIPv6Literal, ushort? port, string path, string? query, string? fragment)
    {
        Scheme = scheme;
        UserInfo = userInfo;
        Host = host;
        IsIPv6Literal = isIPv6Literal;
        Port = port;
        Path = path;
        Query = query;
        Fragment = fragment;
    }

    /// <summary>In lower case, without ":"; null for a relative reference.</summary>
    public string? Scheme { get; }

    /// <summary>"user" or "user:password", encoded; null when there is none.</summary>
    public string? UserInfo { get; }

    /// <summary>
    /// A name, an IPv4 address, or an IPv6 address without its brackets, with its zone as RFC 6874, 2 writes it ("fe80::1%25net0"); null when there
    /// is no authority ("//...").
    /// </summary>
    public string? Host { get; }

    /// <summary>The host was written in brackets (RFC 3986, 3.2.2).</summary>
    public bool IsIPv6Literal { get; }

    /// <summary>1 to 65535, or null when it is the scheme's own.</summary>
    public ushort? Port { get; }

    /// <summary>Encoded as in the text; empty or from "/" on when there is a host.</summary>
    public string Path { get; }

    /// <summary>Without "?"; null when there is none, which is not the same as empty.</summary>
    public string? Query { get; }

    /// <summary>Without "#"; null when there is none. Never sent to a server.</summary>
    public string? Fragment { get; }

    /// <summary>Whether it has a scheme.</summary>
    public bool IsAbsolute => Scheme is not null;

    /// <summary>The last component of the path, decoded ("http://h/a/vmlinuz?x" has "vmlinuz"); empty when the path ends in "/".</summary>
    public string FileName => PercentEncoding.Decode(Path.Substring(Path.AsSpan().LastIndexOf('/') + 1));

    /// <summary>Parses a URI or a relative reference.</summary>
    /// <param name="text">As people type it: what may not stand in a URI is encoded.</param>
    /// <param name="error">What is wrong with it, when null is returned: the port, the brackets or the host's characters.</param>
    public static ResourceUri? Parse(string text, out Error? error)
    {
        ReadOnlySpan<char> rest = text;
        string? fragment = CutAfter(ref rest, '#', QueryCharacters);
        string? query = CutAfter(ref rest, '?', QueryCharacters);
        string? scheme = CutScheme(ref rest);
        string? userInfo = null;
        string? host = null;
        bool isLiteral = false;
        ushort? port = null;
        error = null;
        if (rest.StartsWith("//".AsSpan()))
        {
            rest = rest.Slice(2);
            int slash = rest.IndexOf('/');
            ReadOnlySpan<char> authority = slash < 0 ? rest : rest.Slice(0, slash);
            rest = rest.Slice(authority.Length);
            int at = authority.LastIndexOf('@');
            if (at >= 0)
            {
                userInfo = PercentEncoding.Normalize(authority.Slice(0, at), SubDelimiters + ":");
                authority = authority.Slice(at + 1);
            }

            error = ParseHost(text, ref authority, out host, out isLiteral) ?? ParsePort(text, authority, out port);
            if (error is not null)
            {
                return null;
            }
        }

        string path = PercentEncoding.Normalize(rest, PathCharacters);
        return new ResourceUri(scheme, userInfo, host, isLiteral, port, path, query, fragment);
    }

    /// <summary>
    /// The URI of a file that DHCP names (siaddr and "file"), which is not URI syntax: every character is taken as it is. As in iPXE's
    /// URIs, the path's first "/" only separates, so a name that begins with one shows two: tftp://192.0.2.1//pxe/kernel.
    /// </summary>
    public static ResourceUri ForTftp(string server, string fileName)
    {
        TextBuilder path = new(fileName.Length + 1, 0);
        path.Append('/');
        int start = 0;
        for (int i = 0; i <= fileName.Length; i++)
        {
            if (i == fileName.Length || fileName[i] == '/')
            {
                path.Append(PercentEncoding.Encode(fileName.Substring(start, i - start)));
                if (i < fileName.Length)
                {
                    path.Append('/');
                }

                start = i + 1;
            }
        }

        ResourceUri? literal = server.AsSpan().IndexOf(':') < 0 ? null : Parse(TextBuilder.Format($"tftp://[{server}]{path.Written}"), out _);
        return literal ?? new ResourceUri("tftp", null, server, false, null, path.ToString(), null, null);
    }

    /// <summary>Parses <paramref name="reference"/> and resolves it against this URI.</summary>
    public ResourceUri? Resolve(string reference, out Error? error)
    {
        ResourceUri? parsed = Parse(reference, out error);
        return parsed is null ? null : Resolve(parsed);
    }

    /// <summary>Resolves a reference against this URI, its base (RFC 3986, 5.2.2).</summary>
    public ResourceUri Resolve(ResourceUri reference)
    {
        if (reference.Scheme is not null)
        {
            return reference.With(reference.Scheme, RemoveDotSegments(reference.Path), reference.Query, reference.Fragment, ZoneFor(reference));
        }

        if (reference.Host is not null)
        {
            return reference.With(Scheme, RemoveDotSegments(reference.Path), reference.Query, reference.Fragment, ZoneFor(reference));
        }

        if (reference.Path.Length == 0)
        {
            return With(Scheme, Path, reference.Query ?? Query, reference.Fragment);
        }

        string path = reference.Path[0] == '/' ? reference.Path : Merge(reference.Path);
        return With(Scheme, RemoveDotSegments(path), reference.Query, reference.Fragment);
    }

    /// <summary>The whole URI, with its password if it has one (RFC 3986, 5.3).</summary>
    public string ToText()
    {
        TextBuilder text = new(64, 4);
        AppendTo(ref text, UserInfo);
        return text.ToString();
    }

    /// <summary>The URI for people to read: a password shows as "***".</summary>
    public void AppendTo(ref TextBuilder text)
    {
        int colon = UserInfo is null ? -1 : UserInfo.AsSpan().IndexOf(':');
        AppendTo(ref text, colon < 0 ? UserInfo : UserInfo!.Substring(0, colon) + ":***");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        TextBuilder text = new(64, 4);
        AppendTo(ref text);
        return text.ToString();
    }

    private void AppendTo(ref TextBuilder text, string? userInfo)
    {
        if (Scheme is not null)
        {
            text.Append(Scheme);
            text.Append(':');
        }

        if (Host is not null)
        {
            text.Append("//");
            if (userInfo is not null)
            {
                text.Append(userInfo);
                text.Append('@');
            }

            AppendHost(ref text, withZone: true);
        }
        else if (Path.AsSpan().StartsWith("//".AsSpan()))
        {
            text.Append("/."); // or the path would read as an authority (RFC 3986, 3.3)
        }

        text.Append(Path);
        if (Query is not null)
        {
            text.Append('?');
            text.Append(Query);
        }

        if (Fragment is not null)
        {
            text.Append('#');
            text.Append(Fragment);
        }
    }

    /// <summary>Host and, unless it is the scheme's own, port: what stands in HTTP's Host field (RFC 9110, 7.2).</summary>
    /// <param name="text">Gets it.</param>
    /// <param name="withZone">False for what others read, to whom our interfaces mean nothing (RFC 6874, 4).</param>
    internal void AppendHost(ref TextBuilder text, bool withZone)
    {
        if (IsIPv6Literal)
        {
            text.Append('[');
            text.AppendFormatted(withZone ? Host : Host!.Substring(0, Host.Length - Zone.Length));
            text.Append(']');
        }
        else
        {
            text.AppendFormatted(Host);
        }

        if (Port is ushort port)
        {
            text.Append(':');
            text.AppendFormatted((uint)port);
        }
    }

    private static string? CutAfter(scoped ref ReadOnlySpan<char> rest, char mark, string allowed)
    {
        int at = rest.IndexOf(mark);
        if (at < 0)
        {
            return null;
        }

        string part = PercentEncoding.Normalize(rest.Slice(at + 1), allowed);
        rest = rest.Slice(0, at);
        return part;
    }

    /// <summary>ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) ":" (RFC 3986, 3.1).</summary>
    private static string? CutScheme(scoped ref ReadOnlySpan<char> rest)
    {
        int colon = rest.IndexOf(':');
        if (colon <= 0)
        {
            return null;
        }

        TextBuilder scheme = new(colon, 0);
        for (int i = 0; i < colon; i++)
        {
            char c = rest[i];
            bool isLetter = c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');
            if (!isLetter && (i == 0 || c is not ((>= '0' and <= '9') or '+' or '-' or '.')))
            {
                return null;
            }

            scheme.Append(isLetter ? (char)(c | 0x20) : c);
        }

        rest = rest.Slice(colon + 1);
        return scheme.ToString();
    }

    private static Error? ParseHost(string whole, ref ReadOnlySpan<char> authority, out string? host, out bool isLiteral)
    {
        host = null;
        isLiteral = !authority.IsEmpty && authority[0] == '[';
        ReadOnlySpan<char> name;
        if (isLiteral)
        {
            int end = authority.IndexOf(']');
            if (end < 0)
            {
                return Bad(whole, "'[' without ']'");
            }

            name = authority.Slice(1, end - 1);
            authority = authority.Slice(end + 1);
            int mark = name.IndexOf('%');
            if (mark >= 0)
            {
                ReadOnlySpan<char> zone = name.Slice(mark).StartsWith(ZoneMark) ? name.Slice(mark + ZoneMark.Length) : name.Slice(mark + 1);
                name = TextBuilder.Format($"{name.Slice(0, mark)}{ZoneMark}{zone}"); // People leave the mark unencoded (RFC 6874, 3).
                if (zone.IsEmpty)
                {
                    return Bad(whole, "'%' without an interface");
                }
            }
        }
        else
        {
            int colon = authority.IndexOf(':');
            name = colon < 0 ? authority : authority.Slice(0, colon);
            authority = authority.Slice(name.Length);
        }

        for (int i = 0; i < name.Length; i++)
        {
            char c = name[i];
            bool isGood = PercentEncoding.IsUnreserved(c) || SubDelimiters.AsSpan().IndexOf(c) >= 0 || (isLiteral && c == ':');
            if (!isGood && !PercentEncoding.IsEncodedAt(name, i))
            {
                return Bad(whole, "the host has a character that no host has");
            }
        }

        host = name.ToString();
        return null;
    }

    private static Error? ParsePort(string whole, ReadOnlySpan<char> rest, out ushort? port)
    {
        port = null;
        if (rest.IsEmpty)
        {
            return null;
        }

        uint value = 0;
        bool isGood = rest[0] == ':';
        for (int i = 1; isGood && i < rest.Length; i++)
        {
            value = value * 10 + (uint)(rest[i] - '0');
            isGood = rest[i] is >= '0' and <= '9' && value <= ushort.MaxValue;
        }

        if (!isGood || (rest.Length > 1 && value == 0))
        {
            return Bad(whole, "the port is not a number from 1 to 65535");
        }

        if (rest.Length > 1)
        {
            port = (ushort)value;
        }

        return null;
    }

    private static Error Bad(string whole, string what) =>
        new(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"URI {PercentEncoding.Normalize(whole, QueryCharacters + "#[]%")}: {what}"));

    /// <summary>From the mark on; empty where there is none.</summary>
    private string Zone => Host!.AsSpan().IndexOf('%') is int mark and >= 0 && IsIPv6Literal ? Host!.Substring(mark) : "";

    /// <summary>What a reference's host lacks: who is on a link names others on it without a zone (RFC 4007, 6).</summary>
    private string ZoneFor(ResourceUri reference) =>
        IsIPv6Literal && reference.IsIPv6Literal && IPAddress.TryParse(reference.Host, out IPAddress address) && address.IsLinkLocal ? Zone : "";

    /// <summary>This URI's authority with other parts.</summary>
    private ResourceUri With(string? scheme, string path, string? query, string? fragment, string zone = "") =>
        new(scheme, UserInfo, zone.Length > 0 ? Host + zone : Host, IsIPv6Literal, Port, path, query, fragment);

    /// <summary>A relative path in place of the base's last component (RFC 3986, 5.2.3).</summary>
    private string Merge(string reference) => Host is not null && Path.Length == 0
        ? "/" + reference
        : Path.Substring(0, Path.AsSpan().LastIndexOf('/') + 1) + reference;

    /// <summary>RFC 3986, 5.2.4.</summary>
    private static string RemoveDotSegments(string path)
    {
        char[] output = new char[path.Length];
        int length = 0;
        ReadOnlySpan<char> rest = path;
        while (!rest.IsEmpty)
        {
            if (rest.StartsWith("../".AsSpan()))
            {
                rest = rest.Slice(3);
            }
            else if (rest.StartsWith("./".AsSpan()) || rest.StartsWith("/./".AsSpan()))
            {
                rest = rest.Slice(2);
            }
            else if (rest.SequenceEqual("/.".AsSpan()))
            {
                rest = rest.Slice(0, 1);
            }
            else if (rest.StartsWith("/../".AsSpan()) || rest.SequenceEqual("/..".AsSpan()))
            {
                rest = rest.Length == 3 ? rest.Slice(0, 1) : rest.Slice(3);
                length = Math.Max(0, new ReadOnlySpan<char>(output, 0, length).LastIndexOf('/'));
            }
            else if (rest.SequenceEqual(".".AsSpan()) || rest.SequenceEqual("..".AsSpan()))
            {
                break;
            }
            else
            {
                int next = rest.Slice(1).IndexOf('/');
                ReadOnlySpan<char> segment = next < 0 ? rest : rest.Slice(0, next + 1);
                segment.CopyTo(new Span<char>(output, length, segment.Length));
                length += segment.Length;
                rest = rest.Slice(segment.Length);
            }
        }

        return new string(output, 0, length);
    }
}
