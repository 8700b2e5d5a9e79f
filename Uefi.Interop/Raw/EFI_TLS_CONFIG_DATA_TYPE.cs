namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What EFI_TLS_CONFIGURATION_PROTOCOL sets. UEFI 2.10, 28.10.3.</summary>
public enum EFI_TLS_CONFIG_DATA_TYPE : uint
{
    /// <summary>Our own certificate, in DER or PEM.</summary>
    EfiTlsConfigDataTypeHostPublicCert,

    /// <summary>Our own private key, in DER or PEM.</summary>
    EfiTlsConfigDataTypeHostPrivateKey,

    /// <summary>The certificate of an authority that is trusted, one a call, in DER or PEM.</summary>
    EfiTlsConfigDataTypeCACertificate,

    /// <summary>A list of certificates that were revoked, in DER.</summary>
    EfiTlsConfigDataTypeCertRevocationList,

    /// <summary>The first number that is none.</summary>
    EfiTlsConfigDataTypeMaximum,
}
