namespace NetBoot.NetworkStack.Wire;

/// <summary>What a certificate's signature was computed over, as far as it matters whether that is still safe.</summary>
public enum X509Hash
{
    /// <summary>One that is not known here, or none of its own (Ed25519).</summary>
    Other,

    /// <summary>MD2, MD4 or MD5 (RFC 6151, 2).</summary>
    Md5,

    /// <summary>RFC 9155, 1.</summary>
    Sha1,

    /// <summary>FIPS 180-4.</summary>
    Sha256,

    /// <summary>FIPS 180-4.</summary>
    Sha384,

    /// <summary>FIPS 180-4.</summary>
    Sha512,
}
