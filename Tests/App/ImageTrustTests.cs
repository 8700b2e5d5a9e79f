using System;
using System.Collections.Generic;
using System.Formats.Asn1;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.NetworkStack.Trust;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>
/// imgtrust, imgverify and imgdecrypt. Signatures are made by OpenSSL, and where one is looked at, it is OpenSSL that does it in the firmware's place: with
/// the options that edk2 has (no times, any purpose, one root).
/// </summary>
public sealed class ImageTrustTests : IDisposable
{
    private const string Uri = "http://server/dir/";

    private static readonly TestCertificate s_root = TestCertificate.MakeRoot("Test Root", KeyKind.Rsa2048);
    private static readonly TestCertificate s_middle = s_root.IssueAuthority("Test Middle");
    private static readonly TestCertificate s_signer = s_middle.Issue(Code("Example"));

    private readonly TestSession _session = new();
    private readonly TemporaryDirectory _directory = new();

    public ImageTrustTests()
    {
        _session.Platform.Clock = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        _session.Session.Trust.Add(s_root.Der);
        _session.Platform.AddFile(Uri + "linux", TestSession.Executable);
        _session.Platform.AddFile(Uri + "sub.ipxe", "#!ipxe\necho inner\n");
        _session.Platform.OnVerify = VerifyByOpenSsl;
    }

    private string Output => _session.Output;

    public void Dispose()
    {
        _session.Dispose();
        Assert.Equal(0, _session.Platform.PagesInUse);
        _directory.Dispose();
    }

    private static CertificateOptions Code(string name) => new(name) { Key = KeyKind.Rsa2048, Usages = [CertificateOptions.CodeSigning] };

    /// <summary>Signs a file of the server by OpenSSL, as file.sig.</summary>
    private async Task SignAsync(string file, TestCertificate signer, params string[] more)
    {
        string content = _directory.Combine("content");
        await File.WriteAllBytesAsync(content, _session.Platform.Files[Uri + file]);
        (_, string key) = signer.Write(_directory, "signer");
        string signature = _directory.Combine("signature");
        string certificate = _directory.Combine("certificate");
        string others = _directory.Combine("others");
        await File.WriteAllTextAsync(certificate, signer.Pem);
        await File.WriteAllTextAsync(others, signer.Issuer!.ChainPem);
        string[] chain = signer.Issuer.ChainPem.Length == 0 ? [] : ["-certfile", others];
        await ChildProcess.RunAsync(
            "openssl", ["cms", "-sign", "-binary", "-outform", "DER", "-in", content, "-signer", certificate, "-inkey", key, "-out", signature, .. chain, .. more],
            "openssl");
        _session.Platform.Files[Uri + file + ".sig"] = await File.ReadAllBytesAsync(signature);
    }

    private Error? VerifyByOpenSsl(Image image, byte[] signature, byte[] root)
    {
        File.WriteAllBytes(_directory.Combine("image"), image.Content.Span.ToArray());
        File.WriteAllBytes(_directory.Combine("signature"), signature);
        File.WriteAllText(_directory.Combine("root"), PemEncoding.WriteString("CERTIFICATE", root));
        try
        {
            ChildProcess.RunAsync(
                "openssl",
                [
                    "smime", "-verify", "-binary", "-inform", "DER", "-in", _directory.Combine("signature"), "-content", _directory.Combine("image"),
                    "-CAfile", _directory.Combine("root"), "-partial_chain", "-no_check_time", "-purpose", "any", "-out", "/dev/null",
                ],
                "openssl").GetAwaiter().GetResult();
            return null;
        }
        catch (ToolError)
        {
            return new Error(EFI_STATUS.EFI_SECURITY_VIOLATION, "the signature is not of this file, or of a kind that the firmware does not know");
        }
    }

    [Theory]
    [InlineData]
    [InlineData("-noattr")]
    [InlineData("-md", "sha512")]
    public async Task SignedImage_IsTrusted_AndShown_AndTheSignatureIsGone(params string[] more)
    {
        await SignAsync("linux", s_signer, more);

        EFI_STATUS status = _session.Run("kernel -q linux\nimgverify -q --signer Example linux linux.sig\nimgstat\nimgtrust --permanent\nboot");

        Assert.True(status.IsSuccess, Output);
        Assert.Contains("linux : 128 bytes [EFI] [SELECTED] [TRUSTED]\n", Output);
        Assert.DoesNotContain("linux.sig :", Output);
        Assert.Equal("linux", Assert.Single(_session.Platform.Started));
    }

    [Fact]
    public async Task Signature_IsKeptByKeep_AndMayBePem_AndByUri()
    {
        await SignAsync("linux", s_signer, "-outform", "PEM");

        EFI_STATUS status = _session.Run("imgverify -q -k linux linux.sig && imgstat");

        Assert.True(status.IsSuccess, Output);
        Assert.Contains("linux : 128 bytes [EFI] [TRUSTED]\n", Output);
        Assert.Contains("linux.sig : ", Output);
    }

