namespace NetBoot.NetworkStack.Wire;

/// <summary>What an alert means (RFC 5246, 7.2; RFC 8446, 6; RFC 6066, 9; RFC 7301, 3.2).</summary>
internal static class TlsAlert
{
    public const byte Fatal = 2;
    public const byte CloseNotify = 0;
    public const byte UnexpectedMessage = 10;
    public const byte HandshakeFailure = 40;
    public const byte BadCertificate = 42;
    public const byte UnknownAuthority = 48;
    public const byte ProtocolVersion = 70;
    public const byte UnrecognizedName = 112;

    /// <summary>Its name, and for people what that comes from where the name does not say it.</summary>
    public static string Describe(byte description) => description switch
    {
        CloseNotify => "close notify",
        UnexpectedMessage => "unexpected message",
        20 => "bad record MAC",
        22 => "record overflow",
        HandshakeFailure => "handshake failure: no common cipher, key or signature",
        41 or 116 => "certificate required",
        BadCertificate => "bad certificate",
        43 => "unsupported certificate",
        44 => "certificate revoked",
        45 => "certificate expired",
        46 => "certificate unknown",
        47 => "illegal parameter",
        UnknownAuthority => "unknown certificate authority",
        49 => "access denied",
        50 => "decode error",
        51 => "decrypt error: a signature is wrong",
        ProtocolVersion => "protocol version: no common version of TLS",
        71 => "insufficient security: only ciphers that are too weak for it",
        80 => "internal error",
        86 => "inappropriate fallback",
        90 => "user canceled",
        100 => "no renegotiation",
        109 => "missing extension",
        110 => "unsupported extension",
        UnrecognizedName => "unrecognized name: it has no such host",
        113 => "bad certificate status",
        120 => "no application protocol",
        _ => "an alert without a name",
    };
}
