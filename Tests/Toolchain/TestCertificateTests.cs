using System;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetBoot.Boot.Tool.Certificates;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>The certificates that tests are made with, as .NET and OpenSSL see them.</summary>
public sealed class TestCertificateTests
{
    [Theory]
    [InlineData(KeyKind.Rsa2048)]
    [InlineData(KeyKind.Rsa3072)]
    [InlineData(KeyKind.P256)]
    [InlineData(KeyKind.P384)]
    public void Chain_OfEachKind_LeadsToItsRoot(KeyKind kind)
    {
        using TestCertificate root = TestCertificate.MakeRoot("Root", kind);
        using TestCertificate middle = root.IssueAuthority("Middle", kind);
        using TestCertificate server = middle.IssueServer("server.example", kind);

        Assert.True(IsTrusted(server.Der, root.Der, middle.Der));
        Assert.False(IsTrusted(server.Der, root.Der));
        using X509Certificate2 read = X509Certificate2.CreateFromPem(server.ChainPem, server.KeyPem);
        Assert.True(read.HasPrivateKey);
        Assert.True(read.MatchesHostname("server.example"));
        Assert.Equal(root, server.Root);
    }

    [Fact]
    public void Expired_WeaklySigned_AndCrossSignedOnes_AreMadeAsWasAsked()
    {
        using TestCertificate root = TestCertificate.MakeRoot("Root", KeyKind.Rsa2048);
        using TestCertificate old = TestCertificate.Make(new CertificateOptions("Old") { IsAuthority = true, Until = DateTimeOffset.UtcNow.AddDays(-1) });
        using TestCertificate cross = root.Issue(new CertificateOptions("Old") { IsAuthority = true, WithKeyOf = old });
        using TestCertificate server = cross.IssueServer("192.0.2.1");
        using TestCertificate weak = root.Issue(new CertificateOptions("weak") { Hash = HashAlgorithmName.SHA1 });

        Assert.True(IsTrusted(server.Der, root.Der, cross.Der));
        Assert.False(IsTrusted(server.Der, old.Der));
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(weak.Der);
        Assert.Equal("sha1RSA", read.SignatureAlgorithm.FriendlyName);
        Assert.True(IsTrusted(weak.Der, root.Der));
    }

    private static bool IsTrusted(byte[] certificate, byte[] root, params byte[][] others)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(root));
        foreach (byte[] each in others)
        {
            chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(each));
        }

        return chain.Build(X509CertificateLoader.LoadCertificate(certificate));
    }
}
