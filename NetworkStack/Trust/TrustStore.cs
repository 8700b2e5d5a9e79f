using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Trust;

/// <summary>
/// The certificates that are trusted, and the client's own with its key. Trusted are those that are issued by themselves: roots. Any other completes
/// chains of servers that do not send it, and is worth nothing without its root.
/// </summary>
/// <param name="hashes">For fingerprints.</param>
public sealed class TrustStore(IHashes hashes) : IDisposable
{
    /// <summary>Bytes of a fingerprint: SHA-256 over the whole certificate.</summary>
    public const int FingerprintSize = 32;

    private readonly Arena _arena = Arena.Create(); // Of what stays.
    private Arena? _clientArena;
    private Arena? _keyArena;
    private Arena? _pinArena;
    private byte[] _clientCertificate = [];
    private byte[] _clientKey = [];
    private byte[] _pins = [];

    /// <summary>The oldest certificate; each has the next.</summary>
    public StoredCertificate? First { get; private set; }

    /// <summary>
    /// Those that are trusted no more, or never were, but may be by the firmware, whose TLS remembers; each has the next. They are none of the
    /// store's.
    /// </summary>
    public StoredCertificate? FirstUntrusted { get; private set; }

    /// <summary>How many certificates there are, roots and others.</summary>
    public int Count { get; private set; }

    /// <summary>A certificate in DER.</summary>
    /// <param name="index">Below <see cref="Count"/>.</param>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            StoredCertificate? at = First;
            for (; at is not null && index > 0; index--)
            {
                at = at.Next;
            }

