using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Trust;

/// <summary>
/// Judges the certificates that a server sends before the firmware's TLS does, and says why it refuses them. What it does not do is check signatures:
/// that is the firmware's part, and both have to agree.
/// </summary>
/// <param name="store">What is trusted.</param>
/// <param name="clock">What certificates are valid at.</param>
public sealed class CertificateJudge(TrustStore store, IWallClock clock)
{
    private const int MaximumNames = 6; // Of a certificate, in a sentence.
    private const int MaximumText = 200;

    // netboot.xyz's RSA 2048 is refused by firmware with OpenSSL's security level 3, 128 bits of security.
    private const int StrictRsaBits = 3072;

    /// <summary>Of the certificates that are judged.</summary>
    public CertificatePurpose Purpose { get; init; }

    private bool IsForServers => Purpose == CertificatePurpose.Server;

    private string Who => IsForServers ? "the server" : "the signer";

    /// <summary>Judges a server's certificates, or a signer's.</summary>
    /// <param name="host">
    /// Who the server is to be: a name, or an address as text, as <see cref="ResourceUri.Host"/> has it. Of a signer it does not count.
    /// </param>
    /// <param name="certificateList">The certificate_list of TLS' Certificate message (RFC 5246, 7.4.2), with its length in front.</param>
    /// <returns>Null when nothing speaks against them; EFI_SECURITY_VIOLATION and a sentence otherwise.</returns>
    public Error? Judge(string host, ReadOnlySpan<byte> certificateList)
    {
        if (!SentCertificates.TryParse(certificateList, out SentCertificates sent))
        {
            return Refuse(TextBuilder.Format($"{Who}'s list of certificates is damaged"));
        }

        if (sent.Count == 0)
        {
            return Refuse(TextBuilder.Format($"{Who} sends no certificate"));
        }

        if (!X509Certificate.TryParse(sent[0], out X509Certificate own))
        {
            return Refuse(TextBuilder.Format($"{Who}'s certificate is damaged"));
        }

        Adopt(sent);
        Span<int> path = stackalloc int[ChainSearch.MaximumLength];
        ChainSearch search = new(store, sent, clock.UnixTime, Purpose, path);
        Error? error = !IsForServers || HostName.Matches(host, own) ? null : Refuse(DescribeNames(host, own));
        if (error is not null)
        {
            return error;
        }

        if (search.Find(isStrict: true))
        {
            return IsForServers ? CheckOthers(search, sent) : null;
        }

        if (!search.Find(isStrict: false))
        {
            return Refuse(DescribeUnknown(search, sent));
        }

        for (int depth = 0; depth < search.Length; depth++)
        {
            CertificateFlaw flaw = search.FlawAt(depth);
            if (flaw != CertificateFlaw.None)
            {
                return Refuse(DescribeFlaw(flaw, search.Get(path[depth]), own, depth));
            }
        }

        return Refuse(TextBuilder.Format($"{Who}'s certificates could be in too many orders")); // The strict search ended before it was through.
    }

    /// <summary>Whether the firmware, which sees all that was sent, goes the way that was found.</summary>
    private static Error? CheckOthers(scoped in ChainSearch search, SentCertificates sent)
    {
        if (sent.HasMore)
        {
            return Refuse(TextBuilder.Format($"the server sends more than {SentCertificates.Maximum} certificates"));
        }

        for (int i = 1; i < sent.Count; i++)
        {
            if (!X509Certificate.TryParse(sent[i], out _))
            {
                return Refuse(TextBuilder.Format($"of the certificates that the server sends number {i + 1} is damaged"));
            }
        }

        return search.HasRival(out int rival) ? Refuse(DescribeRival(search.Get(rival))) : null;
    }

    /// <summary>The root that a server's certificates lead to, by names and key identifiers, as an index of the store; -1 for none.</summary>
    /// <param name="certificateList">As <see cref="Judge"/> has it.</param>
    public int FindRoot(ReadOnlySpan<byte> certificateList)
    {
        Span<int> path = stackalloc int[ChainSearch.MaximumLength];
        int count = FindStored(certificateList, path);
        return count == 0 ? -1 : path[count - 1];
    }

    /// <summary>What the store has of the chain from a server's certificate to its root: all of it that the firmware needs.</summary>
    /// <param name="certificateList">As <see cref="Judge"/> has it.</param>
    /// <param name="indices">Room for 10: indices of the store, the root's last.</param>
    /// <returns>How many; 0 when no chain leads to a root.</returns>
    public int FindStored(ReadOnlySpan<byte> certificateList, Span<int> indices)
    {
        if (!SentCertificates.TryParse(certificateList, out SentCertificates sent) || sent.Count == 0)
        {
            return 0;
        }

        Adopt(sent);
        ChainSearch search = new(store, sent, clock.UnixTime, Purpose, indices);
        if (!search.Find(isStrict: true) && !search.Find(isStrict: false))
        {
            return 0;
        }

        int count = 0;
        for (int depth = 0; depth < search.Length; depth++)
        {
            int index = indices[depth] >= sent.Count ? indices[depth] - sent.Count : store.IndexOf(sent[indices[depth]]);
            if (index >= 0)
            {
                indices[count++] = index;
            }
        }

        return count;
    }

