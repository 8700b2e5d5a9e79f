namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Verifies signatures of CMS (PKCS #7) in DER. UEFI 2.10, 37.4.1.</summary>
public unsafe struct EFI_PKCS7_VERIFY_PROTOCOL : IProtocol
{
    /// <summary>EFI_PKCS7_VERIFY_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x47889FB2, 0xD671, 0x4FAB, 0xA0, 0xCA, 0xDF, 0x0E, 0x44, 0xDF, 0x70, 0xD6);

    /// <summary>
    /// Verifies a signature of data that is apart from it (InData), or inside (null). The three lists are of signature lists, with null at their
    /// end, and all but AllowedDb may be null. (This, SignedData, SignedDataSize, InData, InDataSize, AllowedDb, RevokedDb, TimeStampDb, Content,
    /// ContentSize)
    /// </summary>
    public delegate* unmanaged<
        EFI_PKCS7_VERIFY_PROTOCOL*, void*, nuint, void*, nuint, EFI_SIGNATURE_LIST**, EFI_SIGNATURE_LIST**, EFI_SIGNATURE_LIST**, void*, nuint*,
        EFI_STATUS> VerifyBuffer;

    /// <summary>Verifies a signature of what has this hash. (This, Signature, SignatureSize, InHash, InHashSize, AllowedDb, RevokedDb, TimeStampDb)</summary>
    public delegate* unmanaged<
        EFI_PKCS7_VERIFY_PROTOCOL*, void*, nuint, void*, nuint, EFI_SIGNATURE_LIST**, EFI_SIGNATURE_LIST**, EFI_SIGNATURE_LIST**, EFI_STATUS> VerifySignature;
}
