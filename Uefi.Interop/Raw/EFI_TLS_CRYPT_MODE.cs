namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What ProcessPacket does. UEFI 2.10, 28.10.2.</summary>
public enum EFI_TLS_CRYPT_MODE : uint
{
    /// <summary>Plain records become enciphered ones.</summary>
    EfiTlsEncrypt,

    /// <summary>Enciphered records become plain ones.</summary>
    EfiTlsDecrypt,
}
