using System;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace NetBoot.Boot.Tool.Certificates;

/// <summary>What a certificate for tests is to be.</summary>
/// <param name="Subject">Its common name.</param>
public sealed record CertificateOptions(string Subject)
{
    /// <summary>For <see cref="Usages"/>: servers (RFC 5280, 4.2.1.12).</summary>
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <inheritdoc cref="ServerAuthentication"/>
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <inheritdoc cref="ServerAuthentication"/>
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    public KeyKind Key { get; init; } = KeyKind.P256;

    /// <summary>It certifies the key of that one, in place of a new key: two issuers for one subject.</summary>
    public TestCertificate? WithKeyOf { get; init; }

    /// <summary>What its issuer signs with: SHA-1, 256, 384 or 512.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>Whether it may issue others.</summary>
    public bool IsAuthority { get; init; }

    /// <summary>Names of hosts, with a wildcard too, and addresses.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Extended usages; none has no such extension.</summary>
    public IReadOnlyList<string> Usages { get; init; } = [];

    /// <summary>Domains, and ranges such as "192.0.2.0/24", that alone it may issue for (RFC 5280, 4.2.1.10).</summary>
    public IReadOnlyList<string> Permitted { get; init; } = [];

    /// <summary>Domains and ranges that it must not issue for.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    public DateTimeOffset From { get; init; } = DateTimeOffset.UtcNow.AddDays(-2);

    public DateTimeOffset Until { get; init; } = DateTimeOffset.UtcNow.AddYears(1);
}

/// <summary>Kinds of keys.</summary>
public enum KeyKind
{
    Rsa1024,
    Rsa2048,
    Rsa3072,
    Rsa4096,
    P256,
    P384,
}
