namespace NetBoot.NetworkStack.Trust;

/// <summary>Where a certificate in a <see cref="TrustStore"/> is from.</summary>
public enum TrustSource
{
    /// <summary>Inside the program's own image.</summary>
    Image,

    /// <summary>The firmware's variable TlsCaCertificate.</summary>
    Firmware,

    /// <summary>It was added at run time.</summary>
    Added,
}
