using NetBoot.Boot.Tool.Certificates;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>A host that a server has by https.</summary>
/// <param name="Name">What clients call it, or a wildcard.</param>
/// <param name="Certificate">What it shows, with all that issued it but the root.</param>
/// <param name="More">Further directives of the server's for this host.</param>
public sealed record TlsHost(string Name, TestCertificate Certificate, string More = "")
{
    /// <summary>Its own, where it is found by clients too that do not say whom they mean; null for the one that all others share.</summary>
    public int? Port { get; init; }
}
