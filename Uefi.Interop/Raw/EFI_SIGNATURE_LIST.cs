namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// The head of a list of certificates or hashes, all of one size. Behind it stand a header, and entries of owner and data. UEFI 2.10, 32.4.1.
/// </summary>
public struct EFI_SIGNATURE_LIST
{
    /// <summary>The type of lists of certificates: each entry's data is one, in DER.</summary>
    public static EFI_GUID EFI_CERT_X509_GUID => new(0xA5C059A1, 0x94E4, 0x4AA7, 0x87, 0xB5, 0xAB, 0x15, 0x5C, 0x2B, 0xF0, 0x72);

    /// <summary>What the entries are.</summary>
    public EFI_GUID SignatureType;

    /// <summary>Bytes of all of the list, with this head.</summary>
    public uint SignatureListSize;

    /// <summary>Bytes of the header, which no type of ours has.</summary>
    public uint SignatureHeaderSize;

    /// <summary>Bytes of an entry: 16 of its owner's GUID, then data.</summary>
    public uint SignatureSize;
}