    /// <summary>Says all that is known of a handshake that the firmware's TLS ended.</summary>
    /// <param name="host">As <see cref="Judge"/> has it.</param>
    /// <param name="certificateList">As <see cref="Judge"/> has it; empty when it did not come, or nobody could read it (TLS 1.3).</param>
    /// <param name="status">The firmware's.</param>
    public Error Explain(string host, ReadOnlySpan<byte> certificateList, EFI_STATUS status)
    {
        if (!certificateList.IsEmpty && Judge(host, certificateList) is Error error)
        {
            return error;
        }

        TextBuilder text = new(200, 0);
        text.AppendFormatted(TextBuilder.Format($"the firmware's TLS does not accept {host}: {status}"));
        SentCertificates.TryParse(certificateList, out SentCertificates sent);
        if (sent.Count > 0 && X509Certificate.TryParse(sent[0], out X509Certificate own))
        {
            text.Append("; the server's certificate, ");
            AppendKey(ref text, own);
            text.Append(", is from ");
            AppendName(ref text, own.Issuer);
            text.Append(own.KeyKind == X509KeyKind.Rsa && own.KeyBits < StrictRsaBits ? "; some firmware asks for RSA 3072 or ECDSA" : "");
        }
        else if (store.Count == 0)
        {
            text.Append("; no root is trusted (certstore, or netboot image app --trust)");
        }

        AppendClock(ref text);
        return new Error(EFI_STATUS.EFI_SECURITY_VIOLATION, text.ToString());
    }

    /// <summary>Roots whose fingerprints were pinned come from the server as well.</summary>
    private void Adopt(SentCertificates sent)
    {
        for (int i = 0; store.IsPinned && i < sent.Count; i++)
        {
            if (X509Certificate.TryParse(sent[i], out X509Certificate certificate) && certificate.IsRoot && store.IsPin(certificate.Bytes))
            {
                store.Add(certificate.Bytes, isAdopted: true);
            }
        }
    }

    private static string DescribeNames(string host, in X509Certificate own)
    {
        TextBuilder text = new(200, 0);
        text.AppendFormatted(TextBuilder.Format($"the server's certificate is not for {host}, but for "));
        DerReader names = new(own.AlternativeNames);
        int count = 0;
        while (names.Read())
        {
            bool isAddress = names.Tag == HostName.AddressTag;
            if ((isAddress || names.Tag == HostName.NameTag) && ++count <= MaximumNames)
            {
                text.Append(count > 1 ? ", " : "");
                AppendAlternative(ref text, names.Tag, names.Value);
            }
        }

        if (count > MaximumNames)
        {
            text.AppendFormatted(TextBuilder.Format($" and {count - MaximumNames} more"));
        }

        if (count == 0)
        {
            text.Append("no name: it has no subjectAltName, and the common name of ");
            AppendName(ref text, own.Subject);
            text.Append(" does not count");
        }

        return text.ToString();
    }

    private static string DescribeRival(in X509Certificate certificate)
    {
        TextBuilder text = new(200, 0);
        text.Append("two certificates named ");
        AppendName(ref text, certificate.Subject);
        text.Append(" are in the way from the server's certificate, of which one may lead to who is not trusted");
        return text.ToString();
    }

    private string DescribeFlaw(CertificateFlaw flaw, in X509Certificate certificate, in X509Certificate own, int depth)
    {
        TextBuilder text = new(200, 0);
        if (depth == 0)
        {
            text.Append(Who);
            text.Append("'s certificate ");
        }
        else
        {
            text.AppendFormatted(TextBuilder.Format($"in the chain of {Who}'s certificate "));
            AppendName(ref text, certificate.Subject);
            text.Append(' ');
        }

        switch (flaw)
        {
            case CertificateFlaw.NoClock or CertificateFlaw.NotYetValid or CertificateFlaw.Expired:
                text.Append(flaw == CertificateFlaw.Expired ? "has expired: it " : flaw == CertificateFlaw.NotYetValid ? "is not valid yet: it " : "");
                text.Append("is valid from ");
                text.AppendFormatted(new CalendarTime(certificate.NotBefore));
                text.Append(" to ");
                text.AppendFormatted(new CalendarTime(certificate.NotAfter));
                if (flaw != CertificateFlaw.NoClock)
                {
                    text.Append(", and the clock says ");
                    text.AppendFormatted(new CalendarTime(clock.UnixTime));
                }

                AppendClock(ref text);
                break;
            case CertificateFlaw.WeakKey:
                text.Append("is too weak: ");
                AppendKey(ref text, certificate);
                text.Append("; RSA 2048 or ECDSA P-256 is the least");
                break;
            case CertificateFlaw.WeakHash:
                text.Append(certificate.Hash == X509Hash.Sha1 ? "is signed over SHA-1" : "is signed over MD5");
                text.Append(", which can be forged: SHA-256 is the least");
                break;
            case CertificateFlaw.WrongPurpose:
                text.Append(IsForServers ? "is not for servers (extKeyUsage)" : "is not for signing programs (keyUsage, extKeyUsage)");
                break;
            case CertificateFlaw.NoAuthority:
                text.Append("is no authority that may sign others (basicConstraints, keyUsage)");
                break;
            case CertificateFlaw.ForbiddenName:
                NameConstraints.Forbid(certificate, own, out DerReader name);
                text.Append("may not issue for ");
                AppendAlternative(ref text, name.Tag, name.Value);
                text.Append(" (nameConstraints)");
                break;
            default:
                text.AppendFormatted(TextBuilder.Format($"allows {certificate.PathLength} authorities below itself, not {depth - 1} (pathLenConstraint)"));
                break;
        }

        return text.ToString();
    }

