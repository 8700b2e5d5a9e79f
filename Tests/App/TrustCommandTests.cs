using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Settings;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Packaging;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Who is trusted: what is inside the image and in the firmware, certstat, certstore, certfree, the settings, and what Secure Boot allows.</summary>
public sealed class TrustCommandTests : IDisposable
{
    private const string Refused =
        "Secure Boot is on: who is trusted is said by the script inside the image, or one that imgverify has verified, not by ";

    private static readonly TestCertificate s_one = TestCertificate.MakeRoot("One");
    private static readonly TestCertificate s_two = TestCertificate.MakeRoot("Two");
    private static readonly TestCertificate s_middle = s_one.IssueAuthority("Middle");
    private static readonly TestCertificate s_client = s_one.Issue(new CertificateOptions("client") { Names = ["client.example.org"] });

    private readonly TestSession _session = new();

    public TrustCommandTests()
    {
        _session.Platform.AddFile("http://server/dir/two.pem", "# ours\n" + s_one.Pem + s_two.Pem);
        _session.Platform.Files["http://server/dir/one.der"] = s_one.Der;
        _session.Platform.Files["http://server/dir/middle.der"] = s_middle.Der;
        _session.Platform.Files["http://server/dir/all.der"] = [.. s_one.Der, .. s_middle.Der, .. s_client.Der];
        _session.Platform.AddFile("http://server/dir/none.pem", "<html>\n");
        _session.Platform.AddFile("http://server/dir/client.pem", s_client.Pem);
        _session.Platform.AddFile("http://server/dir/client.key", s_client.KeyPem);
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Certstore_TakesAllOfAFile_AndCertstatListsThem()
    {
        Assert.Equal($"One : {Fingerprint(s_one)} [EXPLICIT] [VALIDATED]\nTwo : {Fingerprint(s_two)} [EXPLICIT] [VALIDATED]\n", Run("certstore two.pem\ncertstat"));
        Assert.Null(_session.Session.Images.First);
    }

    [Fact]
    public void Certstore_OfWhatIsThere_ChangesNothing() => Assert.Equal("One \n", Names("certstore one.der\ncertstore one.der\ncertstore"));

    [Fact]
    public void Certstore_KeepsTheImage_WhereThatIsSaid()
    {
        Run("certstore --keep one.der\ncertstore -k two.pem");
        Assert.NotNull(_session.Session.Images.Find("one.der"));
        Assert.NotNull(_session.Session.Images.Find("two.pem"));
    }

    [Theory]
    [InlineData("certstore -s Two two.pem", "Two \n")]
    [InlineData("certstore --subject client.example.org all.der", "client \n")]
    [InlineData("certstore two.pem && certfree -s One", "Two \n")]
    [InlineData("certstore two.pem && certfree", "")]
    public void Subject_SaysWhich(string lines, string expected) => Assert.Equal(expected, Names(lines));

    [Theory]
    [InlineData("certstat -s Three", "certstat: no such certificate: Three")]
    [InlineData("certfree --subject Three", "certfree: no such certificate: Three")]
    [InlineData("certstore -s Three two.pem", "certstore: no such certificate: Three")]
    [InlineData("certstore none.pem", "certstore: none.pem: there is no certificate in it")]
    [InlineData("certstore client.key", "certstore: client.key: there is no certificate in it")]
    [InlineData("certstore nosuch", "certstore: http://server/dir/nosuch: file not found")]
    [InlineData("set trust 00:11", "set: trust: a fingerprint is SHA-256's, 32 bytes; 2 bytes are no number of them")]
    [InlineData("set 175.90:hex 00:11", "set: trust: a fingerprint is SHA-256's, 32 bytes; 2 bytes are no number of them")]
    [InlineData("set cert 30:01:00", "set: cert: it is damaged, or no certificate")]
    [InlineData("imgset privkey client.pem", "imgset: privkey: there is no private key in it")]
    public void WhatCannotBe_IsRefused(string line, string expected) => Assert.Equal($"boot.ipxe:2: {expected}\n", Run(line));

    [Fact]
    public void Trust_PinsRoots_UntilItIsCleared()
    {
        Run("certstore two.pem\nset trust " + Fingerprint(s_two));
        Assert.Equal("One : [EXPLICIT]\nTwo : [EXPLICIT] [VALIDATED]\n", WithoutFingerprints("certstat"));
        Assert.Equal("One : [EXPLICIT] [VALIDATED]\nTwo : [EXPLICIT] [VALIDATED]\n", WithoutFingerprints("clear trust && certstat"));
    }

    [Fact]
    public void Trust_FromElsewhereThanTheRoot_MeansNothing()
    {
        Run($"certstore two.pem\nset nvo/trust {Fingerprint(s_two)}\nset x/trust {Fingerprint(s_two)}");
        Assert.Equal("One : [EXPLICIT] [VALIDATED]\nTwo : [EXPLICIT] [VALIDATED]\n", WithoutFingerprints("certstat"));
    }

    [Fact]
    public void ClientCertificate_IsSetFromFiles()
    {
        Run("imgset cert client.pem\nimgset privkey client.key");
        Assert.Equal(s_client.Der, _session.Session.Trust.ClientCertificate);
        Assert.Equal(s_client.KeyPem, Encoding.ASCII.GetString(_session.Session.Trust.ClientKey));
        Run("clear cert\nclear privkey");
        Assert.True(_session.Session.Trust.ClientCertificate.IsEmpty);
        Assert.True(_session.Session.Trust.ClientKey.IsEmpty);
    }

    [Fact]
    public void Crosscert_IsKnown_AndOfNoEffect() => Assert.Equal("http://ca.ipxe.org/auto\n", Run("set crosscert http://ca.ipxe.org/auto && echo ${crosscert}"));

    [Fact]
    public void Image_BringsRoots_AClientAndAPolicy()
    {
        byte[] image = Load((EmbeddedSection.Roots, [.. s_one.Der, .. s_two.Der]), (EmbeddedSection.Trust, s_two.Der), (EmbeddedSection.Certificate, s_client.Der),
            (EmbeddedSection.Key, Encoding.ASCII.GetBytes(s_client.KeyPem)), (EmbeddedSection.Policy, "https-only"u8.ToArray()));
        Enroll(s_middle);
        _session.Session.UseImage(image);
        Assert.Equal("Two : [PERMANENT] [VALIDATED]\nMiddle : [PERMANENT]\nOne : [PERMANENT] [VALIDATED]\n", WithoutFingerprints("certfree\ncertstat"));
        Assert.Equal(s_client.Der, _session.Session.Trust.ClientCertificate);
        Assert.Equal(s_client.KeyPem, Encoding.ASCII.GetString(_session.Session.Trust.ClientKey));
        Assert.True(_session.Session.FetchClient.IsHttpsOnly);
    }

    [Fact]
    public void Image_WithRootsOfItsOwnAlone_DoesNotTrustTheFirmwares()
    {
        Enroll(s_one);
        _session.Session.UseImage(Load((EmbeddedSection.Trust, s_two.Der), (EmbeddedSection.Roots, s_one.Der), (EmbeddedSection.Policy, "https-only own-roots-only"u8.ToArray())));
        Assert.Equal("Two \n", Names(""));
        Assert.True(_session.Session.FetchClient.IsHttpsOnly);
    }

    [Fact]
    public void Image_WithNothing_TrustsTheFirmwares()
    {
        Enroll(s_one);
        _session.Session.UseImage(Load());
        Assert.Equal("One \n", Names(""));
        Assert.False(_session.Session.FetchClient.IsHttpsOnly);
    }

    [Theory]
    [InlineData("certstore one.der", "certstore: one.der: ")]
    [InlineData("certstore middle.der", "certstore: middle.der: ")]
    [InlineData("set trust FINGERPRINT", "set: trust: ")]
    [InlineData("clear trust", "clear: trust: ")]
    [InlineData("imgset trust one.der", "imgset: trust: ")]
    public void SecureBoot_ForbidsTrust_ToAScriptThatNobodyVerified(string line, string start)
    {
        _session.Platform.Refused.Add("something");
        Assert.Equal($"boot.ipxe:2: {start}{Refused}boot.ipxe\n", Run(line.Replace("FINGERPRINT", Fingerprint(s_one))));
        Assert.Equal(0, _session.Session.Trust.Count);
        Assert.False(_session.Session.Trust.IsPinned);
    }

    [Fact]
    public void SecureBoot_ForbidsTrust_ToAScriptThatAVerifiedOneFetched()
    {
        _session.Platform.Refused.Add("something");
        _session.Platform.AddFile("http://server/dir/next.ipxe", "#!ipxe\ncertstore two.pem\n");
        Assert.Contains($"next.ipxe:2: certstore: two.pem: {Refused}next.ipxe\n", RunInside("chain -q next.ipxe ||\ncertstore one.der\n"));
        Assert.Equal("One \n", Names(""));
    }

    [Fact]
    public void SecureBoot_ForbidsTrust_ToTheCommandLine()
    {
        _session.Platform.Refused.Add("something");
        new StartUp(_session.Session, "certstore http://server/dir/one.der", []).Run();
        Assert.Contains($"{Refused}<CMDLINE>\n", _session.Output);
        Assert.Equal(0, _session.Session.Trust.Count);
    }

    [Fact]
    public void SecureBoot_ForbidsTrust_ToTheShell()
    {
        _session.Platform.Refused.Add("something");
        _session.Terminal.Type("certstore one.der\rexit\r");
        _session.Session.RunShell();
        Assert.Contains(Refused + "the shell", _session.Output.ReplaceLineEndings(""));
        Assert.Equal(0, _session.Session.Trust.Count);
    }

    [Fact]
    public void SecureBoot_ForbidsTrust_ToWhoEditsSettings()
    {
        _session.Platform.Refused.Add("something");
        _session.Terminal.Press("/trust\r\x15\r<X><X>");
        RunInside($"set trust {Fingerprint(s_one)}\nconfig\n");
        Assert.Empty(_session.Terminal.ScreenKeys);
        Assert.True(_session.Session.Trust.IsPinned);
    }

    [Fact]
    public void SecureBoot_AllowsTrust_ToTheScriptInsideTheImage()
    {
        _session.Platform.Refused.Add("something");
        RunInside($"certstore two.pem\nset trust {Fingerprint(s_one)}\n");
        Assert.Equal(2, _session.Session.Trust.Count);
        Assert.True(_session.Session.Trust.IsPinned);
    }

    [Fact]
    public void SecureBoot_AllowsWhatDoesNotWidenTrust()
    {
        _session.Platform.Refused.Add("something");
        RunInside("certstore one.der\n");
        Assert.Equal("One \n", Names("certstore one.der\nimgset cert client.pem\nimgset privkey client.key"));
        Assert.Equal(s_client.Der, _session.Session.Trust.ClientCertificate);
        Assert.Equal("", Names("certfree"));
    }

    [Theory]
    [InlineData("http://192.0.2.1/x", "http://192.0.2.1/x: this image fetches by https alone (it was made with --https-only)")]
    [InlineData("tftp://192.0.2.1/x", "tftp://192.0.2.1/x: this image fetches by https alone (it was made with --https-only)")]
    public void HttpsOnly_RefusesAnyOtherScheme(string uri, string expected)
    {
        _session.Session.UseImage(Load((EmbeddedSection.Policy, "https-only"u8.ToArray())));
        Error? error = _session.Session.FetchClient.Run(ResourceUri.Parse(uri, out _)!, new MemoryDownload(), new FetchOptions());
        Assert.Equal(expected, error?.Message);
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, error?.Status);
    }

