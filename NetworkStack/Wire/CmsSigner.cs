using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>One signer of <see cref="CmsSignature"/> (RFC 5652, 5.3): a view.</summary>
public readonly ref struct CmsSigner
{
    private CmsSigner(ReadOnlySpan<byte> values, out bool isGood)
    {
        DerReader body = new(values);
        body.Read(DerReader.Integer);
        if (body.IsNext(DerReader.Sequence))
        {
            body.Read();
            DerReader name = new(body.Value);
            name.Read(DerReader.Sequence);
            Issuer = name.Whole;
            SerialNumber = name.Read(DerReader.Integer) ? name.Value : default;
        }
        else
        {
            body.Read(DerReader.Context(0)); // subjectKeyIdentifier
        }

        body.Read(DerReader.Sequence);
        DerReader algorithm = new(body.Value);
        algorithm.Read(DerReader.ObjectIdentifier);
        Hash = ReadHash(algorithm.Value);
        isGood = !body.IsDamaged;
    }

    /// <summary>The issuer of its certificate: the value with its tag and length. Empty when it is named by its key alone.</summary>
    public readonly ReadOnlySpan<byte> Issuer;

    /// <summary>The number of its certificate.</summary>
    public readonly ReadOnlySpan<byte> SerialNumber;

    /// <summary>What was signed is known by this.</summary>
    public readonly X509Hash Hash;

    /// <summary>Reads one.</summary>
    /// <param name="value">The content of one of <see cref="CmsSignature.Signers"/>.</param>
    /// <param name="signer">What was read.</param>
    public static bool TryParse(ReadOnlySpan<byte> value, out CmsSigner signer)
    {
        signer = new CmsSigner(value, out bool isGood);
        return isGood;
    }

    /// <summary>Whether a certificate is the signer's.</summary>
    public bool Is(in X509Certificate certificate) => certificate.Issuer.SequenceEqual(Issuer) && certificate.SerialNumber.SequenceEqual(SerialNumber);

    private static X509Hash ReadHash(ReadOnlySpan<byte> type)
    {
        // RFC 5754, 2; RFC 3370, 2.
        if (type.Length == 9 && type.StartsWith((ReadOnlySpan<byte>)[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]))
        {
            return type[8] switch { 1 => X509Hash.Sha256, 2 => X509Hash.Sha384, 3 => X509Hash.Sha512, _ => X509Hash.Other };
        }

        return type.SequenceEqual((ReadOnlySpan<byte>)[0x2B, 0x0E, 0x03, 0x02, 0x1A]) ? X509Hash.Sha1
            : type.SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05]) ? X509Hash.Md5
            : X509Hash.Other;
    }
}
