using System;
using System.Globalization;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Which disk of which target: <c>iscsi:[user:password@]server:protocol:port:LUN:target</c> (RFC 4173, 5).</summary>
public sealed class IscsiRootPath
{
    /// <summary>The hint where <see cref="MayBeIPv6"/>.</summary>
    public const string NoBrackets = "an address of IPv6 stands in brackets";

    private const string Prefix = "iscsi:";

    private IscsiRootPath(string? user, string? password, string server, ushort port, ulong lun, string target)
    {
        User = user;
        Password = password;
        Server = server;
        Port = port;
        Lun = lun;
        Target = target;
    }

    /// <summary>For CHAP, decoded; null when the path has none.</summary>
    public string? User { get; }

    /// <summary>For CHAP, decoded; null when the path has none.</summary>
    public string? Password { get; }

    /// <summary>An address or a name, without brackets.</summary>
    public string Server { get; }

    /// <summary>3260 when the path has none.</summary>
    public ushort Port { get; }

    /// <summary>As it is on the wire: LUN 1 is 0x0001000000000000 (SAM-5, 4.7).</summary>
    public ulong Lun { get; }

    /// <summary>The target's name.</summary>
    public string Target { get; }

    /// <summary>Whether a text is a root path of iSCSI, right or wrong.</summary>
    public static bool IsIscsi(ReadOnlySpan<char> text) => text.StartsWith(Prefix.AsSpan());

    /// <summary>A root path as it may be shown.</summary>
    public static string WithoutUser(string text)
    {
        int at = text.AsSpan().LastIndexOf('@'); // No target's name has one, and a password may.
        return at < 0 ? new string(text.AsSpan()) : TextBuilder.Format($"{Prefix}{text.AsSpan().Slice(at + 1)}");
    }

    /// <summary>Reads a root path; protocol, port and LUN may be empty. The password is in no error.</summary>
    /// <returns>Null with an error.</returns>
    public static IscsiRootPath? Parse(string text, out Error? error)
    {
        ReadOnlySpan<char> rest = text.AsSpan();
        if (!IsIscsi(rest))
        {
            error = Bad("it does not begin with \"iscsi:\"");
            return null;
        }

        rest = rest.Slice(Prefix.Length);
        string? user = null;
        string? password = null;
        int at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            ReadOnlySpan<char> name = rest.Slice(0, at);
            rest = rest.Slice(at + 1);
            int colon = name.IndexOf(':');
            user = PercentEncoding.Decode((colon < 0 ? name : name.Slice(0, colon)).ToString());
            password = PercentEncoding.Decode((colon < 0 ? default : name.Slice(colon + 1)).ToString());
        }

        ReadOnlySpan<char> server;
        if (!rest.IsEmpty && rest[0] == '[')
        {
            int end = rest.IndexOf(']');
            if (end < 0 || end + 1 >= rest.Length || rest[end + 1] != ':')
            {
                error = Bad("'[' without \"]:\"");
                return null;
            }

            server = rest.Slice(1, end - 1);
            rest = rest.Slice(end + 2);
        }
        else
        {
            server = Cut(ref rest);
        }

        ReadOnlySpan<char> protocol = Cut(ref rest);
        ReadOnlySpan<char> port = Cut(ref rest);
        ReadOnlySpan<char> lun = Cut(ref rest);
        int portNumber = IscsiPdu.Port;
        error = server.IsEmpty ? Bad("the server is missing")
            : !protocol.IsEmpty && !protocol.SequenceEqual("6".AsSpan()) ? Bad(ExplainProtocol(server, protocol))
            : !port.IsEmpty && (!IPEndpoint.TryReadNumber(port, ushort.MaxValue, out portNumber) || portNumber == 0)
                ? Bad(TextBuilder.Format($"the port \"{port}\" is not a number from 1 to 65535"))
            : rest.IsEmpty ? Bad("the target's name is missing")
            : rest.Length > 223 ? Bad("the target's name has more than 223 characters") // RFC 7143, 4.2.7.1
            : null;
        ulong number = 0;
        if (error is null && !TryParseLun(lun, out number))
        {
            error = Bad(TextBuilder.Format($"the LUN \"{lun}\" is not of hexadecimal digits, four at most between dashes"));
        }

        return error is null ? new IscsiRootPath(user, password, server.ToString(), (ushort)portNumber, number, rest.ToString()) : null;
    }

    /// <summary>Reads up to four groups of hexadecimal digits with dashes between: "1", "4752-3A4F-6b7e-2F99"; 0 for nothing.</summary>
    public static bool TryParseLun(ReadOnlySpan<char> text, out ulong lun)
    {
        lun = 0;
        for (int shift = 48; shift >= 0 && !text.IsEmpty; shift -= 16)
        {
            int dash = text.IndexOf('-');
            ReadOnlySpan<char> group = dash < 0 ? text : text.Slice(0, dash);
            if (group.Length > 4 || !ulong.TryParse(group, NumberStyles.AllowHexSpecifier, null, out ulong value))
            {
                return false;
            }

            lun |= value << shift;
            text = dash < 0 ? default : text.Slice(dash + 1);
            if (dash >= 0 && text.IsEmpty)
            {
                return false;
            }
        }

        return text.IsEmpty;
    }

    /// <summary>Whether a server may be the first group of an address of IPv6 that has no brackets: one to four hexadecimal digits.</summary>
    public static bool MayBeIPv6(ReadOnlySpan<char> server) =>
        server.Length is > 0 and <= 4 && ushort.TryParse(server, NumberStyles.AllowHexSpecifier, null, out _);

    /// <summary>What it is instead is shown only where it is a number, since without '@' a password stands there.</summary>
    private static string ExplainProtocol(ReadOnlySpan<char> server, ReadOnlySpan<char> protocol) =>
        MayBeIPv6(server) ? NoBrackets
        : IPEndpoint.TryReadNumber(protocol, ushort.MaxValue, out _) ? TextBuilder.Format($"the protocol is \"{protocol}\", not 6 (TCP): is a colon missing?")
        : "the protocol is not 6 (TCP)";

    private static ReadOnlySpan<char> Cut(scoped ref ReadOnlySpan<char> rest)
    {
        int colon = rest.IndexOf(':');
        ReadOnlySpan<char> part = colon < 0 ? rest : rest.Slice(0, colon);
        rest = colon < 0 ? default : rest.Slice(colon + 1);
        return part;
    }

    private static Error Bad(string what) => new(
        EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"iSCSI root path: {what} (iscsi:[user:password@]server:protocol:port:LUN:target)"));
}
