using System;
using System.Text;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Trust;

/// <summary>Files of certificates and keys: DER, or PEM (RFC 7468), which may hold several and text around them.</summary>
public static class CertificateFile
{
    /// <summary>Cuts the next certificate off.</summary>
    /// <param name="rest">What of the file was not read yet; empty afterwards at its end, and with an error.</param>
    /// <param name="certificate">In DER, which is read as a certificate; empty when there is none any more.</param>
    /// <returns>Why there is none, or none any more.</returns>
    public static Error? ReadCertificate(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> certificate)
    {
        certificate = default;
        ReadOnlySpan<byte> file = rest;
        rest = default;
        if (!file.IsEmpty && file[0] == DerReader.Sequence)
        {
            DerReader der = new(file);
            if (!der.Read() || !X509Certificate.TryParse(der.Whole, out _))
            {
                return Bad("it is damaged, or no certificate");
            }

            certificate = der.Whole;
            rest = der.Rest;
            return null;
        }

        PemReader pem = new(file);
        while (pem.Read())
        {
            if (!pem.Label.SequenceEqual("CERTIFICATE"u8))
            {
                continue;
            }

            byte[]? decoded = pem.Decode();
            if (decoded is null || !X509Certificate.TryParse(decoded, out _))
            {
                return Bad("a certificate in it is damaged");
            }

            certificate = decoded;
            rest = pem.Rest;
            return null;
        }

        return file.IndexOf("-----BEGIN CERTIFICATE-----"u8) >= 0 ? Bad("a certificate in it has no end") : null;
    }

    /// <summary>Reads a private key.</summary>
    /// <param name="file">DER or PEM: PKCS #8 (RFC 5958), PKCS #1 (RFC 8017, A.1.2) or RFC 5915.</param>
    /// <param name="pem">The key as a block of PEM, in the current arena; empty with an error.</param>
    public static Error? ReadKey(ReadOnlySpan<byte> file, out byte[] pem)
    {
        pem = [];
        if (!file.IsEmpty && file[0] == DerReader.Sequence)
        {
            return WriteKey(file, out pem);
        }

        PemReader reader = new(file);
        while (reader.Read())
        {
            if (reader.Label.SequenceEqual("ENCRYPTED PRIVATE KEY"u8))
            {
                return Bad("the key in it has a passphrase: take it off first (openssl pkey)");
            }

            if (reader.Label.EndsWith("PRIVATE KEY"u8))
            {
                return reader.Decode() is byte[] key ? WriteKey(key, out pem) : Bad("the key in it is damaged, or has a passphrase");
            }
        }

        return Bad("there is no private key in it");
    }

    private static Error? WriteKey(ReadOnlySpan<byte> key, out byte[] pem)
    {
        pem = [];
        DerReader whole = new(key);
        whole.Read(DerReader.Sequence);
        DerReader parts = new(whole.Value);
        bool isGood = parts.Read(DerReader.Integer) && parts.Read() && whole.Rest.IsEmpty;
        string label = parts.Tag switch
        {
            DerReader.Sequence => "PRIVATE KEY",
            DerReader.Integer => "RSA PRIVATE KEY",
            DerReader.OctetString => "EC PRIVATE KEY",
            _ => "",
        };
        if (!isGood || label.Length == 0)
        {
            return Bad("it is damaged, or no private key");
        }

        string digits = Convert.ToBase64String(key);
        TextBuilder text = new(digits.Length + 128, 0);
        text.AppendFormatted(TextBuilder.Format($"-----BEGIN {label}-----\n"));
        for (int at = 0; at < digits.Length; at += 64)
        {
            text.Append(digits.AsSpan(at, Math.Min(64, digits.Length - at)));
            text.Append('\n');
        }

        text.AppendFormatted(TextBuilder.Format($"-----END {label}-----\n"));
        pem = new byte[text.Written.Length];
        Encoding.Latin1.GetBytes(text.Written, pem);
        return null;
    }

    private static Error Bad(string message) => new(EFI_STATUS.EFI_COMPROMISED_DATA, message);
}
