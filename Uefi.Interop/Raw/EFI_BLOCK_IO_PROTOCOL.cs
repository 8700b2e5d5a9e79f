namespace Uefi.Interop.Raw;

/// <summary>A block device. UEFI 2.10, 13.9.</summary>
public unsafe struct EFI_BLOCK_IO_PROTOCOL : IProtocol
{
    public const ulong EFI_BLOCK_IO_PROTOCOL_REVISION2 = 0x00020001;
    public const ulong EFI_BLOCK_IO_PROTOCOL_REVISION3 = (2UL << 16) | 31;

    /// <summary>EFI_BLOCK_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x964E5B21, 0x6459, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    public ulong Revision;
    public EFI_BLOCK_IO_MEDIA* Media;

    /// <summary>(This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>(This, MediaId, LBA, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, uint, ulong, nuint, void*, EFI_STATUS> ReadBlocks;

    /// <summary>(This, MediaId, LBA, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, uint, ulong, nuint, void*, EFI_STATUS> WriteBlocks;
    public delegate* unmanaged<EFI_BLOCK_IO_PROTOCOL*, EFI_STATUS> FlushBlocks;
}
