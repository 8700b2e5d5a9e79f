using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using Xunit;
using HostName = NetBoot.NetworkStack.Trust.HostName;
using IPAddress = System.Net.IPAddress;
using X509Certificate = NetBoot.NetworkStack.Wire.X509Certificate;

namespace NetBoot.Tests.Network;

/// <summary>Certificates as views, against what .NET writes and reads; their files, names and times; the firmware's lists of them.</summary>
public sealed class CertificateWireTests
{
    private static readonly Config s_runs = Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static readonly byte[] s_sample = Make("CN=Example CA,O=Example,C=DE", s_key).RawData;

    [Fact]
    public void Certificate_IsReadAsItWasWritten()
    {
        using X509Certificate2 expected = X509CertificateLoader.LoadCertificate(s_sample);
        Assert.True(X509Certificate.TryParse(s_sample, out X509Certificate certificate));
        Assert.Equal(expected.SerialNumberBytes.ToArray(), certificate.SerialNumber.ToArray());
        Assert.Equal(expected.SubjectName.RawData, certificate.Subject.ToArray());
        Assert.Equal(new DateTimeOffset(expected.NotBefore).ToUnixTimeSeconds(), certificate.NotBefore);
        Assert.Equal(new DateTimeOffset(expected.NotAfter).ToUnixTimeSeconds(), certificate.NotAfter);
        Assert.Equal(expected.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes.ToArray(), certificate.SubjectKeyIdentifier.ToArray());
        Assert.True(certificate is { IsAuthority: true, PathLength: 2, MaySignCertificates: true, IsForServers: true, IsRoot: true, IsVersion1: false });
        Assert.Equal(X509Hash.Sha256, certificate.Hash);
        Assert.Equal("CN=Example CA,O=Example,C=DE", Text(certificate.Subject));
    }

    [Fact]
    public void Key_HasItsKindAndBits()
    {
        using RSA rsa = RSA.Create(3072);
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using ECDsa p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        (AsymmetricAlgorithm Key, X509KeyKind Kind, int Bits)[] all =
            [(rsa, X509KeyKind.Rsa, 3072), (s_key, X509KeyKind.Ecdsa, 256), (p384, X509KeyKind.Ecdsa, 384), (p521, X509KeyKind.Ecdsa, 521)];
        foreach ((AsymmetricAlgorithm key, X509KeyKind kind, int bits) in all)
        {
            Assert.True(X509Certificate.TryParse(Make("CN=x", key).RawData, out X509Certificate certificate));
            Assert.Equal((kind, bits), (certificate.KeyKind, certificate.KeyBits));
        }
    }

