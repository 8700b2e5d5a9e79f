using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A certificate (RFC 5280, 4.1): a view. No signature is checked.</summary>
public readonly ref struct X509Certificate
{
    private readonly bool _hasVersion;
    private readonly bool _hasUsage;
    private readonly byte _usage; // The first byte of the extension's bits.
    private readonly bool _hasPurposes;
    private readonly bool _isForServers;
    private readonly bool _isForCode;

    private X509Certificate(ReadOnlySpan<byte> bytes, scoped ref DerReader body, scoped ref bool isGood)
    {
        Bytes = bytes;
        if (body.IsNext(DerReader.ContextConstructed(0)))
        {
            body.Read();
            _hasVersion = true;
        }

        body.Read(DerReader.Integer);
        SerialNumber = body.Value;
        body.Read(DerReader.Sequence);
        Hash = ReadHash(body.Value);
        body.Read(DerReader.Sequence);
        Issuer = body.Whole;
        body.Read(DerReader.Sequence);
        DerReader validity = new(body.Value);
        isGood = validity.Read() && DerTime.TryRead(validity.Tag, validity.Value, out NotBefore) &&
            validity.Read() && DerTime.TryRead(validity.Tag, validity.Value, out NotAfter);
        body.Read(DerReader.Sequence);
        Subject = body.Whole;
        body.Read(DerReader.Sequence);
        PublicKey = body.Whole;
        KeyKind = ReadKey(body.Value, out KeyBits);
        isGood &= !body.IsDamaged;
        PathLength = int.MaxValue;
        ulong seen = 0;
        while (body.Read())
        {
            if (body.Tag != DerReader.ContextConstructed(3))
            {
                continue;
            }

            DerReader list = new(body.Value);
            isGood &= list.Read(DerReader.Sequence);
            DerReader extensions = new(list.Value);
            while (extensions.Read())
            {
                DerReader extension = new(extensions.Value);
                isGood &= extensions.Tag == DerReader.Sequence && extension.Read(DerReader.ObjectIdentifier);
                ReadOnlySpan<byte> type = extension.Value;
                if (extension.IsNext(DerReader.Boolean))
                {
                    extension.Read();
                }

                isGood &= extension.Read(DerReader.OctetString);
                if (!isGood || type.Length != 3 || type[0] != 0x55 || type[1] != 0x1D)
                {
                    continue; // Those of RFC 5280, 4.2.1 are 2.5.29.N.
                }

                ulong bit = type[2] < 64 ? 1UL << type[2] : 0;
                isGood &= (seen & bit) == 0; // RFC 5280, 4.2: one of each.
                seen |= bit;
                DerReader value = new(extension.Value);
                switch (type[2])
                {
                    case 14: // subjectKeyIdentifier
                        isGood &= value.Read(DerReader.OctetString);
                        SubjectKeyIdentifier = value.Value;
                        break;
                    case 15: // keyUsage
                        isGood &= value.Read(DerReader.BitString);
                        _hasUsage = true;
                        _usage = value.Value.Length > 1 ? value.Value[1] : (byte)0;
                        break;
                    case 17: // subjectAltName
                        isGood &= value.Read(DerReader.Sequence);
                        AlternativeNames = value.Value;
                        break;
                    case 19: // basicConstraints
                        isGood &= value.Read(DerReader.Sequence);
                        IsAuthority = ReadConstraints(value.Value, ref PathLength);
                        break;
                    case 30: // nameConstraints
                        isGood &= value.Read(DerReader.Sequence);
                        NameConstraints = value.Value;
                        break;
                    case 35: // authorityKeyIdentifier
                        isGood &= value.Read(DerReader.Sequence);
                        DerReader identifier = new(value.Value);
                        if (identifier.IsNext(DerReader.Context(0)) && identifier.Read())
                        {
                            AuthorityKeyIdentifier = identifier.Value;
                        }

                        break;
                    case 37: // extKeyUsage
                        isGood &= value.Read(DerReader.Sequence);
                        _hasPurposes = true;
                        _isForServers = HasPurpose(value.Value, 1);
                        _isForCode = HasPurpose(value.Value, 3);
                        break;
                }
            }

            isGood &= !extensions.IsDamaged;
        }
    }

    /// <summary>All of it.</summary>
    public readonly ReadOnlySpan<byte> Bytes;

    /// <summary>Two's complement, the highest byte first.</summary>
    public readonly ReadOnlySpan<byte> SerialNumber;

    /// <summary>Who signed it, for <see cref="X509Name"/>: the value with its tag and length.</summary>
    public readonly ReadOnlySpan<byte> Issuer;

    /// <summary>Whose it is, for <see cref="X509Name"/>: the value with its tag and length.</summary>
    public readonly ReadOnlySpan<byte> Subject;

    /// <summary>The first second in which it is valid, since 1970.</summary>
    public readonly long NotBefore;

    /// <summary>The last such second.</summary>
    public readonly long NotAfter;

    /// <summary>What its signature was computed over.</summary>
    public readonly X509Hash Hash;

    /// <summary>Its key with what kind it is: the value with its tag and length.</summary>
    public readonly ReadOnlySpan<byte> PublicKey;

    /// <summary>The kind of its key.</summary>
    public readonly X509KeyKind KeyKind;

    /// <summary>The length of an RSA modulus, or of a curve's order; 0 for a kind that is not known.</summary>
    public readonly int KeyBits;

    /// <summary>It may sign others (RFC 5280, 4.2.1.9).</summary>
    public readonly bool IsAuthority;

    /// <summary>How many authorities may be below it; <see cref="int.MaxValue"/> for any number.</summary>
    public readonly int PathLength;

    /// <summary>
    /// The names beside the subject (RFC 5280, 4.2.1.6), one DER value each: <see cref="DerReader.Context"/>(2) is a dNSName, (7) an iPAddress.
    /// </summary>
    public readonly ReadOnlySpan<byte> AlternativeNames;

    /// <summary>
    /// Of an authority: the lists of names that it may issue for, <see cref="DerReader.ContextConstructed"/>(0), and of those that it must not, (1)
    /// (RFC 5280, 4.2.1.10). Empty when it may for all.
    /// </summary>
    public readonly ReadOnlySpan<byte> NameConstraints;

    /// <summary>Of its own key; empty when it does not say.</summary>
    public readonly ReadOnlySpan<byte> SubjectKeyIdentifier;

    /// <summary>Of its issuer's key; empty when it does not say.</summary>
    public readonly ReadOnlySpan<byte> AuthorityKeyIdentifier;

    /// <summary>Its issuer has its own name and key, as far as identifiers tell: the last of a chain.</summary>
    public bool IsRoot => IsIssuedBy(this);

    /// <summary>Of version 1, which has no extensions: it cannot say whether it may sign others.</summary>
    public bool IsVersion1 => !_hasVersion;

    /// <summary>Its use is not limited to others than signing certificates (RFC 5280, 4.2.1.3).</summary>
    public bool MaySignCertificates => !_hasUsage || (_usage & 0x04) != 0;

    /// <summary>Its use is not limited to others than TLS servers (RFC 5280, 4.2.1.12).</summary>
    public bool IsForServers => !_hasPurposes || _isForServers;

    /// <summary>It says that it is for signing programs (RFC 5280, 4.2.1.12), and its key is not for something else (4.2.1.3).</summary>
    public bool IsForCode => _isForCode && (!_hasUsage || (_usage & 0x80) != 0);

    /// <summary>Reads a certificate; false when it is none, or anything is behind it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out X509Certificate certificate)
    {
        certificate = default;
        DerReader whole = new(bytes);
        if (!whole.Read(DerReader.Sequence) || !whole.Rest.IsEmpty)
        {
            return false;
        }

        DerReader parts = new(whole.Value);
        if (!parts.Read(DerReader.Sequence))
        {
            return false;
        }

        DerReader body = new(parts.Value);
        if (!parts.Read(DerReader.Sequence) || !parts.Read(DerReader.BitString) || !parts.Rest.IsEmpty)
        {
            return false;
        }

        bool isGood = true;
        certificate = new X509Certificate(bytes, ref body, ref isGood);
        return isGood && !body.IsDamaged;
    }

    /// <summary>Whether a certificate may be that of this one's issuer, by name and key identifiers (RFC 5280, 6.1 and 4.2.1.1).</summary>
    public bool IsIssuedBy(in X509Certificate issuer) =>
        Issuer.SequenceEqual(issuer.Subject) &&
        (AuthorityKeyIdentifier.IsEmpty || issuer.SubjectKeyIdentifier.IsEmpty || AuthorityKeyIdentifier.SequenceEqual(issuer.SubjectKeyIdentifier));

    /// <summary>Whether OpenSSL may take a certificate for that of this one's issuer: <see cref="IsIssuedBy"/>, and more.</summary>
    public bool MayBeIssuedBy(in X509Certificate issuer) =>
        X509Name.MayBeSame(Issuer, issuer.Subject) &&
        (AuthorityKeyIdentifier.IsEmpty || issuer.SubjectKeyIdentifier.IsEmpty || AuthorityKeyIdentifier.SequenceEqual(issuer.SubjectKeyIdentifier));

    private static X509Hash ReadHash(ReadOnlySpan<byte> algorithm)
    {
        DerReader reader = new(algorithm);
        reader.Read(DerReader.ObjectIdentifier);
        ReadOnlySpan<byte> type = reader.Value;
        if (type.Length == 9 && type.StartsWith((ReadOnlySpan<byte>)[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01])) // RFC 8017, A.2.4
        {
            return type[8] switch
            {
                2 or 3 or 4 => X509Hash.Md5,
                5 => X509Hash.Sha1,
                10 => ReadPssHash(ref reader),
                11 => X509Hash.Sha256,
                12 => X509Hash.Sha384,
                13 => X509Hash.Sha512,
                _ => X509Hash.Other,
            };
        }

        if (type.StartsWith((ReadOnlySpan<byte>)[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04])) // RFC 5758, 3.2
        {
            return type.Length == 7 && type[6] == 1 ? X509Hash.Sha1
                : type.Length != 8 || type[6] != 3 ? X509Hash.Other
                : type[7] switch { 2 => X509Hash.Sha256, 3 => X509Hash.Sha384, 4 => X509Hash.Sha512, _ => X509Hash.Other };
        }

        return X509Hash.Other;
    }

    // RFC 4055, 3.1: without parameters SHA-1.
    private static X509Hash ReadPssHash(ref DerReader algorithm)
    {
        algorithm.Read(DerReader.Sequence);
        DerReader parameters = new(algorithm.Value);
        if (!parameters.IsNext(DerReader.ContextConstructed(0)) || !parameters.Read())
        {
            return X509Hash.Sha1;
        }

        DerReader hash = new(parameters.Value);
        hash.Read(DerReader.Sequence);
        DerReader type = new(hash.Value);
        type.Read(DerReader.ObjectIdentifier);
        return type.Value.Length != 9 || !type.Value.StartsWith((ReadOnlySpan<byte>)[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02])
            ? X509Hash.Other
            : type.Value[8] switch { 1 => X509Hash.Sha256, 2 => X509Hash.Sha384, 3 => X509Hash.Sha512, _ => X509Hash.Other };
    }

    private static X509KeyKind ReadKey(ReadOnlySpan<byte> information, out int bits)
    {
        bits = 0;
        DerReader reader = new(information);
        reader.Read(DerReader.Sequence);
        DerReader algorithm = new(reader.Value);
        algorithm.Read(DerReader.ObjectIdentifier);
        ReadOnlySpan<byte> type = algorithm.Value;
        if (!reader.Read(DerReader.BitString) || reader.Value.IsEmpty)
        {
            return X509KeyKind.Other;
        }

        ReadOnlySpan<byte> key = reader.Value.Slice(1); // The first byte says how many of its last bits do not count: none.
        if (type.Length == 9 && type.StartsWith((ReadOnlySpan<byte>)[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]) && type[8] is 1 or 10)
        {
            DerReader whole = new(key);
            whole.Read(DerReader.Sequence);
            DerReader numbers = new(whole.Value);
            numbers.Read(DerReader.Integer);
            bits = CountBits(numbers.Value);
            return X509KeyKind.Rsa;
        }

        if (type.SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]))
        {
            algorithm.Read();
            bits = algorithm.Value.SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]) ? 256
                : algorithm.Value.SequenceEqual((ReadOnlySpan<byte>)[0x2B, 0x81, 0x04, 0x00, 0x22]) ? 384
                : algorithm.Value.SequenceEqual((ReadOnlySpan<byte>)[0x2B, 0x81, 0x04, 0x00, 0x23]) ? 521
                : Math.Max(key.Length - 1, 0) / 2 * 8; // An uncompressed point: a byte, and both coordinates (RFC 5480, 2.2).
            return X509KeyKind.Ecdsa;
        }

        if (type.Length == 3 && type.StartsWith((ReadOnlySpan<byte>)[0x2B, 0x65]) && type[2] is 112 or 113)
        {
            bits = type[2] == 112 ? 256 : 448;
            return X509KeyKind.Edwards;
        }

        return X509KeyKind.Other;
    }

    private static int CountBits(ReadOnlySpan<byte> number)
    {
        while (!number.IsEmpty && number[0] == 0)
        {
            number = number.Slice(1);
        }

        int bits = number.Length * 8;
        for (int first = number.IsEmpty ? 0x80 : number[0]; first < 0x80; first <<= 1)
        {
            bits--;
        }

        return bits;
    }

    private static bool ReadConstraints(ReadOnlySpan<byte> constraints, ref int pathLength)
    {
        DerReader reader = new(constraints);
        bool isAuthority = reader.IsNext(DerReader.Boolean) && reader.Read() && reader.Value.Length == 1 && reader.Value[0] != 0;
        if (isAuthority && reader.IsNext(DerReader.Integer) && reader.Read() && reader.Value.Length == 1)
        {
            pathLength = reader.Value[0] & 0x7F;
        }

        return isAuthority;
    }

    /// <param name="purposes">KeyPurposeIds.</param>
    /// <param name="last">The last part of the one that is looked for, below id-kp; or any is allowed.</param>
    private static bool HasPurpose(ReadOnlySpan<byte> purposes, byte last)
    {
        DerReader reader = new(purposes);
        while (reader.Read())
        {
            if ((reader.Value.Length == 8 && reader.Value[7] == last && reader.Value.StartsWith((ReadOnlySpan<byte>)[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03])) ||
                reader.Value.SequenceEqual((ReadOnlySpan<byte>)[0x55, 0x1D, 0x25, 0x00]))
            {
                return true;
            }
        }

        return false;
    }
}
