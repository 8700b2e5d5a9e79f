using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Trust;

/// <summary>
/// Looks for a way from a server's certificate to a root that is trusted (RFC 5280, 6.1): over what the server sends, in whatever order, and what is in
/// the store, which comes first. Certificates are numbered: those that were sent, then those of the store.
/// </summary>
/// <param name="store">Has at least one more.</param>
/// <param name="sent">Has at least one.</param>
/// <param name="now">Seconds since 1970; 0 when there is no clock.</param>
/// <param name="purpose">Of the first certificate.</param>
/// <param name="path">Room for <see cref="MaximumLength"/>.</param>
internal ref struct ChainSearch(TrustStore store, SentCertificates sent, long now, CertificatePurpose purpose, Span<int> path)
{
    /// <summary>The longest chain.</summary>
    public const int MaximumLength = 10;

    private const int MinimumRsaBits = 2048;
    private const int MinimumCurveBits = 256;
    private const int MaximumSteps = 256; // Certificates of one name in a heap could be put in many orders.

    private readonly TrustStore _store = store;
    private readonly SentCertificates _sent = sent;
    private readonly long _now = now;
    private readonly CertificatePurpose _purpose = purpose;
    private readonly Span<int> _path = path;
    private int _steps;
    private bool _isStrict;

    /// <summary>How many certificates the chain that was found has.</summary>
    public int Length { get; private set; }

    /// <summary>The last certificate of the longest chain that led to no root.</summary>
    public int DeadEnd { get; private set; }

    /// <summary>Where <see cref="DeadEnd"/> is in its chain.</summary>
    public int DeadEndDepth { get; private set; }

    /// <summary>Looks for a chain.</summary>
    /// <param name="isStrict">None of its certificates has a flaw.</param>
    public bool Find(bool isStrict)
    {
        _isStrict = isStrict;
        _steps = 0;
        _path[0] = 0;
        Length = 1;
        DeadEndDepth = -1;
        return Extend();
    }

    /// <summary>A certificate by its number; the default value for one that is damaged.</summary>
    public readonly X509Certificate Get(int number)
    {
        X509Certificate.TryParse(number < _sent.Count ? _sent[number] : _store[number - _sent.Count], out X509Certificate certificate);
        return certificate;
    }

    /// <summary>What is wrong with a certificate of the chain that was found.</summary>
    /// <param name="depth">0 for the server's own.</param>
    public readonly CertificateFlaw FlawAt(int depth) => FlawOf(Get(_path[depth]), depth);

    /// <summary>
    /// Whether a chain by other certificates of the same names may lead to who is not trusted, or not any more, but by the firmware, which remembers.
    /// No signature is checked here: one of the two may be made up to hide the other.
    /// </summary>
    /// <param name="rival">Beside which one of the chain that was found such a certificate stands.</param>
    public readonly bool HasRival(out int rival)
    {
        for (int depth = 1; depth < Length; depth++)
        {
            rival = _path[depth];
            X509Certificate below = Get(_path[depth - 1]);
            X509Certificate own = Get(rival);
            bool isFound = false;
            for (int i = 0; i < _sent.Count; i++)
            {
                isFound |= IsRival(_sent[i], below, own, depth);
            }

            for (StoredCertificate? stored = _store.First; stored is not null; stored = stored.Next)
            {
                isFound |= IsRival(stored.Bytes, below, own, depth);
            }

            for (StoredCertificate? former = _store.FirstUntrusted; former is not null; former = former.Next)
            {
                isFound |= IsRival(former.Bytes, below, own, depth);
            }

            if (isFound)
            {
                return true;
            }
        }

        rival = 0;
        return false;
    }

    private readonly bool IsRival(ReadOnlySpan<byte> bytes, in X509Certificate below, in X509Certificate own, int depth) =>
        X509Certificate.TryParse(bytes, out X509Certificate other) && below.MayBeIssuedBy(other) && !bytes.SequenceEqual(own.Bytes) &&
        !(depth == Length - 1 && other.PublicKey.SequenceEqual(own.PublicKey)) && // The root's, signed by others too.
        !(_store.Contains(bytes) && _store.IsTrusted(other, _purpose));

    private bool Extend()
    {
        int depth = Length - 1;
        X509Certificate last = Get(_path[depth]);
        if (++_steps > MaximumSteps || (_isStrict && FlawOf(last, depth) != CertificateFlaw.None))
        {
            return false;
        }

        if (IsAnchor(_path[depth], last))
        {
            return true;
        }

        if (depth > DeadEndDepth)
        {
            DeadEndDepth = depth;
            DeadEnd = _path[depth];
        }

        if (last.IsRoot || Length == MaximumLength)
        {
            return false;
        }

        int number = _sent.Count;
        for (StoredCertificate? stored = _store.First; stored is not null; stored = stored.Next, number++)
        {
            if (TryStep(last, stored.Bytes, number))
            {
                return true;
            }
        }

        for (number = 0; number < _sent.Count; number++)
        {
            if (TryStep(last, _sent[number], number))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryStep(in X509Certificate last, ReadOnlySpan<byte> bytes, int number)
    {
        if (!X509Certificate.TryParse(bytes, out X509Certificate issuer) || !last.IsIssuedBy(issuer) || _path.Slice(0, Length).IndexOf(number) >= 0)
        {
            return false;
        }

        _path[Length++] = number;
        if (Extend())
        {
            return true;
        }

        Length--;
        return false;
    }

    private readonly bool IsAnchor(int number, in X509Certificate certificate) =>
        (number >= _sent.Count || _store.Contains(certificate.Bytes)) && _store.IsTrusted(certificate, _purpose);

    private readonly CertificateFlaw FlawOf(in X509Certificate certificate, int depth)
    {
        bool isRoot = certificate.IsRoot;
        return _now == 0 ? CertificateFlaw.NoClock
            : _now < certificate.NotBefore ? CertificateFlaw.NotYetValid
            : _now > certificate.NotAfter ? CertificateFlaw.Expired
            : certificate.KeyKind == X509KeyKind.Rsa && certificate.KeyBits < MinimumRsaBits ? CertificateFlaw.WeakKey
            : certificate.KeyKind == X509KeyKind.Ecdsa && certificate.KeyBits < MinimumCurveBits ? CertificateFlaw.WeakKey
            : certificate.Hash is X509Hash.Md5 or X509Hash.Sha1 && !isRoot ? CertificateFlaw.WeakHash // What a root signs of itself proves nothing.
            : depth == 0 ? (HasPurpose(certificate) ? CertificateFlaw.None : CertificateFlaw.WrongPurpose)
            : !certificate.MaySignCertificates || !(certificate.IsAuthority || (isRoot && certificate.IsVersion1)) ? CertificateFlaw.NoAuthority
            : depth - 1 > certificate.PathLength ? CertificateFlaw.TooManyBelow
            : NameConstraints.Forbid(certificate, Get(0), out _) ? CertificateFlaw.ForbiddenName
            : CertificateFlaw.None;
    }

    private readonly bool HasPurpose(in X509Certificate certificate) => _purpose == CertificatePurpose.Server ? certificate.IsForServers : certificate.IsForCode;
}
