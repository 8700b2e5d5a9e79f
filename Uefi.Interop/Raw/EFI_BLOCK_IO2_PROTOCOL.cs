namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A block device that may be asked without waiting. UEFI 2.10, 13.10.</summary>
public unsafe struct EFI_BLOCK_IO2_PROTOCOL : IProtocol
{
    /// <summary>EFI_BLOCK_IO2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xA77B2472, 0xE282, 0x4E9F, 0xA2, 0x45, 0xC2, 0xC0, 0xE2, 0x7B, 0xBC, 0xC1);

    /// <summary>As that of EFI_BLOCK_IO_PROTOCOL.</summary>
    public EFI_BLOCK_IO_MEDIA* Media;

    /// <summary>Resets the device. (This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO2_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>As ReadBlocks; with an event in the token it is signalled when all is done. (This, MediaId, LBA, Token, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO2_PROTOCOL*, uint, ulong, EFI_BLOCK_IO2_TOKEN*, nuint, void*, EFI_STATUS> ReadBlocksEx;

    /// <summary>As WriteBlocks. (This, MediaId, LBA, Token, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO2_PROTOCOL*, uint, ulong, EFI_BLOCK_IO2_TOKEN*, nuint, void*, EFI_STATUS> WriteBlocksEx;

    /// <summary>As FlushBlocks. (This, Token)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO2_PROTOCOL*, EFI_BLOCK_IO2_TOKEN*, EFI_STATUS> FlushBlocksEx;
}
