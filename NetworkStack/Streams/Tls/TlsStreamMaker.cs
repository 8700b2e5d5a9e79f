using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Trust;

namespace NetBoot.NetworkStack.Streams.Tls;

/// <summary>Streams in TLS around TCP's, by the firmware's TLS.</summary>
/// <param name="trust">What servers' certificates may lead to, and our own; it outlives the streams, and may change between them.</param>
/// <param name="judge">Is asked of the certificates before the firmware sees them, where they come in clear.</param>
public sealed class TlsStreamMaker(TrustStore trust, CertificateJudge judge) : StreamMaker
{
    /// <summary>Whether there is a TLS to make them with.</summary>
    public static bool IsPossible => FirmwareTlsSession.IsPresent;

    internal TrustStore Trust => trust;

    internal CertificateJudge Judge => judge;

    /// <inheritdoc/>
    public override ByteStream Make(string host, StreamHandler handler) => new TlsStream(this, host, handler);
}
