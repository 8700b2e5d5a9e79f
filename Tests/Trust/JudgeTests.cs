using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetBoot.Boot.App.Digests;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Trust;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Trust;

/// <summary>What is said of a server's certificates, made for each case. Each refusal is a sentence.</summary>
public sealed class JudgeTests : IDisposable
{
    private const string Host = "boot.example.com";

    private static readonly DateTimeOffset s_now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly TrustStore _store = new(new Hashes());
    private readonly FixedClock _clock = new();
    private readonly TestCertificate _root = Make(Authority("Example Root"));

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(KeyKind.Rsa2048, KeyKind.Rsa2048)]
    [InlineData(KeyKind.Rsa2048, KeyKind.Rsa4096)]
    [InlineData(KeyKind.Rsa3072, KeyKind.P256)]
    [InlineData(KeyKind.P384, KeyKind.P384)]
    public void Chain_ToARootOfTheStore_IsGood(KeyKind root, KeyKind server)
    {
        TestCertificate authority = Make(Authority("Example Root") with { Key = root });
        _store.Add(authority.Der);
        TestCertificate own = authority.Issue(Server(Host) with { Key = server });
        Good(Host, own);
        Assert.Equal(0, Judge.FindRoot(List(own)));
    }

    [Fact]
    public void ChainOfFour_InAnyOrder_WithSuperfluousOnesAmongThem_IsGood()
    {
        TestCertificate other = Make(Authority("Other Root"));
        _store.Add(other.Der);
        _store.Add(_root.Der);
        TestCertificate first = _root.Issue(Authority("First"));
        TestCertificate second = first.Issue(Authority("Second"));
        TestCertificate own = second.Issue(Server(Host));
        foreach (TestCertificate[] order in (TestCertificate[][])[[own, second, first], [own, first, second], [own, other, first, _root, second, own]])
        {
            Good(Host, order);
            Assert.Equal(1, Judge.FindRoot(List(order)));
        }
    }

    [Fact]
    public void Root_ExpiredAndCrossSigned_IsGoneAround()
    {
        TestCertificate old = Make(Authority("Old Root") with { Until = s_now.AddDays(-30) });
        TestCertificate cross = old.Issue(Authority("Example Root") with { WithKeyOf = _root, Until = s_now.AddDays(-30) });
        TestCertificate middle = _root.Issue(Authority("Middle"));
        _store.Add(old.Der);
        _store.Add(_root.Der);
        TestCertificate[] sent = [middle.Issue(Server(Host)), middle, cross];
        Good(Host, sent);
        Assert.Equal(1, Judge.FindRoot(List(sent)));
    }

    [Fact]
    public void Root_ExpiredAndCrossSigned_WithoutTheNewOne_IsTheReason()
    {
        TestCertificate old = Make(Authority("Old Root") with { Until = s_now.AddDays(-30) });
        TestCertificate cross = old.Issue(Authority("Example Root") with { WithKeyOf = _root });
        _store.Add(old.Der);
        Refused(
            "in the chain of the server's certificate \"CN=Old Root\" has expired: it is valid from 2025-11-30 12:00 UTC to 2026-10-31 12:00 UTC, and the clock says 2026-11-30 12:00 UTC",
            Host, _root.Issue(Server(Host)), cross);
    }

    [Fact]
    public void IntermediateThatIsNotSent_CanBeInTheStore_AndIsForTheFirmwareToo()
    {
        TestCertificate middle = _root.Issue(Authority("Middle"));
        TestCertificate own = middle.Issue(Server(Host));
        _store.Add(middle.Der);
        Refused(
            "the server's certificate leads to \"CN=Middle\", whose issuer \"CN=Example Root\" is not trusted, and not sent by the server" +
            ": an intermediate certificate is missing there, or its root here (1 certificates are here, see certstat)",
            Host, own);
        _store.Add(_root.Der);
        Good(Host, own);
        int[] stored = new int[10];
        Assert.Equal(2, Judge.FindStored(List(own), stored));
        Assert.Equal([0, 1], stored[..2]);
    }

    [Fact]
    public void IntermediateThatIsMissing_IsNamed()
    {
        _store.Add(_root.Der);
        Refused(
            "the server's certificate was issued by \"CN=Middle\", which is not trusted, and not sent by the server" +
            ": an intermediate certificate is missing there, or its root here (1 certificates are here, see certstat)",
            Host, _root.Issue(Authority("Middle")).Issue(Server(Host)));
    }

    [Fact]
    public void RootThatIsNotTrusted_IsNamed()
    {
        TestCertificate own = _root.Issue(Server(Host));
        Refused("the server's certificate leads to the root \"CN=Example Root\", which is not trusted (0 certificates are here, see certstat)", Host, own, _root);
        Assert.Equal(-1, Judge.FindRoot(List(own)));
    }

    [Fact]
    public void RootOfTheSameName_IsNamed()
    {
        _store.Add(Make(Authority("Example Root") with { Until = s_now.AddDays(-1) }).Der);
        Refused(
            "the server's certificate was issued by \"CN=Example Root\", which is not trusted, and not sent by the server" +
            ": an intermediate certificate is missing there, or its root here; here is another of that name, with another key, valid to 2026-11-29 12:00 UTC",
            Host, _root.Issue(Server(Host)));
    }

    [Fact]
    public void ServerThatSignsItself_IsRefused_UntilItIsTrustedItself()
    {
        TestCertificate own = Make(Server(Host));
        Refused("the server's certificate \"CN=boot.example.com\" is signed by itself, and is not trusted (0 certificates are here, see certstat)", Host, own);
        _store.Add(own.Der);
        Good(Host, own);
        Assert.Equal(0, Judge.FindRoot(List(own)));
    }

    [Fact]
    public void CertificatesInACircle_LeadNowhere()
    {
        TestCertificate one = Make(Authority("One"));
        TestCertificate two = Make(Authority("Two"));
        TestCertificate oneByTwo = two.Issue(Authority("One") with { WithKeyOf = one });
        TestCertificate twoByOne = one.Issue(Authority("Two") with { WithKeyOf = two });
        _store.Add(_root.Der);
        string message = Refusal(Host, one.Issue(Server(Host)), oneByTwo, twoByOne);
        Assert.StartsWith("the server's certificate leads to ", message);
        Assert.Contains("is not trusted", message);
    }

    [Theory]
    [InlineData("boot.example.com", "boot.example.com")]
    [InlineData("Boot.Example.COM", "boot.example.com")]
    [InlineData("boot.example.com.", "boot.example.com")]
    [InlineData("boot.example.com", "other.example.org", "*.example.com")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("fe80::1%25net0", "fe80::1")]
    public void Host_ThatIsAmongTheNames_IsGood(string host, params string[] names)
    {
        _store.Add(_root.Der);
        Good(host, _root.Issue(Server(names)));
    }

    [Theory]
    [InlineData("boot.example.com", "www.example.com, *.example.org, 192.0.2.1, 2001:db8::1", "www.example.com", "*.example.org", "192.0.2.1", "2001:db8::1")]
    [InlineData("a.boot.example.com", "*.example.com", "*.example.com")]
    [InlineData("example.com", "*.example.com", "*.example.com")]
    [InlineData("example.com", "*.com", "*.com")]
    [InlineData("boot.example.com", "b*.example.com", "b*.example.com")]
    [InlineData("192.0.2.1", "192.0.2.10", "192.0.2.10")]
    [InlineData("boot.example.com%2Eexample.org", "boot.example.com", "boot.example.com")]
    [InlineData("boot.example.com", "a.b, b.b, c.b, d.b, e.b, f.b and 1 more", "a.b", "b.b", "c.b", "d.b", "e.b", "f.b", "g.b")]
    public void Host_ThatIsNotAmongTheNames_IsRefusedWithThose(string host, string shown, params string[] names)
    {
        _store.Add(_root.Der);
        Refused($"the server's certificate is not for {host}, but for {shown}", host, _root.Issue(Server(names)));
    }

    [Fact]
    public void CommonName_DoesNotCount()
    {
        _store.Add(_root.Der);
        Refused(
            "the server's certificate is not for boot.example.com, but for no name: it has no subjectAltName, and the common name of \"CN=boot.example.com\" does not count",
            Host, _root.Issue(Server([]) with { Subject = Host }));
    }

    [Fact]
    public void Certificate_ThatHasExpired_IsRefusedWithAllTimes()
    {
        _store.Add(_root.Der);
        Refused(
            "the server's certificate has expired: it is valid from 2025-11-30 12:00 UTC to 2026-11-30 11:59 UTC, and the clock says 2026-11-30 12:00 UTC",
            Host, _root.Issue(Server(Host) with { Until = s_now.AddSeconds(-1) }));
    }

    [Fact]
    public void Certificate_ThatIsNotValidYet_IsRefusedWithAllTimes()
    {
        _store.Add(_root.Der);
        Refused(
            "the server's certificate is not valid yet: it is valid from 2026-11-30 13:00 UTC to 2027-11-30 12:00 UTC, and the clock says 2026-11-30 12:00 UTC",
            Host, _root.Issue(Server(Host) with { From = s_now.AddHours(1) }));
    }

    [Fact]
    public void Clock_BeforeThisProgramWasMade_IsTheLikelyReason()
    {
        _store.Add(_root.Der);
        _clock.UnixTime = new DateTimeOffset(2020, 1, 1, 0, 0, 7, TimeSpan.Zero).ToUnixTimeSeconds();
        Refused(
            "the server's certificate is not valid yet: it is valid from 2025-11-30 12:00 UTC to 2027-11-30 12:00 UTC, and the clock says 2020-01-01 00:00 UTC" +
            "; the clock is wrong, NetBoot was made on 2026-11-01 00:00 UTC: set it by ntp",
            Host, _root.Issue(Server(Host)));
    }

    [Fact]
    public void Clock_ThatIsNotThere_IsTheReason()
    {
        _store.Add(_root.Der);
        _clock.UnixTime = 0;
        Refused(
            "the server's certificate is valid from 2025-11-30 12:00 UTC to 2027-11-30 12:00 UTC; this machine has no clock: set it by ntp",
            Host, _root.Issue(Server(Host)));
    }

    [Fact]
    public void Key_ThatIsTooShort_IsRefused()
    {
        _store.Add(_root.Der);
        Refused(
            "the server's certificate is too weak: a key of RSA 1024; RSA 2048 or ECDSA P-256 is the least",
            Host, _root.Issue(Server(Host) with { Key = KeyKind.Rsa1024 }));
    }

    [Fact]
    public void Sha1_IsRefused_ButOnARoot()
    {
        TestCertificate old = Make(Authority("Old Root") with { Key = KeyKind.Rsa2048, Hash = HashAlgorithmName.SHA1 });
        _store.Add(old.Der);
        Good(Host, old.Issue(Server(Host)));
        TestCertificate middle = old.Issue(Authority("Middle") with { Hash = HashAlgorithmName.SHA1 });
        Refused(
            "in the chain of the server's certificate \"CN=Middle\" is signed over SHA-1, which can be forged: SHA-256 is the least",
            Host, middle.Issue(Server(Host)), middle);
    }

    [Fact]
    public void Md5_IsRefused()
    {
        TestCertificate root = Make(Authority("Example Root") with { Key = KeyKind.Rsa2048 });
        _store.Add(root.Der);
        byte[] own = root.Issue(Server(Host)).Der;
        ReadOnlySpan<byte> sha256 = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B]; // RFC 8017, A.2.4; 4 is MD5. No signature is checked here.
        for (int at = own.AsSpan().IndexOf(sha256); at >= 0; at = own.AsSpan().IndexOf(sha256))
        {
            own[at + 8] = 4;
        }

        Assert.Equal("the server's certificate is signed over MD5, which can be forged: SHA-256 is the least", Judge.Judge(Host, List(own))?.Message);
    }

    [Fact]
    public void AuthoritiesBelowOneThatAllowsNone_AreRefused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 root = Request("CN=Root", key, 0).CreateSelfSigned(s_now.AddDays(-9), s_now.AddDays(9));
        using X509Certificate2 middle = Request("CN=Middle", middleKey, 3).Create(root, s_now.AddDays(-1), s_now.AddDays(1), [1]);
        using X509Certificate2 signing = middle.CopyWithPrivateKey(middleKey);
        CertificateRequest request = new("CN=own", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 own = request.Create(signing, s_now.AddDays(-1), s_now.AddDays(1), [2]);
        _store.Add(root.RawData);
        Assert.Equal(
            "in the chain of the server's certificate \"CN=Root\" allows 0 authorities below itself, not 1 (pathLenConstraint)",
            Judge.Judge(Host, List(own.RawData, middle.RawData))?.Message);
    }

    [Theory]
    [InlineData("example.com", "", Host, null)]
    [InlineData(".example.com", "", Host, null)]
    [InlineData("EXAMPLE.com", "", Host, null)]
    [InlineData(Host, "", Host, null)]
    [InlineData("", "example.org,192.0.2.0/24", Host, null)]
    [InlineData("192.0.2.0/24", "", Host, null)] // of addresses alone
    [InlineData("example.com,192.0.2.16/28", "", Host + ",192.0.2.31", null)]
    [InlineData("2001:db8::/32", "", Host + ",2001:db8:ff::1", null)]
    [InlineData("example.com", "", "*.example.com", null)]
    [InlineData("example.org", "", Host, Host)]
    [InlineData("ample.com", "", Host, Host)]
    [InlineData(".boot.example.com", "", Host, Host)]
    [InlineData("www.boot.example.com", "", Host, Host)]
    [InlineData("example.com", "", Host + ",boot.example.org", "boot.example.org")]
    [InlineData("example.com", Host, Host, Host)]
    [InlineData("", "example.com", Host, Host)]
    [InlineData("", "com", Host, Host)]
    [InlineData("192.0.2.16/28", "", Host + ",192.0.2.32", "192.0.2.32")]
    [InlineData("192.0.2.16/28", "", Host + ",2001:db8::1", "2001:db8::1")]
    [InlineData("", "192.0.2.0/25", Host + ",192.0.2.127", "192.0.2.127")]
    [InlineData("", "boot.example.com", "*.example.com", "*.example.com")] // OpenSSL takes it
    public void NamesThatAnAuthorityMayNotIssueFor_AreRefused_AsOpenSslDoes(string permitted, string excluded, string names, string? refused)
    {
        _store.Add(_root.Der);
        TestCertificate middle = _root.Issue(Authority("Limited") with { Permitted = Split(permitted), Excluded = Split(excluded) });
        TestCertificate own = middle.Issue(Server(Host) with { Names = Split(names) });
        if (refused is null)
        {
            Good(Host, own, middle);
        }
        else
        {
            Refused($"in the chain of the server's certificate \"CN=Limited\" may not issue for {refused} (nameConstraints)", Host, own, middle);
        }

        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = s_now.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(_root.Der));
        chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(middle.Der));
        Assert.Equal(refused is null or "*.example.com", chain.Build(X509CertificateLoader.LoadCertificate(own.Der)));
    }

    [Fact]
    public void Root_MayBeLimitedToo()
    {
        TestCertificate limited = Make(Authority("Limited Root") with { Permitted = ["example.org"] });
        _store.Add(limited.Der);
        Refused(
            $"in the chain of the server's certificate \"CN=Limited Root\" may not issue for {Host} (nameConstraints)", Host, limited.Issue(Server(Host)));
    }

    /// <summary>SEQUENCE { [0] { SEQUENCE {} } }: it names nobody, and so allows nobody.</summary>
    [Theory]
    [InlineData(new byte[] { 0x30, 4, 0xA0, 2, 0x30, 0 })]
    [InlineData(new byte[] { 0x30, 4, 0xA1, 2, 0x30, 0 })]
    [InlineData(new byte[] { 0x30, 3, 0xA0, 5, 0x30 })]
    public void ConstraintsThatCannotBeRead_AllowNothing(byte[] constraints)
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authority = Request("CN=Limited", rootKey, 0);
        authority.CertificateExtensions.Add(new X509Extension("2.5.29.30", constraints, critical: true));
        using X509Certificate2 limited = authority.CreateSelfSigned(s_now.AddYears(-1), s_now.AddYears(1));
        CertificateRequest server = new("CN=server", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(Host);
        server.CertificateExtensions.Add(names.Build());
        using X509Certificate2 own = server.Create(limited, s_now.AddDays(-1), s_now.AddDays(1), [1]);
        _store.Add(limited.RawData);

        Error? error = Judge.Judge(Host, List(own.RawData));

        Assert.Contains("may not issue for", error?.Message);
    }

    [Fact]
    public void Issuer_ThatIsNoAuthority_IsRefused()
    {
        _store.Add(_root.Der);
        TestCertificate neighbour = _root.Issue(Server("neighbour.example.com"));
        Refused(
            "in the chain of the server's certificate \"CN=neighbour.example.com\" is no authority that may sign others (basicConstraints, keyUsage)",
            Host, neighbour.Issue(Server(Host)), neighbour);
    }

    [Fact]
    public void Certificate_ThatIsNotForServers_IsRefused()
    {
        _store.Add(_root.Der);
        Refused(
            "the server's certificate is not for servers (extKeyUsage)",
            Host, _root.Issue(Server(Host) with { Usages = [CertificateOptions.ClientAuthentication] }));
    }

    [Fact]
    public void PinnedRoot_IsTrustedAlone_AlsoWhenTheServerSendsIt()
    {
        TestCertificate mine = Make(Authority("My Root"));
        _store.Add(_root.Der);
        Pin(mine);
        Refused(
            "the server's certificate leads to the root \"CN=Example Root\", which is not one of those that the setting trust names (1 certificates are here, see certstat)",
            Host, _root.Issue(Server(Host)));
        TestCertificate own = mine.Issue(Server(Host));
        Good(Host, own, mine);
        Assert.Equal(mine.Der, _store[Judge.FindRoot(List(own))]);
        Assert.Null(_store.Pin(default));
        Good(Host, _root.Issue(Server(Host)));
    }

    [Fact]
    public void PinnedRoot_ThatAServerSent_GoesWithItsPin()
    {
        TestCertificate mine = Make(Authority("My Root"));
        TestCertificate own = mine.Issue(Server(Host));
        Pin(mine);
        Good(Host, own, mine);
        Assert.Null(_store.Pin(default));
        Refused(
            "the server's certificate leads to the root \"CN=My Root\", which is not trusted (0 certificates are here, see certstat)",
            Host, own, mine);
    }

    [Fact]
    public void Authority_ThatOneOfAnotherRootStandsInFor_IsRefused()
    {
        TestCertificate other = Make(Authority("Other Root"));
        TestCertificate middle = other.Issue(Authority("Middle"));
        TestCertificate decoy = _root.Issue(Authority("Middle") with { WithKeyOf = middle });
        TestCertificate own = middle.Issue(Server(Host));
        _store.Add(_root.Der);
        Refused(
            "two certificates named \"CN=Middle\" are in the way from the server's certificate, of which one may lead to who is not trusted",
            Host, own, middle, decoy);
        _store.Add(other.Der);
        Refused(
            "two certificates named \"CN=Middle\" are in the way from the server's certificate, of which one may lead to who is not trusted",
            Host, own, middle, decoy);
        Good(Host, own, middle);
    }

    [Theory]
    [InlineData("freed")]
    [InlineData("not pinned")]
    [InlineData("the firmware's")]
    public void Root_ThatTheFirmwareMayRemember_IsNotStoodInFor(string how)
    {
        TestCertificate other = Make(Authority("Other Root"));
        TestCertificate decoy = _root.Issue(Authority("Other Root") with { WithKeyOf = other });
        _store.Add(_root.Der);
        Good(Host, other.Issue(Server(Host)), decoy);
        switch (how)
        {
            case "freed":
                _store.Add(other.Der);
                _store.Remove(_store.First!.Next!);
                break;
            case "not pinned":
                _store.Add(other.Der);
                Pin(_root);
                break;
            default:
                _store.AddSignatureLists(SignatureList(other), isTrusted: false);
                break;
        }

        Assert.Equal(how == "not pinned" ? 2 : 1, _store.Count);
        Refused(
            "two certificates named \"CN=Other Root\" are in the way from the server's certificate, of which one may lead to who is not trusted",
            Host, other.Issue(Server(Host)), decoy);
        Assert.Null(_store.Pin(default));
        _store.Add(other.Der);
        Good(Host, other.Issue(Server(Host)), decoy);
    }

    [Theory]
    [InlineData("OTHER  root")]
    [InlineData("other root")]
    public void Root_ThatTheFirmwareMayRemember_IsNotStoodInFor_AlsoByWhatOpenSslTakesForItsName(string name)
    {
        TestCertificate other = Make(Authority("Other Root"));
        TestCertificate alike = Make(Authority(name) with { WithKeyOf = other });
        TestCertificate decoy = _root.Issue(Authority(name) with { WithKeyOf = other });
        _store.Add(other.Der);
        _store.Remove(_store.First!);
        _store.Add(_root.Der);
        Assert.StartsWith($"two certificates named \"CN={name}\" are in the way", Refusal(Host, alike.Issue(Server(Host)), decoy));
    }

    [Fact]
    public void Certificates_ThatOnlyTheFirmwareCanRead_AreRefused()
    {
        _store.Add(_root.Der);
        byte[] own = _root.Issue(Server(Host)).Der;
        Assert.Equal("of the certificates that the server sends number 2 is damaged", Judge.Judge(Host, List(own, [0x30, 0x80, 0, 0]))?.Message);
        Assert.Equal("the server sends more than 16 certificates", Judge.Judge(Host, List([.. Enumerable.Repeat(own, 17)]))?.Message);
        Assert.Null(Judge.Judge(Host, List([.. Enumerable.Repeat(own, 16)])));
    }

    [Fact]
    public void Pin_OfAnotherLength_IsRefused() =>
        Assert.Equal("a fingerprint is SHA-256's, 32 bytes; 20 bytes are no number of them", _store.Pin(new byte[20])?.Message);

    [Fact]
    public void List_ThatIsDamagedOrEmpty_IsRefused()
    {
        byte[] list = List(_root.Issue(Server(Host)));
        Assert.Equal("the server's list of certificates is damaged", Judge.Judge(Host, list.AsSpan(0, list.Length - 1))?.Message);
        Assert.Equal("the server sends no certificate", Judge.Judge(Host, new byte[3])?.Message);
        list[6] ^= 1;
        Assert.Equal("the server's certificate is damaged", Judge.Judge(Host, list)?.Message);
    }

    [Fact]
    public void FirmwaresRefusal_IsExplainedByWhatIsKnown()
    {
        TestCertificate own = _root.Issue(Server(Host) with { Key = KeyKind.Rsa2048 });
        Assert.Contains("no root is trusted", Judge.Explain(Host, default, EFI_STATUS.EFI_ABORTED).Message);
        Assert.Contains("leads to the root", Judge.Explain(Host, List(own, _root), EFI_STATUS.EFI_ABORTED).Message);
        _store.Add(_root.Der);
        Assert.Equal(
            $"the firmware's TLS does not accept boot.example.com: {EFI_STATUS.EFI_ABORTED}" +
            "; the server's certificate, a key of RSA 2048, is from \"CN=Example Root\"; some firmware asks for RSA 3072 or ECDSA",
            Judge.Explain(Host, List(own), EFI_STATUS.EFI_ABORTED).Message);
        _clock.UnixTime = 0;
        Assert.EndsWith("; this machine has no clock: set it by ntp", Judge.Explain(Host, default, EFI_STATUS.EFI_ABORTED).Message);
    }

    private CertificateJudge Judge => new(_store, _clock);

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static TestCertificate Make(CertificateOptions options) => TestCertificate.Make(options);

    private static CertificateOptions Authority(string subject) =>
        new(subject) { IsAuthority = true, From = s_now.AddYears(-1), Until = s_now.AddYears(10) };

    private static CertificateOptions Server(params string[] names) => new(names.FirstOrDefault("")!)
    {
        Names = names,
        Usages = [CertificateOptions.ServerAuthentication],
        From = s_now.AddYears(-1),
        Until = s_now.AddYears(1),
    };

    private static CertificateRequest Request(string subject, ECDsa key, int pathLength)
    {
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        return request;
    }

    private static byte[] List(params TestCertificate[] certificates) => List([.. certificates.Select(each => each.Der)]);

    private static byte[] List(params byte[][] certificates)
    {
        byte[] entries = [.. certificates.SelectMany(each => (IEnumerable<byte>)[.. Length(each), .. each])];
        return [.. Length(entries), .. entries];
    }

    private static byte[] SignatureList(TestCertificate certificate) =>
    [
        .. new Guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").ToByteArray(), .. BitConverter.GetBytes(28 + 16 + certificate.Der.Length), 0, 0, 0, 0,
        .. BitConverter.GetBytes(16 + certificate.Der.Length), .. new byte[16], .. certificate.Der,
    ];

    private static byte[] Length(byte[] bytes) => [(byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length];

    private void Pin(TestCertificate root) => Assert.Null(_store.Pin(SHA256.HashData(root.Der)));

    private void Good(string host, params TestCertificate[] sent) => Assert.Null(Judge.Judge(host, List(sent))?.Message);

    private void Refused(string message, string host, params TestCertificate[] sent) => Assert.Equal(message, Refusal(host, sent));

    private string Refusal(string host, params TestCertificate[] sent)
    {
        Error? error = Judge.Judge(host, List(sent));
        Assert.NotNull(error);
        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, error.Status);
        return error.Message;
    }

    private sealed class FixedClock : IWallClock
    {
        public long UnixTime { get; set; } = s_now.ToUnixTimeSeconds();

        public long Earliest => new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    }
}
