namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Which end of a TLS session this is. UEFI 2.10, 28.10.2.</summary>
public enum EFI_TLS_CONNECTION_END : uint
{
    /// <summary>The end that began.</summary>
    EfiTlsClient,

    /// <summary>The end that answers.</summary>
    EfiTlsServer,
}
