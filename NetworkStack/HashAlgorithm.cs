namespace NetBoot.NetworkStack;

/// <summary>What <see cref="IHashes"/> computes.</summary>
public enum HashAlgorithm
{
    /// <summary>RFC 1321: 16 bytes.</summary>
    Md5,

    /// <summary>FIPS 180-4: 20 bytes.</summary>
    Sha1,

    /// <summary>FIPS 180-4: 32 bytes.</summary>
    Sha256,
}
