namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// The variable of the roots that the firmware's HTTPS boot trusts: a row of EFI_SIGNATURE_LIST. edk2, NetworkPkg/Include/Guid/TlsAuthentication.h.
/// </summary>
public static class EFI_TLS_CA_CERTIFICATE
{
    /// <summary>The variable's name.</summary>
    public const string EFI_TLS_CA_CERTIFICATE_VARIABLE = "TlsCaCertificate";

    /// <summary>Its namespace.</summary>
    public static EFI_GUID EFI_TLS_CA_CERTIFICATE_GUID => new(0xFD2340D0, 0x3DAB, 0x4349, 0xA6, 0xC7, 0x3B, 0x4F, 0x12, 0xB4, 0x8E, 0xAE);
}
