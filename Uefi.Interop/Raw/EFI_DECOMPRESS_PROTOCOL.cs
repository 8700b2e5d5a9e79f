namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Undoes UEFI's compression (UEFI 2.10, 19). UEFI 2.10, 19.5.</summary>
public unsafe struct EFI_DECOMPRESS_PROTOCOL : IProtocol
{
    /// <summary>EFI_DECOMPRESS_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xD8117CFE, 0x94A6, 0x11D4, 0x9A, 0x3A, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    /// <summary>
    /// How large destination and scratch buffer must be, in bytes; EFI_INVALID_PARAMETER for no compressed data. (This, Source, SourceSize,
    /// DestinationSize, ScratchSize)
    /// </summary>
    public delegate* unmanaged<EFI_DECOMPRESS_PROTOCOL*, void*, uint, uint*, uint*, EFI_STATUS> GetInfo;

    /// <summary>
    /// Decompresses into buffers of the caller's with the sizes of <see cref="GetInfo"/>. (This, Source, SourceSize, Destination,
    /// DestinationSize, Scratch, ScratchSize)
    /// </summary>
    public delegate* unmanaged<EFI_DECOMPRESS_PROTOCOL*, void*, uint, void*, uint, void*, uint, EFI_STATUS> Decompress;
}