    private string DescribeUnknown(scoped in ChainSearch search, SentCertificates sent)
    {
        X509Certificate last = search.Get(search.DeadEnd);
        TextBuilder text = new(200, 0);
        text.Append(Who);
        if (search.DeadEndDepth == 0 && last.IsRoot)
        {
            text.Append("'s certificate ");
            AppendName(ref text, last.Subject);
            text.Append(" is signed by itself, and is not trusted");
        }
        else if (last.IsRoot)
        {
            text.Append("'s certificate leads to the root ");
            AppendName(ref text, last.Subject);
            text.Append(
                !store.Contains(last.Bytes) ? ", which is not trusted"
                : store.IsPinned ? ", which is not one of those that the setting trust names"
                : ", a public authority, which says who servers are and counts for no signature");
        }
        else
        {
            text.Append("'s certificate ");
            if (search.DeadEndDepth > 0)
            {
                text.Append("leads to ");
                AppendName(ref text, last.Subject);
                text.Append(", whose issuer ");
            }
            else
            {
                text.Append("was issued by ");
            }

            AppendName(ref text, last.Issuer);
            text.Append(search.DeadEndDepth > 0 ? " is" : ", which is");
            text.Append(IsForServers ? " not trusted, and not sent by the server" : " not trusted, and not in the signature");
            text.Append(sent.Count == 1 ? ": an intermediate certificate is missing there, or its root here" : "");
        }

        AppendNear(ref text, last);
        return text.ToString();
    }

    /// <summary>What the store has instead of the certificate that would be needed.</summary>
    private void AppendNear(ref TextBuilder text, in X509Certificate last)
    {
        for (StoredCertificate? at = store.First; at is not null; at = at.Next)
        {
            if (X509Certificate.TryParse(at.Bytes, out X509Certificate near) && near.Subject.SequenceEqual(last.Issuer) && !near.Bytes.SequenceEqual(last.Bytes))
            {
                text.Append("; here is another of that name, with another key, valid to ");
                text.AppendFormatted(new CalendarTime(near.NotAfter));
                return;
            }
        }

        text.AppendFormatted(TextBuilder.Format($" ({store.Count} certificates are here, see certstat)"));
    }

    private void AppendClock(ref TextBuilder text)
    {
        if (clock.UnixTime == 0)
        {
            text.Append("; this machine has no clock: set it by ntp");
        }
        else if (clock.UnixTime < clock.Earliest)
        {
            text.Append("; the clock is wrong, NetBoot was made on ");
            text.AppendFormatted(new CalendarTime(clock.Earliest));
            text.Append(": set it by ntp");
        }
    }

    private static void AppendKey(ref TextBuilder text, in X509Certificate certificate)
    {
        string kind = certificate.KeyKind switch { X509KeyKind.Rsa => "RSA", X509KeyKind.Ecdsa => "ECDSA", X509KeyKind.Edwards => "EdDSA", _ => "" };
        text.AppendFormatted(kind.Length == 0 ? "a key of an unknown kind" : TextBuilder.Format($"a key of {kind} {certificate.KeyBits}"));
    }

    private static void AppendAlternative(ref TextBuilder text, byte tag, scoped ReadOnlySpan<byte> name)
    {
        if (tag == HostName.AddressTag)
        {
            HostName.ReadAddress(name).AppendTo(ref text);
        }
        else
        {
            text.AppendFormatted(name.Slice(0, Math.Min(name.Length, MaximumText)));
        }
    }

    private static void AppendName(ref TextBuilder text, ReadOnlySpan<byte> name)
    {
        TextBuilder whole = new(64, 0);
        X509Name.AppendTo(ref whole, name);
        text.Append('"');
        text.Append(whole.Written.Slice(0, Math.Min(whole.Written.Length, MaximumText)));
        text.Append(whole.Written.Length > MaximumText ? "...\"" : "\"");
    }

    private static Error Refuse(string message) => new(EFI_STATUS.EFI_SECURITY_VIOLATION, message);
}
