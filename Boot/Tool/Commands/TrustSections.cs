using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NetBoot.NetworkStack.Trust;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>Reads files of certificates and keys with the application's own parser, so that what is refused there is refused here.</summary>
internal static class TrustSections
{
    /// <summary>The certificates of a file, PEM or DER: at least one.</summary>
    /// <exception cref="ToolError">The file cannot be read, has none, or one is damaged.</exception>
    public static List<byte[]> ReadCertificates(string path)
    {
        List<byte[]> all = [];
        ReadOnlySpan<byte> rest = ImageInput.ReadFile(path);
        while (true)
        {
            Error? error = CertificateFile.ReadCertificate(ref rest, out ReadOnlySpan<byte> certificate);
            if (error is not null || (certificate.IsEmpty && all.Count == 0))
            {
                throw new ToolError($"{path}: {error?.Message ?? "there is no certificate in it"}.", "Give certificates as PEM or DER.");
            }

            if (certificate.IsEmpty)
            {
                return all;
            }

            all.Add(certificate.ToArray());
        }
    }

    /// <summary>Roots, with those that are there before them and each once.</summary>
    /// <param name="before">In DER, one behind the other.</param>
    /// <param name="files">PEM or DER.</param>
    /// <exception cref="ToolError">As <see cref="ReadCertificates"/> has it.</exception>
    public static byte[] Join(byte[] before, IEnumerable<FileInfo> files)
    {
        using TrustStore store = new(new App.Digests.Hashes());
        store.AddAll(TrustSource.Image, before);
        foreach (byte[] each in files.SelectMany(file => ReadCertificates(file.FullName)))
        {
            store.Add(each);
        }

        return [.. Enumerable.Range(0, store.Count).SelectMany(i => store[i].ToArray())];
    }

    /// <summary>A client's certificate in DER, its key in PEM, and how many certificates more are in the file.</summary>
    /// <exception cref="ToolError">One of the files is wrong, or they do not belong together.</exception>
    public static (byte[] Certificate, byte[] Key, int Others) ReadClient(FileInfo certificateFile, FileInfo keyFile)
    {
        List<byte[]> all = ReadCertificates(certificateFile.FullName);
        byte[] der = all[0];
        if (CertificateFile.ReadKey(ImageInput.ReadFile(keyFile.FullName), out byte[] pem) is Error error)
        {
            throw new ToolError($"{keyFile}: {error.Message}.", "Give the key as PEM or DER, without a passphrase.");
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
        try
        {
            if (certificate.GetRSAPublicKey() is RSA)
            {
                using RSA key = RSA.Create();
                key.ImportFromPem(Encoding.ASCII.GetString(pem));
                certificate.CopyWithPrivateKey(key).Dispose();
            }
            else
            {
                using ECDsa key = ECDsa.Create();
                key.ImportFromPem(Encoding.ASCII.GetString(pem));
                certificate.CopyWithPrivateKey(key).Dispose();
            }
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            throw new ToolError($"{keyFile} is not the key of {certificateFile} ({certificate.Subject}).");
        }

        return (der, pem, all.Count - 1);
    }
}
