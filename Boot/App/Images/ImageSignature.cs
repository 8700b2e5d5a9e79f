using System;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// Verifies an image's signature, a CMS message beside it (RFC 5652). Who signed, and whether they may, is judged here; the signature itself, and
/// those of the certificates, by the firmware.
/// </summary>
public static class ImageSignature
{
    private const int LengthSize = 3; // RFC 5246, 7.4.2

    // What comes with a signature is arranged anew for each of its signers, and that memory is held until the command ends.
    private const int MaximumSigners = 16;
    private const int MaximumCertificates = 256 * 1024;

    /// <summary>Verifies it; the image is trusted then, and else not.</summary>
    /// <param name="session">Whose trust counts.</param>
    /// <param name="image">What was signed.</param>
    /// <param name="file">The signature, in DER or PEM.</param>
    /// <param name="name">One of its signers has to have this name; null for any.</param>
    public static Error? Verify(Session session, Image image, Image file, string? name)
    {
        image.IsTrusted = false;
        Error? error = Check(session, image, ToDer(file.Content.Span), name);
        image.IsTrusted = error is null;
        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{image.Name}: {error.Message} ({file.Name})"));
    }

    private static ReadOnlySpan<byte> ToDer(ReadOnlySpan<byte> file)
    {
        PemReader pem = new(file);
        return file.StartsWith("-----BEGIN"u8) && pem.Read() ? pem.Decode() : file;
    }

    private static Error? Check(Session session, Image image, ReadOnlySpan<byte> bytes, string? name)
    {
        if (!CmsSignature.TryParse(bytes, out CmsSignature signature))
        {
            return Refuse("no signature of CMS, as openssl cms -sign -binary -outform DER makes them");
        }

        if (!signature.IsDetached)
        {
            return Refuse("the signature has a file inside, rather than being one beside it");
        }

        if (signature.Certificates.Length > MaximumCertificates)
        {
            return Refuse(TextBuilder.Format($"the signature has {signature.Certificates.Length} bytes of certificates, and {MaximumCertificates} are the most"));
        }

        CertificateJudge judge = new(session.Trust, session) { Purpose = CertificatePurpose.Code };
        int root = -1;
        bool isNamed = name is null;
        DerReader signers = new(signature.Signers);
        for (int count = 0; signers.Read(); count++)
        {
            Error? error = count == MaximumSigners ? Refuse(TextBuilder.Format($"the signature has more than {MaximumSigners} signers"))
                : CheckSigner(judge, signature, signers.Value, name, ref isNamed, out root);
            if (error is not null)
            {
                return error;
            }
        }

        return signers.IsDamaged ? Refuse("the signature is damaged")
            : root < 0 ? Refuse("nobody has signed it")
            : !isNamed ? Refuse(TextBuilder.Format($"who signed it is not {name}"))
            : session.Platform.VerifySignature(image, bytes, session.Trust[root]); // Firmware wants all signers below one root.
    }

    private static Error? CheckSigner(
        CertificateJudge judge, in CmsSignature signature, ReadOnlySpan<byte> value, string? name, ref bool isNamed, out int root)
    {
        root = -1;
        if (!CmsSigner.TryParse(value, out CmsSigner signer))
        {
            return Refuse("the signature is damaged");
        }

        if (signer.Hash is X509Hash.Other or X509Hash.Md5 or X509Hash.Sha1)
        {
            return Refuse("the signature's hash is none of SHA-256, SHA-384 and SHA-512: sign with -md sha256");
        }

        byte[] list = Arrange(signature.Certificates, signer, out X509Certificate own, out int count);
        if (count != 1)
        {
            return Refuse(
                signer.Issuer.IsEmpty ? "the signer's certificate is named by its key, which firmware does not know: sign without -keyid"
                : count == 0 ? "the signer's certificate is not in the signature: sign without -nocerts"
                : "the signature has two certificates with the number of the signer's");
        }

        isNamed |= name is not null && HasName(own, name);
        Error? error = judge.Judge("", list);
        root = judge.FindRoot(list);
        return error;
    }

    /// <summary>
    /// The certificates as <see cref="CertificateJudge.Judge"/> has them, the signer's first, in the current arena; none unless it is there, once.
    /// </summary>
    private static byte[] Arrange(ReadOnlySpan<byte> certificates, in CmsSigner signer, out X509Certificate own, out int count)
    {
        own = default;
        count = 0;
        int size = LengthSize;
        DerReader reader = new(certificates);
        while (reader.Read())
        {
            size += LengthSize + reader.Whole.Length;
            if (X509Certificate.TryParse(reader.Whole, out X509Certificate certificate) && signer.Is(certificate))
            {
                own = certificate;
                count++;
            }
        }

        if (count != 1)
        {
            return [];
        }

        byte[] list = new byte[size];
        int at = 0;
        WriteLength(list, ref at, size - LengthSize);
        Write(list, ref at, own.Bytes);
        reader = new(certificates);
        while (reader.Read())
        {
            if (!reader.Whole.SequenceEqual(own.Bytes))
            {
                Write(list, ref at, reader.Whole);
            }
        }

        return list;
    }

    private static void Write(byte[] list, ref int at, ReadOnlySpan<byte> certificate)
    {
        WriteLength(list, ref at, certificate.Length);
        certificate.CopyTo(list.AsSpan(at));
        at += certificate.Length;
    }

    private static void WriteLength(byte[] list, ref int at, int length)
    {
        list[at++] = (byte)(length >> 16);
        list[at++] = (byte)(length >> 8);
        list[at++] = (byte)length;
    }

    /// <summary>Whether a certificate has a name: its common name, or a name of mail, a host, or a URI beside it (RFC 5280, 4.2.1.6).</summary>
    private static bool HasName(in X509Certificate certificate, string name)
    {
        TextBuilder common = new(64, 0);
        X509Name.AppendCommonName(ref common, certificate.Subject);
        bool isFound = common.Written.SequenceEqual(name);
        DerReader names = new(certificate.AlternativeNames);
        while (!isFound && names.Read())
        {
            isFound = (names.Tag == DerReader.Context(1) || names.Tag == DerReader.Context(2) || names.Tag == DerReader.Context(6)) && Is(names.Value, name);
        }

        return isFound;
    }

    private static bool Is(ReadOnlySpan<byte> value, string name) => value.Length == name.Length && ByteText.StartsWith(value, name);

    private static Error Refuse(string message) => new(EFI_STATUS.EFI_SECURITY_VIOLATION, message);
}
