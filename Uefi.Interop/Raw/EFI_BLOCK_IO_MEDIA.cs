namespace Uefi.Interop.Raw;

/// <summary>The media of a block device; BOOLEANs are bytes. UEFI 2.10, 13.9.</summary>
public struct EFI_BLOCK_IO_MEDIA
{
    /// <summary>Changes when the media changes.</summary>
    public uint MediaId;
    public byte RemovableMedia;
    public byte MediaPresent;
    public byte LogicalPartition;
    public byte ReadOnly;
    public byte WriteCaching;

    /// <summary>In bytes.</summary>
    public uint BlockSize;

    /// <summary>Required alignment of buffers: 0, 1, or a power of two.</summary>
    public uint IoAlign;
    public ulong LastBlock;

    /// <summary>From revision 2 on.</summary>
    public ulong LowestAlignedLba;

    /// <summary>From revision 2 on.</summary>
    public uint LogicalBlocksPerPhysicalBlock;

    /// <summary>From revision 3 on.</summary>
    public uint OptimalTransferLengthGranularity;
}