    [Fact]
    public void PssSignature_HasTheHashOfItsParameters()
    {
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = new("CN=x", rsa, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        Assert.True(X509Certificate.TryParse(made.RawData, out X509Certificate certificate));
        Assert.Equal((X509Hash.Sha384, X509KeyKind.Rsa), (certificate.Hash, certificate.KeyKind));
    }

    [Theory]
    [InlineData("CN=\"An, \"\"Example\"\" + <more>; #1\"", "CN=An\\, \\\"Example\\\" \\+ \\<more\\>\\; #1")]
    [InlineData("CN=\" #x \"", "CN=\\ #x\\ ")]
    [InlineData("CN=\"#x\"", "CN=\\#x")]
    [InlineData("CN=Größe €", "CN=GrÃ¶Ã\u009fe â\u0082¬")] // UTF-8, a byte a character
    [InlineData("DC=boot,DC=example", "DC=boot,DC=example")]
    [InlineData("1.2.840.113549.1.9.1=a@b,CN=x", "1.2.840.113549.1.9.1=#1603614062,CN=x")]
    public void Name_IsWrittenAsRfc4514HasIt(string name, string expected) => Assert.Equal(expected, Text(Encode(name)));

    [Fact]
    public void NameInSeveralParts_IsWrittenLastPartFirst() =>
        Assert.Equal(
            "CN=a+O=b,C=d",
            Text(Tlv(0x30, [.. Tlv(0x31, Attribute(6, 0x13, (byte)'d')), .. Tlv(0x31, [.. Attribute(3, 0x0C, (byte)'a'), .. Attribute(10, 0x0C, (byte)'b')])])));

    [Theory]
    [InlineData(0x1E, new byte[] { 0x20, 0xAC, 0x00, 0x41 }, "CN=â\u0082¬A")] // BMPString
    [InlineData(0x14, new byte[] { 0xE4, 0x1B }, "CN=Ã¤\\1b")] // TeletexString, and an escape that no terminal may see
    [InlineData(0x1E, new byte[] { 0x20, 0xAC, 0x00 }, "CN=â\u0082¬")]
    public void Name_OfOldStringTypes_IsUtf8(byte type, byte[] value, string expected) =>
        Assert.Equal(expected, Text(Tlv(0x30, Tlv(0x31, Attribute(3, type, value)))));

    [Theory]
    [InlineData(0x17, "491231235959Z", 2524607999)]
    [InlineData(0x17, "500101000000Z", -631152000)]
    [InlineData(0x18, "20240229120000Z", 1709208000)]
    [InlineData(0x18, "99991231235959Z", 253402300799)]
    [InlineData(0x18, "00000101000000Z", -62167219200)]
    public void Time_IsRead(byte tag, string text, long seconds)
    {
        Assert.True(DerTime.TryRead(tag, Encoding.ASCII.GetBytes(text), out long read));
        Assert.Equal(seconds, read);
    }

    [Theory]
    [InlineData(0x17, "4912312359Z")]
    [InlineData(0x17, "491231235959")]
    [InlineData(0x17, "491331235959Z")]
    [InlineData(0x18, "20240229120000+0100")]
    [InlineData(0x18, "20240229120000.5Z")]
    [InlineData(0x04, "491231235959Z")]
    public void Time_InAnotherForm_IsNone(byte tag, string text) => Assert.False(DerTime.TryRead(tag, Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Time_IsShownAsTheCalendarHasIt() => Prop.ForAll(Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(), some =>
    {
        long seconds = some * 100L;
        CalendarTime time = new(seconds);
        DateTimeOffset expected = DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(seconds, -62135596800, 253402300799));
        return seconds < -62135596800 ||
            (Shown(time) == $"{expected:yyyy-MM-dd HH:mm} UTC" && time.Second == expected.Second &&
            CalendarTime.ToUnixTime(time.Year, time.Month, time.Day, time.Hour, time.Minute, time.Second) == expected.ToUnixTimeSeconds());
    }).Check(s_runs);

    [Theory]
    [InlineData(long.MaxValue, "9999-12-31 23:59 UTC")]
    [InlineData(long.MinValue, "0000-01-01 00:00 UTC")]
    public void Time_BeyondTheCalendar_IsItsEdge(long seconds, string expected) => Assert.Equal(expected, Shown(new CalendarTime(seconds)));

    [Fact]
    public void Certificate_WithAnyByteChangedOrCut_IsReadWithoutAFault()
    {
        for (int at = 0; at < s_sample.Length; at++)
        {
            Assert.False(X509Certificate.TryParse(s_sample.AsSpan(0, at), out _));
            foreach (byte value in (byte[])[0, 1, 0x7F, 0x80, 0x84, 0xFF, (byte)(s_sample[at] + 1)])
            {
                byte[] changed = [.. s_sample];
                changed[at] = value;
                if (X509Certificate.TryParse(changed, out X509Certificate certificate))
                {
                    Text(certificate.Subject);
                    HostName.Matches("a.example", certificate);
                }
            }
        }

        Assert.False(X509Certificate.TryParse([.. s_sample, 0], out _));
    }

    [Fact]
    public void AnyBytes_AreReadWithoutAFault() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        DerReader reader = new(bytes);
        int total = 0;
        while (reader.Read())
        {
            total += reader.Whole.Length;
        }

        ReadOnlySpan<byte> rest = bytes;
        CertificateFile.ReadCertificate(ref rest, out _);
        CertificateFile.ReadKey(bytes, out _);
        return total <= bytes.Length && reader.IsDamaged == total < bytes.Length && !X509Certificate.TryParse(bytes, out _);
    }).Check(s_runs);

