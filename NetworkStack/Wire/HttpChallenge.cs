using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A WWW-Authenticate field (RFC 9110, 11.6.1): a scheme and its parameters, of which digest authentication needs some (RFC 7616, 3.3).</summary>
internal readonly ref struct HttpChallenge
{
    /// <summary>Reads what makes sense of a field's value; the rest is left out.</summary>
    public HttpChallenge(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = value;
        int blank = rest.IndexOf((byte)' ');
        IsDigest = AsciiText.StartsWithIgnoreCase(rest, "Digest "u8);
        IsBasic = AsciiText.EqualsIgnoreCase(blank < 0 ? rest : rest.Slice(0, blank), "Basic"u8);
        Algorithm = "MD5"u8;
        rest = blank < 0 ? default : rest.Slice(blank + 1);
        while (TryReadParameter(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> text))
        {
            if (AsciiText.EqualsIgnoreCase(name, "realm"u8))
            {
                Realm = text;
            }
            else if (AsciiText.EqualsIgnoreCase(name, "nonce"u8))
            {
                Nonce = text;
            }
            else if (AsciiText.EqualsIgnoreCase(name, "opaque"u8))
            {
                Opaque = text;
            }
            else if (AsciiText.EqualsIgnoreCase(name, "algorithm"u8))
            {
                Algorithm = text;
            }
            else if (AsciiText.EqualsIgnoreCase(name, "stale"u8))
            {
                IsStale = AsciiText.EqualsIgnoreCase(text, "true"u8);
            }
            else if (AsciiText.EqualsIgnoreCase(name, "qop"u8))
            {
                HasQuality = true;
                while (AsciiText.TryCut(ref text, (byte)',', out ReadOnlySpan<byte> quality))
                {
                    HasAuthentication |= AsciiText.EqualsIgnoreCase(quality, "auth"u8);
                }
            }
        }
    }

    /// <summary>The scheme is Digest.</summary>
    public bool IsDigest { get; }

    /// <summary>The scheme is Basic: name and password in clear.</summary>
    public bool IsBasic { get; }

    /// <summary>As it stands between its quotes.</summary>
    public ReadOnlySpan<byte> Realm { get; }

    /// <summary>As it stands between its quotes.</summary>
    public ReadOnlySpan<byte> Nonce { get; }

    /// <summary>As it stands between its quotes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Opaque { get; }

    /// <summary>MD5 when it is not said.</summary>
    public ReadOnlySpan<byte> Algorithm { get; }

    /// <summary>The nonce was right once: with this one the same credentials may be.</summary>
    public bool IsStale { get; }

    /// <summary>A quality of protection is asked for; older servers ask for none.</summary>
    public bool HasQuality { get; }

    /// <summary>"auth" is among them.</summary>
    public bool HasAuthentication { get; }

    /// <summary>Reads <c>name=token</c> or <c>name="text"</c>, and the comma behind it.</summary>
    private static bool TryReadParameter(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int equals = rest.IndexOf((byte)'=');
        name = default;
        value = default;
        if (equals < 0)
        {
            return false;
        }

        name = AsciiText.Trim(rest.Slice(0, equals));
        rest = AsciiText.Trim(rest.Slice(equals + 1));
        int end = 0;
        if (!rest.IsEmpty && rest[0] == '"')
        {
            end = 1;
            while (end < rest.Length && rest[end] != '"')
            {
                end += rest[end] == '\\' ? 2 : 1;
            }

            if (end >= rest.Length)
            {
                return false;
            }

            value = rest.Slice(1, end - 1);
        }

        int comma = rest.Slice(end).IndexOf((byte)',');
        int next = comma < 0 ? rest.Length : end + comma;
        if (end == 0)
        {
            value = AsciiText.Trim(rest.Slice(0, next));
        }

        rest = rest.Slice(comma < 0 ? next : next + 1);
        return true;
    }
}
