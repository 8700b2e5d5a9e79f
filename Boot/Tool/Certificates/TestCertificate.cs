using System;
using System.Collections.Generic;
using System.Formats.Asn1;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NetBoot.Boot.Tool.Certificates;

/// <summary>A certificate made for a test or a measurement, with its key: what no real authority issues (expired, weak) as well.</summary>
public sealed class TestCertificate : IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    private TestCertificate(byte[] der, AsymmetricAlgorithm key, TestCertificate? issuer)
    {
        Der = der;
        _key = key;
        Issuer = issuer;
    }

    public byte[] Der { get; }

    /// <summary>Null for one that issued itself.</summary>
    public TestCertificate? Issuer { get; }

    public string Pem => PemEncoding.WriteString("CERTIFICATE", Der) + "\n";

    /// <summary>PKCS #8, without a passphrase.</summary>
    public string KeyPem => _key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>What a server sends: the certificate, then those who issued it, but not the root.</summary>
    public string ChainPem => Issuer is null ? "" : Pem + Issuer.ChainPem;

    /// <summary>The one that the chain ends with.</summary>
    public TestCertificate Root => Issuer is null ? this : Issuer.Root;

    /// <summary>Makes one that issues itself.</summary>
    public static TestCertificate Make(CertificateOptions options) => Make(options, null);

    /// <summary>Makes an authority that issues itself.</summary>
    public static TestCertificate MakeRoot(string subject, KeyKind key = KeyKind.P256) => Make(new CertificateOptions(subject) { Key = key, IsAuthority = true });

    /// <summary>Issues another.</summary>
    public TestCertificate Issue(CertificateOptions options) => Make(options, this);

    /// <summary>Issues an authority.</summary>
    public TestCertificate IssueAuthority(string subject, KeyKind key = KeyKind.P256) => Issue(new CertificateOptions(subject) { Key = key, IsAuthority = true });

    /// <summary>Issues one for a server of one name, which is a host's or an address.</summary>
    public TestCertificate IssueServer(string name, KeyKind key = KeyKind.P256) =>
        Issue(new CertificateOptions(name) { Key = key, Names = [name], Usages = [CertificateOptions.ServerAuthentication] });

    /// <summary>The same, as a server shows it that leaves out who issued it.</summary>
    public TestCertificate WithoutChain() => new(Der, _key, null);

    /// <summary>Writes the chain and the key.</summary>
    /// <returns>Their paths: of PEM files.</returns>
    public (string Chain, string Key) Write(TemporaryDirectory directory, string name)
    {
        string chain = directory.Combine(name + ".pem");
        string key = directory.Combine(name + ".key");
        File.WriteAllText(chain, Issuer is null ? Pem : ChainPem);
        File.WriteAllText(key, KeyPem);
        return (chain, key);
    }

    public void Dispose() => _key.Dispose();

    private static TestCertificate Make(CertificateOptions options, TestCertificate? issuer)
    {
        AsymmetricAlgorithm key = options.WithKeyOf is TestCertificate other ? ImportKey(other) : MakeKey(options.Key);
        X500DistinguishedName subject = new("CN=" + options.Subject);
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, options.Hash, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, options.Hash);
        AddExtensions(request, options, issuer);

        // A generator of its own, as .NET issues neither with SHA-1 nor what outlives its issuer.
        AsymmetricAlgorithm signing = issuer?._key ?? key;
        X509SignatureGenerator generator = signing is ECDsa curve ? X509SignatureGenerator.CreateForECDsa(curve) : new RsaGenerator((RSA)signing);
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)(serial[0] & 0x3F | 0x40); // positive, and as long as it is
        using X509Certificate2? parent = issuer is null ? null : X509CertificateLoader.LoadCertificate(issuer.Der);
        using X509Certificate2 made = request.Create(parent?.SubjectName ?? subject, generator, options.From, options.Until, serial);
        return new TestCertificate(made.RawData, key, issuer);
    }

    private static void AddExtensions(CertificateRequest request, CertificateOptions options, TestCertificate? issuer)
    {
        X509SubjectKeyIdentifierExtension own = new(request.PublicKey, critical: false);
        request.CertificateExtensions.Add(own);
        request.CertificateExtensions.Add(issuer is null
            ? X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(own)
            : X509AuthorityKeyIdentifierExtension.CreateFromCertificate(X509CertificateLoader.LoadCertificate(issuer.Der), true, false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(options.IsAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            options.IsAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment,
            critical: true));
        if (options.Usages.Count > 0)
        {
            OidCollection usages = [];
            foreach (string usage in options.Usages)
            {
                usages.Add(new Oid(usage));
            }

            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }

        if (options.Names.Count > 0)
        {
            SubjectAlternativeNameBuilder names = new();
            foreach (string name in options.Names)
            {
                if (IPAddress.TryParse(name, out IPAddress? address))
                {
                    names.AddIpAddress(address);
                }
                else
                {
                    names.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(names.Build());
        }

        if (options.Permitted.Count + options.Excluded.Count > 0)
        {
            request.CertificateExtensions.Add(new X509Extension("2.5.29.30", Constrain(options.Permitted, options.Excluded), critical: true));
        }
    }

    private static byte[] Constrain(params IReadOnlyList<string>[] lists)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            for (int i = 0; i < lists.Length; i++)
            {
                using (lists[i].Count > 0 ? writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, i)) : default(AsnWriter.Scope?))
                {
                    foreach (string each in lists[i])
                    {
                        using AsnWriter.Scope subtree = writer.PushSequence();
                        if (IPNetwork.TryParse(each, out IPNetwork range))
                        {
                            byte[] address = range.BaseAddress.GetAddressBytes();
                            byte[] mask = [.. address.Select((_, at) => (byte)(0xFF00 >> Math.Clamp(range.PrefixLength - (8 * at), 0, 8)))];
                            writer.WriteOctetString([.. address, .. mask], new Asn1Tag(TagClass.ContextSpecific, 7));
                        }
                        else
                        {
                            writer.WriteCharacterString(UniversalTagNumber.IA5String, each, new Asn1Tag(TagClass.ContextSpecific, 2));
                        }
                    }
                }
            }
        }

        return writer.Encode();
    }

    private static AsymmetricAlgorithm MakeKey(KeyKind kind) => kind switch
    {
        KeyKind.Rsa1024 => RSA.Create(1024),
        KeyKind.Rsa2048 => RSA.Create(2048),
        KeyKind.Rsa3072 => RSA.Create(3072),
        KeyKind.Rsa4096 => RSA.Create(4096),
        KeyKind.P256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        _ => ECDsa.Create(ECCurve.NamedCurves.nistP384),
    };

    private static AsymmetricAlgorithm ImportKey(TestCertificate other)
    {
        AsymmetricAlgorithm key = other._key is RSA ? RSA.Create() : ECDsa.Create();
        key.ImportPkcs8PrivateKey(other._key.ExportPkcs8PrivateKey(), out _);
        return key;
    }

    /// <summary>Signs by PKCS #1 v1.5 with any hash (RFC 8017, A.2.4).</summary>
    private sealed class RsaGenerator(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            int last = hashAlgorithm == HashAlgorithmName.SHA1 ? 5
                : hashAlgorithm == HashAlgorithmName.SHA256 ? 11
                : hashAlgorithm == HashAlgorithmName.SHA384 ? 12
                : 13;
            AsnWriter writer = new(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier($"1.2.840.113549.1.1.{last}");
                writer.WriteNull();
            }

            return writer.Encode();
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, hashAlgorithm, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => CreateForRSA(key, RSASignaturePadding.Pkcs1).PublicKey;
    }
}
