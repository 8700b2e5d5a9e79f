using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace NetBoot.Tests.Protocols;

/// <summary>What a server checks of digest authentication (RFC 7616), apart from the product's own code.</summary>
internal sealed class DigestServer(string algorithm, string? quality)
{
    private const string Realm = "a \\\"realm\\\"";
    private int _nonces;

    public required string User { get; init; }
    public required string Password { get; init; }

    /// <summary>Null when the request is let in, else the challenge for the next.</summary>
    public string? Check(string request)
    {
        string nonce = $"nonce{_nonces}";
        Match match = Regex.Match(request, "^Authorization: Digest (.*)\r$", RegexOptions.Multiline);
        if (match.Success)
        {
            Dictionary<string, string> fields = Regex.Matches(match.Groups[1].Value, "([a-z]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^, ]*))")
                .ToDictionary(each => each.Groups[1].Value, each => each.Groups[2].Success ? each.Groups[2].Value : each.Groups[3].Value);
            string[] line = request.Split(' ');
            string secret = Hash($"{User}:{Realm}:{Password}");
            secret = algorithm.EndsWith("-sess", StringComparison.OrdinalIgnoreCase) ? Hash($"{secret}:{nonce}:{fields["cnonce"]}") : secret;
            string rest = quality is null ? "" : $"{fields["nc"]}:{fields["cnonce"]}:auth:";
            bool isRight = fields["username"] == User && fields["realm"] == Realm && fields["nonce"] == nonce && fields["uri"] == line[1] &&
                fields["opaque"] == "o" && fields["algorithm"] == algorithm && (quality is null || (fields["qop"] == "auth" && fields["nc"] == "00000001")) &&
                fields["response"] == Hash($"{secret}:{nonce}:{rest}{Hash($"{line[0]}:{line[1]}")}");
            if (isRight)
            {
                return null;
            }
        }

        string qop = quality is null ? "" : $", qop=\"{quality}\"";
        return $"Digest realm=\"{Realm}\", nonce=\"nonce{++_nonces}\"{qop}, opaque=\"o\", algorithm={algorithm}";
    }

    private string Hash(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        return Convert.ToHexStringLower(algorithm.StartsWith("MD5", StringComparison.OrdinalIgnoreCase) ? MD5.HashData(bytes) : SHA256.HashData(bytes));
    }
}