    [Fact]
    public void Files_OfSeveralCertificates_AreReadToTheirEnd()
    {
        byte[] other = Make("CN=Other", s_key).RawData;
        string pem = PemEncoding.WriteString("CERTIFICATE", s_sample);
        byte[][] files =
        [
            [.. s_sample, .. other],
            Encoding.ASCII.GetBytes($"# words\n{pem}\r\n{PemEncoding.WriteString("X509 CRL", [1, 2, 3])}\n{PemEncoding.WriteString("CERTIFICATE", other)}"),
        ];
        foreach (byte[] file in files)
        {
            Assert.Equal([s_sample, other], ReadAll(file, out Error? error));
            Assert.Null(error);
        }

        Assert.Empty(ReadAll("nothing"u8.ToArray(), out Error? none));
        Assert.Null(none);
        Assert.Single(ReadAll([.. s_sample, .. other[..^1]], out Error? cut));
        Assert.Equal("it is damaged, or no certificate", cut?.Message);
        Assert.Empty(ReadAll(Encoding.ASCII.GetBytes(pem.Replace('M', '-')), out Error? damaged));
        Assert.Equal("a certificate in it is damaged", damaged?.Message);
        Assert.Empty(ReadAll(Encoding.ASCII.GetBytes(pem[..100]), out Error? open));
        Assert.Equal("a certificate in it has no end", open?.Message);
    }

