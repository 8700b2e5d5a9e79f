namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The media of a block device; BOOLEANs are bytes. UEFI 2.10, 13.9.</summary>
public struct EFI_BLOCK_IO_MEDIA
{
    /// <summary>Changes when the media changes.</summary>
    public uint MediaId;

    /// <summary>BOOLEAN: the media can be taken out.</summary>
    public byte RemovableMedia;

    /// <summary>BOOLEAN: there is media, as of the last access.</summary>
    public byte MediaPresent;

    /// <summary>BOOLEAN: the device is a partition, not a whole disk.</summary>
    public byte LogicalPartition;

    /// <summary>BOOLEAN: writes end with EFI_WRITE_PROTECTED.</summary>
    public byte ReadOnly;

    /// <summary>BOOLEAN: what is written may stay in a cache until FlushBlocks.</summary>
    public byte WriteCaching;

    /// <summary>In bytes.</summary>
    public uint BlockSize;

    /// <summary>Required alignment of buffers: 0, 1, or a power of two.</summary>
    public uint IoAlign;

    /// <summary>The number of the last block; one less than there are.</summary>
    public ulong LastBlock;

    /// <summary>The first block that begins a physical one. From revision 2 on.</summary>
    public ulong LowestAlignedLba;

    /// <summary>0 or 1: blocks are physical ones. From revision 2 on.</summary>
    public uint LogicalBlocksPerPhysicalBlock;

    /// <summary>Transfers of a multiple of so many blocks are the fastest; 0: nothing is known. From revision 3 on.</summary>
    public uint OptimalTransferLengthGranularity;
}
