using System;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>What is done with each certificate: certstat lists, certstore adds, certfree forgets.</summary>
public enum CertificateAction
{
    Show,
    Add,
    Remove,
}

/// <summary>Works on the certificates that are trusted: certstat, certstore and certfree.</summary>
public sealed class CertificateCommand(string name, string summary, CertificateAction action) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => action == CertificateAction.Add ? "s|subject=NAME k|keep" : "s|subject=NAME";
    public override string Operands => action == CertificateAction.Add ? "[URI|IMAGE]" : "";
    public override int MaximumOperands => action == CertificateAction.Add ? 1 : 0;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string? subject = arguments.Value('s');
        int count = 0;
        Error? error = action != CertificateAction.Add ? RunOnStore(session, subject, ref count)
            : arguments.Words.Length > 0 ? AddFile(session, arguments, subject, ref count)
            : null; // As in iPXE: what is in the store already stays there.
        return error is not null || count > 0 || subject is null
            ? error
            : new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such certificate: {subject}"));
    }

    private Error? RunOnStore(Session session, string? subject, ref int count)
    {
        for (StoredCertificate? at = session.Trust.First; at is not null;)
        {
            StoredCertificate stored = at;
            at = at.Next;
            if (!IsMeant(stored.Bytes, subject))
            {
                continue;
            }

            count++;
            if (action == CertificateAction.Show)
            {
                Show(session, stored);
            }
            else
            {
                session.Trust.Remove(stored);
                session.FetchClient.CloseIdle(); // Servers are judged when a connection is made.
            }
        }

        return null;
    }

    private static Error? AddFile(Session session, Arguments arguments, string? subject, ref int count)
    {
        Error? error = ImageArguments.AcquireNamed(session, arguments, arguments.Words[0], out Image? image);
        if (image is null)
        {
            return error;
        }

        int found = 0;
        ReadOnlySpan<byte> rest = image.Content.Span;
        while (error is null && (error = CertificateFile.ReadCertificate(ref rest, out ReadOnlySpan<byte> bytes)) is null && !bytes.IsEmpty)
        {
            found++;
            if (IsMeant(bytes, subject))
            {
                count++;
                error = session.AddTrust(bytes);
            }
        }

        error = error is not null ? new Error(error.Status, TextBuilder.Format($"{image.Name}: {error.Message}"))
            : found == 0 ? new Error(EFI_STATUS.EFI_COMPROMISED_DATA, TextBuilder.Format($"{image.Name}: there is no certificate in it"))
            : null;
        if (!arguments.Has('k'))
        {
            session.Images.Free(image);
        }

        return error;
    }

    /// <summary>By its common name, or a name that it is for.</summary>
    private static bool IsMeant(ReadOnlySpan<byte> bytes, string? subject) => subject is null ||
        (X509Certificate.TryParse(bytes, out X509Certificate certificate) &&
        (CommonName(certificate).AsSpan().SequenceEqual(subject) || HostName.Matches(subject, certificate)));

    private static void Show(Session session, StoredCertificate stored)
    {
        X509Certificate.TryParse(stored.Bytes, out X509Certificate certificate);
        string fingerprint = SettingFormat.Format(SettingType.Hex, session.Trust.Fingerprint(stored.Bytes));
        string origin = stored.Source == TrustSource.Added ? "EXPLICIT" : "PERMANENT";
        string trusted = session.Trust.IsTrusted(certificate, CertificatePurpose.Server) ? " [VALIDATED]" : "";
        session.Terminal.WriteLine(TextBuilder.Format($"{CommonName(certificate)} : {fingerprint} [{origin}]{trusted}"));
    }

    /// <summary>The whole subject where there is no common name.</summary>
    private static string CommonName(in X509Certificate certificate)
    {
        TextBuilder text = new(64, 0);
        X509Name.AppendCommonName(ref text, certificate.Subject);
        return text.ToString();
    }
}