    private static string Fingerprint(TestCertificate certificate) => SettingFormat.Format(SettingType.Hex, SHA256.HashData(certificate.Der));

    private string Run(string lines)
    {
        int before = _session.Output.Length;
        _session.Run(lines);
        return Regex.Replace(_session.Output[before..], "\\r.*\n", ""); // without progress
    }

    private string RunInside(string lines)
    {
        new StartUp(_session.Session, "", Encoding.Latin1.GetBytes("#!ipxe\n" + lines)).Run();
        return _session.Output;
    }

    private string WithoutFingerprints(string lines) => Regex.Replace(Run(lines), "(..:){31}.. ", "");

    /// <summary>Who is in the store after some lines.</summary>
    private string Names(string lines)
    {
        Run(lines);
        return string.Concat(WithoutFingerprints("certstat").Split('\n').Where(each => each.Length > 0).Select(each => each[..each.IndexOf(':')])) is { Length: > 0 } all
            ? all + "\n"
            : "";
    }

    private void Enroll(params TestCertificate[] certificates) =>
        _session.Platform.Variables[("TlsCaCertificate", EFI_TLS_CA_CERTIFICATE.EFI_TLS_CA_CERTIFICATE_GUID)] =
            [.. certificates.SelectMany(each => (IEnumerable<byte>)
            [
                .. new Guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").ToByteArray(), .. BitConverter.GetBytes(28 + 16 + each.Der.Length), 0, 0, 0, 0,
                .. BitConverter.GetBytes(16 + each.Der.Length), .. new byte[16], .. each.Der,
            ])];

    /// <summary>An image with sections, as the firmware loads it.</summary>
    private static byte[] Load(params (string Name, byte[] Content)[] sections)
    {
        byte[] file = SampleImage.Make();
        foreach ((string name, byte[] content) in sections)
        {
            file = new PortableExecutable("a.efi", file).WithSection(name, content);
        }

        using PEReader reader = new(ImmutableArray.Create(file));
        byte[] memory = new byte[reader.PEHeaders.PEHeader!.SizeOfImage];
        file.AsSpan(0, SampleImage.HeadersSize).CopyTo(memory);
        foreach (SectionHeader section in reader.PEHeaders.SectionHeaders)
        {
            file.AsSpan(section.PointerToRawData, Math.Min(section.SizeOfRawData, section.VirtualSize)).CopyTo(memory.AsSpan(section.VirtualAddress));
        }

        return memory;
    }
}
