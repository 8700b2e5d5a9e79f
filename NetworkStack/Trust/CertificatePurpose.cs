namespace NetBoot.NetworkStack.Trust;

/// <summary>What a certificate is to be for (RFC 5280, 4.2.1.12).</summary>
public enum CertificatePurpose
{
    /// <summary>TLS servers, whose host it names.</summary>
    Server,

    /// <summary>Signing programs.</summary>
    Code,
}
