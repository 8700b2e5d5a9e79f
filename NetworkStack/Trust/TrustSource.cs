namespace NetBoot.NetworkStack.Trust;

/// <summary>Where a certificate in a <see cref="TrustStore"/> is from.</summary>
public enum TrustSource
{
    /// <summary>Inside the program's own image, where its owner put it.</summary>
    Image,

    /// <summary>Inside it as it was built: a public authority, which says who a server is, and not which programs are good.</summary>
    Public,

    /// <summary>The firmware's variable TlsCaCertificate.</summary>
    Firmware,

    /// <summary>It was added at run time.</summary>
    Added,
}
