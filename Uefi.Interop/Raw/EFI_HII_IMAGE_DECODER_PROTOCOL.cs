namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A decoder of picture files. UEFI 2.10, 34.6.1.</summary>
public unsafe struct EFI_HII_IMAGE_DECODER_PROTOCOL : IProtocol
{
    /// <summary>EFI_HII_IMAGE_DECODER_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x9E66F251, 0x727C, 0x418C, 0xBF, 0xD6, 0xC2, 0xB4, 0x25, 0x28, 0x18, 0xEA);

    /// <summary>The name of those that decode PNG. UEFI 2.10, 34.6.2.</summary>
    public static EFI_GUID EFI_HII_IMAGE_DECODER_NAME_PNG => new(0xAF060190, 0x5E3A, 0x4025, 0xAF, 0xBD, 0xE1, 0xF9, 0x05, 0xBF, 0xAA, 0x4C);

    /// <summary>The formats that it knows; the list is the decoder's. (This, DecoderName, NumberOfDecoderName)</summary>
    public delegate* unmanaged<EFI_HII_IMAGE_DECODER_PROTOCOL*, EFI_GUID**, ushort*, EFI_STATUS> GetImageDecoderName;

    /// <summary>What a file says of itself.</summary>
    public void* GetImageInfo;

    /// <summary>
    /// Decodes a file. What is at Bitmap is null before, and the caller frees it and its pixels. (This, Image, ImageRawDataSize, Bitmap,
    /// Transparent: a BOOLEAN)
    /// </summary>
    public delegate* unmanaged<EFI_HII_IMAGE_DECODER_PROTOCOL*, void*, nuint, EFI_IMAGE_OUTPUT**, byte, EFI_STATUS> DecodeImage;
}
