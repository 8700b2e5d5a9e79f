using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Trust;

/// <summary>A certificate in a <see cref="TrustStore"/>, which makes it.</summary>
public sealed class StoredCertificate
{
    private readonly byte[] _bytes;
    private readonly int _offset;
    private readonly int _length;

    internal StoredCertificate(TrustSource source, byte[] bytes, int offset, int length, Arena? arena)
    {
        Source = source;
        Arena = arena;
        _bytes = bytes;
        _offset = offset;
        _length = length;
    }

    /// <summary>Where it is from.</summary>
    public TrustSource Source { get; }

    /// <summary>In DER.</summary>
    public ReadOnlySpan<byte> Bytes => new(_bytes, _offset, _length);

    /// <summary>The next in the store.</summary>
    public StoredCertificate? Next { get; internal set; }

    /// <summary>A server sent it, and it is one that was pinned: it is there as long as that.</summary>
    internal bool IsAdopted { get; init; }

    /// <summary>What it alone is in; null for one of those that stay.</summary>
    internal Arena? Arena { get; }
}
