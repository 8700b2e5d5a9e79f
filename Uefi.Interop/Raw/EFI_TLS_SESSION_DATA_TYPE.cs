namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What SetSessionData sets and GetSessionData tells. UEFI 2.10, 28.10.2.</summary>
public enum EFI_TLS_SESSION_DATA_TYPE : uint
{
    /// <summary>The version: two bytes, 3 and 3 for TLS 1.2.</summary>
    EfiTlsVersion,

    /// <summary>An EFI_TLS_CONNECTION_END.</summary>
    EfiTlsConnectionEnd,

    /// <summary>Two bytes for each cipher suite, in order of preference.</summary>
    EfiTlsCipherList,

    /// <summary>A byte for each compression method.</summary>
    EfiTlsCompressionMethod,

    /// <summary>Extensions, as they stand in a hello.</summary>
    EfiTlsExtensionData,

    /// <summary>How the peer is verified: an EFI_TLS_VERIFY, 32 bits.</summary>
    EfiTlsVerifyMethod,

    /// <summary>The session to resume, or this one's.</summary>
    EfiTlsSessionID,

    /// <summary>An EFI_TLS_SESSION_STATE.</summary>
    EfiTlsSessionState,

    /// <summary>To be told only: the client's 32 random bytes.</summary>
    EfiTlsClientRandom,

    /// <summary>To be told only: the server's 32 random bytes.</summary>
    EfiTlsServerRandom,

    /// <summary>To be told only: the 48 bytes of the master secret.</summary>
    EfiTlsKeyMaterial,

    /// <summary>An EFI_TLS_VERIFY_HOST, after the method.</summary>
    EfiTlsVerifyHost,

    /// <summary>The first number that is none.</summary>
    EfiTlsSessionDataTypeMaximum,
}
