namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The states of a TLS session. UEFI 2.10, 28.10.2.</summary>
public enum EFI_TLS_SESSION_STATE : uint
{
    /// <summary>At first: everything may be set.</summary>
    EfiTlsSessionNotStarted,

    /// <summary>From the ClientHello on.</summary>
    EfiTlsSessionHandShaking,

    /// <summary>The handshake is over: ProcessPacket works.</summary>
    EfiTlsSessionDataTransferring,

    /// <summary>The caller has set it: BuildResponsePacket gives close_notify.</summary>
    EfiTlsSessionClosing,

    /// <summary>A record could not be deciphered: BuildResponsePacket gives the alert.</summary>
    EfiTlsSessionError,

    /// <summary>The first number that is none.</summary>
    EfiTlsSessionStateMaximum,
}