    [Fact]
    public async Task SignatureOfAnotherFile_IsRefused_AndATrustedImageIsNoLongerTrusted()
    {
        await SignAsync("linux", s_signer);
        await SignAsync("sub.ipxe", s_signer);

        EFI_STATUS status = _session.Run("imgverify -q linux linux.sig\nimgverify -q linux sub.ipxe.sig || imgstat\nimgtrust\nimgexec linux");

        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, status);
        Assert.Contains("imgverify: linux: the signature is not of this file, or of a kind that the firmware does not know", Output);
        Assert.Contains("linux : 128 bytes [EFI]\n", Output);
        Assert.Contains("linux: not verified (imgverify), which imgtrust wants of all that is executed", Output);
        Assert.Empty(_session.Platform.Started);
    }

    [Fact]
    public async Task Signer_IsJudged_BeforeTheFirmwareIsAsked()
    {
        int asked = 0;
        _session.Platform.OnVerify = (_, _, _) => asked++ == -1 ? null : null;
        using TestCertificate stranger = TestCertificate.MakeRoot("Strange Root");
        (string Says, TestCertificate Signer, string[] More, string Options)[] cases =
        [
            ("none of its signers", s_signer, [], "--signer Other"),
            ("the signer's certificate was issued by \"CN=Strange Root\", which is not trusted, and not in the signature", stranger.Issue(Code("Stranger")), [], ""),
            ("the signer's certificate is not for signing programs (keyUsage, extKeyUsage)", s_middle.IssueServer("server.example"), [], ""),
            ("the signer's certificate has expired: it is valid from ", s_middle.Issue(Code("Old") with { Until = DateTimeOffset.UtcNow.AddHours(-1) }), [], ""),
            ("the signer's certificate is not valid yet: it is valid from ", s_middle.Issue(Code("New") with { From = DateTimeOffset.UtcNow.AddHours(1) }), [], ""),
            ("the signer's certificate is too weak: a key of RSA 1024", s_middle.Issue(Code("Weak") with { Key = KeyKind.Rsa1024 }), [], ""),
            ("the signature's hash is none of SHA-256, SHA-384 and SHA-512: sign with -md sha256", s_signer, ["-md", "sha1"], ""),
            ("the signer's certificate is named by its key, which firmware does not know: sign without -keyid", s_signer, ["-keyid"], ""),
            ("the signer's certificate is not in the signature: sign without -nocerts", s_signer, ["-nocerts"], ""),
            ("the signature has a file inside, rather than being one beside it", s_signer, ["-nodetach"], ""),
        ];
        foreach ((string says, TestCertificate signer, string[] more, string options) in cases)
        {
            await SignAsync("linux", signer, more);
            EFI_STATUS status = _session.Run($"imgverify -q {options} linux linux.sig");
            Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, status);
            Assert.Contains(says == "none of its signers" ? "linux: who signed it is not Other (linux.sig)" : "linux: " + says, Output);
        }

        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task SignatureUnderAPublicAuthority_IsRefused_UnlessTheSettingTrustNamesIt()
    {
        using TestCertificate authority = TestCertificate.MakeRoot("Public Authority", KeyKind.Rsa2048);
        _session.Session.Trust.AddAll(TrustSource.Public, authority.Der);
        await SignAsync("linux", authority.Issue(Code("Anybody")));

        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, _session.Run("imgverify -q linux linux.sig"));
        Assert.Contains(
            "linux: the signer's certificate leads to the root \"CN=Public Authority\", a public authority, which says who servers are and counts for no signature", Output);
        Assert.True(_session.Run($"set trust {string.Join(':', SHA256.HashData(authority.Der).Select(each => each.ToString("x2")))}\nimgverify -q linux linux.sig").IsSuccess, Output);
    }

    [Theory]
    [InlineData(16, "")]
    [InlineData(17, "linux: the signature has more than 16 signers (linux.sig)")]
    public async Task Signature_OfSoMany_IsLookedAt(int count, string expected)
    {
        List<string> others = [];
        for (int i = 1; i < count; i++)
        {
            (_, string key) = s_root.Issue(Code($"{i}") with { Key = KeyKind.P256 }).Write(_directory, $"{i}");
            others.AddRange(["-signer", _directory.Combine($"{i}.pem"), "-inkey", key]);
        }

        await SignAsync("linux", s_signer, [.. others]);

        EFI_STATUS status = _session.Run("imgverify -q linux linux.sig");

        Assert.Equal(expected.Length == 0, status.IsSuccess);
        Assert.Contains(expected, Output);
    }

    [Fact]
    public void Signature_WithTooManyCertificates_IsRefused()
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        Asn1Tag first = new(TagClass.ContextSpecific, 0);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.7.2");
            using (writer.PushSequence(first))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                writer.PushSetOf().Dispose();
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.7.1");
                }

                using (writer.PushSequence(first))
                {
                    writer.WriteOctetString(new byte[256 * 1024]);
                }

                writer.PushSetOf().Dispose();
            }
        }

        _session.Platform.Files[Uri + "linux.sig"] = writer.Encode();
        _session.Run("imgverify -q linux linux.sig");
        Assert.Contains("linux: the signature has 262149 bytes of certificates, and 262144 are the most (linux.sig)", Output);
    }

    [Fact]
    public void WhatIsNoSignature_IsRefused()
    {
        _session.Platform.AddFile(Uri + "linux.sig", "not a signature");
        _session.Platform.Files[Uri + "cut.sig"] = s_signer.Der;

        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, _session.Run("imgverify -q linux linux.sig"));
        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, _session.Run("imgverify -q linux cut.sig"));

        Assert.Contains("linux: no signature of CMS, as openssl cms -sign -binary -outform DER makes them (linux.sig)", Output);
        Assert.Contains("linux: no signature of CMS, as openssl cms -sign -binary -outform DER makes them (cut.sig)", Output);
    }

    [Fact]
    public async Task DamagedSignature_IsRefused_WhereverItIsDamaged()
    {
        await SignAsync("linux", s_signer);
        byte[] good = _session.Platform.Files[Uri + "linux.sig"];
        _session.Run("imgfetch -q linux");
        Image linux = _session.Session.Images.Find("linux")!;
        _session.Platform.OnVerify = (_, _, _) => new Error(EFI_STATUS.EFI_SECURITY_VIOLATION, "firmware");
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x40;
            using Image file = Image.Create(_session.Platform, "linux.sig", "");
            file.Content.Begin((ulong)(at % 2 == 0 ? bad.Length : at));
            file.Content.Write(bad.AsSpan(0, at % 2 == 0 ? bad.Length : at));
            Assert.NotNull(ImageSignature.Verify(_session.Session, linux, file, null));
            Assert.False(linux.IsTrusted);
        }
    }

    [Fact]
    public void OnceTrustIsRequired_NothingUnverifiedRuns_NeitherScriptsNorShim_UntilItIsAllowed()
    {
        _session.Platform.AddFile(Uri + "shim", TestSession.Executable);
        _session.Platform.Refused.Add("linux");
        EFI_STATUS status = _session.Run("imgtrust\nchain -q sub.ipxe || chain -q -r sub.ipxe || kernel -q linux && boot || imgtrust --allow && chain -q sub.ipxe");

        Assert.True(status.IsSuccess, Output);
        Assert.Equal(3, Output.Split("not verified (imgverify)").Length - 1);
        Assert.Equal(2, Output.Split("inner").Length);

        _session.Session.Images.Find("linux")!.IsTrusted = true;
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, _session.Run("imgtrust\nimgselect linux\nshim -q shim\nboot"));
        Assert.Contains("shim: not verified (imgverify)", Output);
        Assert.Empty(_session.Platform.Started);
    }

    [Fact]
    public void PermanentTrust_CannotBeTakenBack_NorPermanentAllowance()
    {
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, _session.Run("imgtrust --permanent\nimgtrust\nimgtrust --allow"));
        Assert.Contains("imgtrust: that images need a signature was said for good (imgtrust --permanent)", Output);

        using TestSession other = new();
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, other.Run("imgtrust --allow --permanent\nimgtrust"));
        Assert.Contains("imgtrust: that images need no signature was said for good (imgtrust --permanent)", other.Output);
    }

    [Fact]
    public async Task WhatIsExtractedFromATrustedImage_IsTrusted()
    {
        using MemoryStream compressed = new();
        await using (System.IO.Compression.GZipStream gzip = new(compressed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(_session.Platform.Files[Uri + "linux"]);
        }

        _session.Platform.Files[Uri + "linux.gz"] = compressed.ToArray();
        await SignAsync("linux.gz", s_signer);

        EFI_STATUS status = _session.Run("imgtrust\nkernel -q linux.gz\nimgverify -q linux.gz linux.gz.sig\nboot");

        Assert.True(status.IsSuccess, Output);
        Assert.Equal("linux", Assert.Single(_session.Platform.Started));
    }

    [Fact]
    public void Imgdecrypt_SaysThatItCannotBeDone()
    {
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, _session.Run("imgdecrypt --name plain linux linux.env"));
        Assert.Contains("imgdecrypt: UEFI firmware has nothing that decrypts, and neither has NetBoot", Output);
    }
}