            return at is null ? default : at.Bytes;
        }
    }

    /// <summary>The certificate that servers get who ask for one, in DER; empty for none.</summary>
    public ReadOnlySpan<byte> ClientCertificate => _clientCertificate;

    /// <summary>Its key, in PEM, without a passphrase; empty for none.</summary>
    public ReadOnlySpan<byte> ClientKey => _clientKey;

    /// <summary>Some roots are trusted and no others, see <see cref="Pin"/>.</summary>
    public bool IsPinned => _pins.Length > 0;

    /// <summary>A certificate's fingerprint, in the current arena.</summary>
    public byte[] Fingerprint(ReadOnlySpan<byte> certificate) => hashes.Hash(HashAlgorithm.Sha256, certificate);

    /// <summary>Adds certificates that stay, each unless it is there. What is damaged among them is left out.</summary>
    /// <param name="source">Where they are from.</param>
    /// <param name="certificates">In DER, one behind the other; they live as long as the store.</param>
    public void AddAll(TrustSource source, byte[] certificates)
    {
        using (_arena.Enter())
        {
            DerReader reader = new(certificates);
            while (reader.Read())
            {
                int offset = certificates.Length - reader.Rest.Length - reader.Whole.Length;
                if (!Contains(reader.Whole))
                {
                    Append(new StoredCertificate(source, certificates, offset, reader.Whole.Length, null));
                }
            }
        }
    }

    /// <summary>Adds those of the firmware's variable TlsCaCertificate (UEFI 2.10, 32.4.1), which stay.</summary>
    /// <param name="lists">Its value.</param>
    /// <param name="isTrusted">Else they are <see cref="FirstUntrusted"/>.</param>
    public void AddSignatureLists(ReadOnlySpan<byte> lists, bool isTrusted = true)
    {
        using (_arena.Enter())
        {
            SignatureListReader reader = new(lists);
            while (reader.Read())
            {
                DerReader certificate = new(reader.Certificate); // Signatures of a list are all as long as the longest.
                if (certificate.Read(DerReader.Sequence) && !Contains(certificate.Whole))
                {
                    StoredCertificate stored = new(TrustSource.Firmware, certificate.Whole.ToArray(), 0, certificate.Whole.Length, null);
                    if (isTrusted)
                    {
                        Append(stored);
                    }
                    else
                    {
                        Distrust(stored);
                    }
                }
            }
        }
    }

    /// <summary>Adds a copy of a certificate, unless it is there.</summary>
    /// <param name="certificate">In DER.</param>
    public void Add(ReadOnlySpan<byte> certificate) => Add(certificate, isAdopted: false);

    /// <inheritdoc cref="Add(ReadOnlySpan{byte})"/>
    /// <param name="certificate">In DER.</param>
    /// <param name="isAdopted">As <see cref="StoredCertificate.IsAdopted"/> says.</param>
    internal void Add(ReadOnlySpan<byte> certificate, bool isAdopted)
    {
        if (Contains(certificate))
        {
            return;
        }

        Arena arena = Arena.Create();
        using (arena.Enter())
        {
            Append(new StoredCertificate(TrustSource.Added, certificate.ToArray(), 0, certificate.Length, arena) { IsAdopted = isAdopted });
        }
    }

    /// <summary>Takes out one that was added at run time, which is <see cref="FirstUntrusted"/> then; others stay.</summary>
    public void Remove(StoredCertificate certificate)
    {
        if (certificate.Arena is null)
        {
            return;
        }

        StoredCertificate? before = null;
        for (StoredCertificate? at = First; at is not null && at != certificate; at = at.Next)
        {
            before = at;
        }

        if (before is null)
        {
            First = certificate.Next;
        }
        else
        {
            before.Next = certificate.Next;
        }

        Count--;
        Distrust(certificate);
    }

    /// <summary>Whether a certificate is in, bit for bit.</summary>
    public bool Contains(ReadOnlySpan<byte> certificate) => IndexOf(certificate) >= 0;

    /// <summary>Where a certificate is; -1 when it is not in.</summary>
    public int IndexOf(ReadOnlySpan<byte> certificate)
    {
        int index = 0;
        for (StoredCertificate? at = First; at is not null; at = at.Next, index++)
        {
            if (at.Bytes.SequenceEqual(certificate))
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Has only those roots trusted that have certain fingerprints, from wherever they come: from the server itself too.</summary>
    /// <param name="fingerprints">One behind the other; empty for all that are in the store.</param>
    /// <returns>Why not: EFI_INVALID_PARAMETER for a length that is not that of fingerprints.</returns>
    public Error? Pin(ReadOnlySpan<byte> fingerprints)
    {
        if (fingerprints.Length % FingerprintSize != 0)
        {
            return new Error(
                EFI_STATUS.EFI_INVALID_PARAMETER,
                TextBuilder.Format($"a fingerprint is SHA-256's, {FingerprintSize} bytes; {fingerprints.Length} bytes are no number of them"));
        }

        _pins = Own(ref _pinArena, fingerprints);
        for (StoredCertificate? at = First; at is not null;)
        {
            StoredCertificate stored = at;
            at = at.Next;
            if (stored.IsAdopted && !IsPin(stored.Bytes))
            {
                Remove(stored);
            }
        }

        return null;
    }

    /// <summary>Whether a certificate, of the store's or not, is a root that may be trusted: one of those that were pinned, if any were.</summary>
    /// <param name="certificate">The root.</param>
    /// <param name="purpose">What for: who a public authority signs for may be anybody, so that it counts for servers alone unless it was pinned.</param>
    public bool IsTrusted(in X509Certificate certificate, CertificatePurpose purpose) =>
        certificate.IsRoot && (_pins.Length > 0 ? IsPin(certificate.Bytes) : purpose == CertificatePurpose.Server || !IsPublic(certificate.Bytes));

    private bool IsPublic(ReadOnlySpan<byte> certificate)
    {
        StoredCertificate? at = First;
        while (at is not null && !at.Bytes.SequenceEqual(certificate))
        {
            at = at.Next;
        }

        return at is not null && at.Source == TrustSource.Public;
    }

    /// <summary>Whether a root that is in the store, or a server sends, is one that was pinned.</summary>
    internal bool IsPin(ReadOnlySpan<byte> certificate)
    {
        if (_pins.Length == 0)
        {
            return false;
        }

        byte[] fingerprint = Fingerprint(certificate);
        for (ReadOnlySpan<byte> rest = _pins; !rest.IsEmpty; rest = rest.Slice(FingerprintSize))
        {
            if (rest.StartsWith(fingerprint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sets the certificate that servers get who ask for one.</summary>
    /// <param name="file">DER or PEM, of which the first certificate counts; empty for none.</param>
    public Error? SetClientCertificate(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> certificate = default;
        Error? error = file.IsEmpty ? null : CertificateFile.ReadCertificate(ref file, out certificate);
        if (error is null)
        {
            _clientCertificate = Own(ref _clientArena, certificate);
        }

        return error;
    }

    /// <summary>Sets the key of <see cref="ClientCertificate"/>.</summary>
    /// <param name="file">DER or PEM: PKCS #8, or RSA's or ECDSA's own form, without a passphrase; empty for none.</param>
    public Error? SetClientKey(ReadOnlySpan<byte> file)
    {
        byte[] key = [];
        Error? error = file.IsEmpty ? null : CertificateFile.ReadKey(file, out key);
        if (error is null)
        {
            _clientKey = Own(ref _keyArena, key);
        }

        return error;
    }

    /// <summary>Forgets everything.</summary>
    public void Dispose()
    {
        while (First is StoredCertificate first)
        {
            First = first.Next;
            first.Arena?.Dispose();
        }

        while (FirstUntrusted is StoredCertificate untrusted)
        {
            FirstUntrusted = untrusted.Next;
            untrusted.Arena?.Dispose();
        }

        Count = 0;
        _pins = Own(ref _pinArena, default);
        _clientCertificate = Own(ref _clientArena, default);
        _clientKey = Own(ref _keyArena, default);
        _arena.Dispose();
    }

    private static byte[] Own(ref Arena? arena, ReadOnlySpan<byte> bytes)
    {
        Arena? old = arena;
        arena = bytes.IsEmpty ? null : Arena.Create();
        byte[] copy = [];
        if (arena is not null)
        {
            using (arena.Enter())
            {
                copy = bytes.ToArray();
            }
        }

        old?.Dispose();
        return copy;
    }

    private void Distrust(StoredCertificate certificate)
    {
        for (StoredCertificate? at = FirstUntrusted; at is not null; at = at.Next)
        {
            if (at.Bytes.SequenceEqual(certificate.Bytes))
            {
                certificate.Arena?.Dispose();
                return;
            }
        }

        certificate.Next = FirstUntrusted;
        FirstUntrusted = certificate;
    }

    private void Append(StoredCertificate certificate)
    {
        Count++;
        if (First is null)
        {
            First = certificate;
            return;
        }

        StoredCertificate last = First;
        while (last.Next is StoredCertificate next)
        {
            last = next;
        }

        last.Next = certificate;
    }
}