    [Fact]
    public void Keys_OfEveryForm_BecomePemThatIsReadAgain()
    {
        using RSA rsa = RSA.Create(2048);
        byte[][] keys =
        [
            rsa.ExportPkcs8PrivateKey(), rsa.ExportRSAPrivateKey(), s_key.ExportECPrivateKey(), Encoding.ASCII.GetBytes(s_key.ExportPkcs8PrivateKeyPem()),
            Encoding.ASCII.GetBytes("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + s_key.ExportECPrivateKeyPem()),
        ];
        foreach (byte[] key in keys)
        {
            Assert.Null(CertificateFile.ReadKey(key, out byte[] pem));
            using AsymmetricAlgorithm read = key.Length > 1000 ? RSA.Create() : ECDsa.Create();
            read.ImportFromPem(Encoding.ASCII.GetString(pem));
        }

        byte[] secret = Encoding.ASCII.GetBytes(s_key.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)));
        Assert.Equal("the key in it has a passphrase: take it off first (openssl pkey)", CertificateFile.ReadKey(secret, out _)?.Message);
        byte[] old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAoC\n-----END RSA PRIVATE KEY-----\n"u8.ToArray();
        Assert.Equal("the key in it is damaged, or has a passphrase", CertificateFile.ReadKey(old, out _)?.Message);
        Assert.Equal("there is no private key in it", CertificateFile.ReadKey("x"u8, out _)?.Message);
        Assert.Equal("it is damaged, or no private key", CertificateFile.ReadKey(s_sample, out _)?.Message);
    }

    [Fact]
    public void SignatureLists_GiveTheirCertificates_WithoutHashes()
    {
        byte[] lists = [.. Signatures(X509Type, s_sample, s_sample), .. Signatures(Guid.NewGuid(), new byte[32]), .. Signatures(X509Type, s_sample[..50])];
        SignatureListReader reader = new(lists);
        List<int> sizes = [];
        while (reader.Read())
        {
            sizes.Add(reader.Certificate.Length);
        }

        Assert.Equal([s_sample.Length, s_sample.Length, 50], sizes);
        Assert.False(reader.IsDamaged);
    }

    [Theory]
    [InlineData(16, 27u)] // a list shorter than its head
    [InlineData(16, 100_000u)] // and one longer than the variable
    [InlineData(20, 100_000u)]
    [InlineData(20, uint.MaxValue)]
    [InlineData(24, 16u)] // a signature of its owner alone
    [InlineData(24, 0u)]
    [InlineData(24, 37u)]
    public void SignatureList_WithSizesThatCannotBe_IsDropped(int at, uint value)
    {
        byte[] list = Signatures(X509Type, s_sample);
        BitConverter.TryWriteBytes(list.AsSpan(at), value);
        SignatureListReader reader = new(list);
        Assert.False(reader.Read());
        Assert.True(reader.IsDamaged);
    }

    private static Guid X509Type => new("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");

    private static byte[] Signatures(Guid type, params byte[][] data)
    {
        int size = 16 + data[0].Length;
        return
        [
            .. type.ToByteArray(), .. BitConverter.GetBytes(28 + size * data.Length), 0, 0, 0, 0, .. BitConverter.GetBytes(size),
            .. data.SelectMany(each => (IEnumerable<byte>)[.. new byte[16], .. each]),
        ];
    }

    private static List<byte[]> ReadAll(byte[] file, out Error? error)
    {
        List<byte[]> all = [];
        ReadOnlySpan<byte> rest = file;
        while ((error = CertificateFile.ReadCertificate(ref rest, out ReadOnlySpan<byte> certificate)) is null && !certificate.IsEmpty)
        {
            all.Add(certificate.ToArray());
        }

        return all;
    }

    [Fact]
    public void Names_ThatOpenSslTakesForTheSame_MayBeTheSame()
    {
        byte[] name = Rdns(Attribute(3, 0x13, "Example CA"u8.ToArray()));
        byte[][] same =
        [
            name, Rdns(Attribute(3, 0x0C, "EXAMPLE  ca "u8.ToArray())), Rdns(Attribute(3, 0x1E, Encoding.BigEndianUnicode.GetBytes("example ca"))),
            Rdns(Attribute(3, 0x1C, new UTF32Encoding(true, false).GetBytes("example ca"))), [0x30, 0x80, 0, 0],
        ];
        byte[][] others =
        [
            Rdns(Attribute(3, 0x13, "Example CB"u8.ToArray())), Rdns(Attribute(10, 0x13, "Example CA"u8.ToArray())), Rdns(),
            Rdns(Attribute(3, 0x13, "Example CA"u8.ToArray()), Attribute(10, 0x13, "x"u8.ToArray())),
        ];
        Assert.All(same, each => Assert.True(X509Name.MayBeSame(name, each)));
        Assert.All(others, each => Assert.False(X509Name.MayBeSame(name, each)));
    }

    [Fact]
    public void Name_OfVeryManyParts_IsCutOff()
    {
        byte[] part = Tlv(0x31, Attribute(3, 12, (byte)'a'));
        byte[] parts = [.. Enumerable.Repeat(part, 5000).SelectMany(each => each)];
        byte[] name = [0x30, 0x83, (byte)(parts.Length >> 16), (byte)(parts.Length >> 8), (byte)parts.Length, .. parts];
        Assert.Equal(X509Name.MaximumParts, Text(name).Split(',').Length);
    }

    private static string Shown(CalendarTime time) => TextBuilder.Format($"{time}");

    private static string Text(ReadOnlySpan<byte> name)
    {
        TextBuilder text = new(64, 0);
        X509Name.AppendTo(ref text, name);
        return text.ToString();
    }

    private static byte[] Attribute(byte kind, byte type, params byte[] value) => Tlv(0x30, [6, 3, 0x55, 4, kind, .. Tlv(type, value)]);

    private static byte[] Encode(string name) =>
        new X500DistinguishedName(name, X500DistinguishedNameFlags.UseCommas | X500DistinguishedNameFlags.Reversed).RawData;

    private static byte[] Rdns(params byte[][] attributes) => Tlv(0x30, [.. attributes.SelectMany(each => Tlv(0x31, each))]);

    private static byte[] Tlv(byte tag, byte[] value) => [tag, (byte)value.Length, .. value];

    private static X509Certificate2 Make(string subject, AsymmetricAlgorithm key)
    {
        X500DistinguishedName name = new(Encode(subject));
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 2, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("a.example");
        names.AddIpAddress(IPAddress.Parse("192.0.2.1"));
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2060, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }
}
