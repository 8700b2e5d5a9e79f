namespace NetBoot.NetworkStack.Wire;

/// <summary>The kind of a certificate's public key.</summary>
public enum X509KeyKind
{
    /// <summary>One that is not known here.</summary>
    Other,

    /// <summary>RFC 3279, 2.3.1, and RFC 4055, 1.2.</summary>
    Rsa,

    /// <summary>RFC 5480, 2.1.</summary>
    Ecdsa,

    /// <summary>RFC 8410, 3: Ed25519 and Ed448.</summary>
    Edwards,
}
