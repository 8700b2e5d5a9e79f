using System;
using System.Text;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>The Authorization field of digest authentication (RFC 7616, 3.4).</summary>
/// <param name="hashes">What it is computed with.</param>
/// <param name="challenge">What the server asked for.</param>
internal readonly ref struct HttpDigest(IHashes hashes, HttpChallenge challenge)
{
    private readonly HttpChallenge _challenge = challenge;

    /// <summary>True when it is a challenge of Digest that can be answered.</summary>
    public bool IsPossible => _challenge.IsDigest && !_challenge.Nonce.IsEmpty && (!_challenge.HasQuality || _challenge.HasAuthentication) && TryReadAlgorithm(out _, out _);

    /// <summary>Appends the field's value, if it <see cref="IsPossible"/>.</summary>
    /// <param name="text">Gets it.</param>
    /// <param name="user">Name and password as bytes, with ':' between.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="target">Of the request.</param>
    /// <param name="count">How many requests there were with this nonce, this one among them.</param>
    /// <param name="own">Our nonce: whatever the server cannot foresee.</param>
    public void Append(ref TextBuilder text, ReadOnlySpan<byte> user, string method, string target, uint count, string own)
    {
        TryReadAlgorithm(out HashAlgorithm algorithm, out bool isSession);
        int colon = user.IndexOf((byte)':');
        string name = Encoding.Latin1.GetString(user.Slice(0, colon));
        string password = Encoding.Latin1.GetString(user.Slice(colon + 1));
        string realm = Encoding.Latin1.GetString(_challenge.Realm);
        string nonce = Encoding.Latin1.GetString(_challenge.Nonce);
        string counted = TextBuilder.Format($"{count:x8}");
        string secret = Hash(algorithm, TextBuilder.Format($"{name}:{realm}:{password}"));
        secret = isSession ? Hash(algorithm, TextBuilder.Format($"{secret}:{nonce}:{own}")) : secret;
        string request = Hash(algorithm, TextBuilder.Format($"{method}:{target}"));
        string response = Hash(algorithm, _challenge.HasQuality
            ? TextBuilder.Format($"{secret}:{nonce}:{counted}:{own}:auth:{request}")
            : TextBuilder.Format($"{secret}:{nonce}:{request}"));
        text.AppendFormatted(TextBuilder.Format($"Digest username=\"{Quoted(name)}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{target}\", "));
        text.AppendFormatted(TextBuilder.Format($"response=\"{response}\", algorithm={_challenge.Algorithm}"));
        if (!_challenge.Opaque.IsEmpty)
        {
            text.AppendFormatted(TextBuilder.Format($", opaque=\"{Encoding.Latin1.GetString(_challenge.Opaque)}\""));
        }

        text.AppendFormatted(_challenge.HasQuality ? TextBuilder.Format($", qop=auth, nc={counted}, cnonce=\"{own}\"")
            : isSession ? TextBuilder.Format($", cnonce=\"{own}\"")
            : "");
    }

    /// <summary>"-sess" behind an algorithm makes the secret one of the nonces too.</summary>
    private bool TryReadAlgorithm(out HashAlgorithm algorithm, out bool isSession)
    {
        ReadOnlySpan<byte> name = _challenge.Algorithm;
        ReadOnlySpan<byte> suffix = "-sess"u8;
        isSession = name.Length > suffix.Length && AsciiText.EqualsIgnoreCase(name.Slice(name.Length - suffix.Length), suffix);
        name = isSession ? name.Slice(0, name.Length - suffix.Length) : name;
        algorithm = AsciiText.EqualsIgnoreCase(name, "MD5"u8) ? HashAlgorithm.Md5 : HashAlgorithm.Sha256;
        return algorithm == HashAlgorithm.Md5 || AsciiText.EqualsIgnoreCase(name, "SHA-256"u8);
    }

    private static string Quoted(string text)
    {
        TextBuilder quoted = new(text.Length, 0);
        foreach (char c in text)
        {
            quoted.Append(c is '"' or '\\' ? "\\" : "");
            quoted.Append(c);
        }

        return quoted.ToString();
    }

    private string Hash(HashAlgorithm algorithm, string text)
    {
        byte[] bytes = new byte[text.Length];
        Encoding.Latin1.GetBytes(text, bytes);
        TextBuilder hex = new(64, 0);
        foreach (byte b in hashes.Hash(algorithm, bytes))
        {
            hex.AppendFormatted((uint)b, "x2");
        }

        return hex.ToString();
    }
}
