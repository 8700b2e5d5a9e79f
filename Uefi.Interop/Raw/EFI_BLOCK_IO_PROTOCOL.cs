namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A block device. UEFI 2.10, 13.9.</summary>
public unsafe struct EFI_BLOCK_IO_PROTOCOL : IProtocol
{
    /// <summary>The first revision whose media has LowestAlignedLba and LogicalBlocksPerPhysicalBlock.</summary>
    public const ulong EFI_BLOCK_IO_PROTOCOL_REVISION2 = 0x00020001;

    /// <summary>The first revision whose media has OptimalTransferLengthGranularity.</summary>
    public const ulong EFI_BLOCK_IO_PROTOCOL_REVISION3 = (2UL << 16) | 31;

    /// <summary>EFI_BLOCK_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x964E5B21, 0x6459, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>At least 0x00010000; it says which members of Media there are.</summary>
    public ulong Revision;

    /// <summary>Owned by the driver, which keeps it up to date.</summary>
    public EFI_BLOCK_IO_MEDIA* Media;

    /// <summary>Resets the device. (This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>
    /// Reads whole blocks; EFI_MEDIA_CHANGED for a MediaId that is no longer right, EFI_BAD_BUFFER_SIZE for a part of a block. (This,
    /// MediaId, LBA, BufferSize, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, uint, ulong, nuint, void*, EFI_STATUS> ReadBlocks;

    /// <summary>
    /// Writes whole blocks; it fails as <see cref="ReadBlocks"/>, or with EFI_WRITE_PROTECTED. (This, MediaId, LBA, BufferSize, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, uint, ulong, nuint, void*, EFI_STATUS> WriteBlocks;

    /// <summary>Writes to the media what is in the device's cache. (This)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, EFI_STATUS> FlushBlocks;
}
