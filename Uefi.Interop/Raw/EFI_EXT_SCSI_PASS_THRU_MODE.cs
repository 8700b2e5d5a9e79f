namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What a SCSI channel is. UEFI 2.10, 15.7.</summary>
public struct EFI_EXT_SCSI_PASS_THRU_MODE
{
    /// <summary>In <see cref="Attributes"/>: the physical devices on the channel.</summary>
    public const uint EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_PHYSICAL = 0x0001;

    /// <summary>In <see cref="Attributes"/>: the logical devices on the channel. What is no RAID has both bits.</summary>
    public const uint EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL = 0x0002;

    /// <summary>In <see cref="Attributes"/>: requests with an event return at once.</summary>
    public const uint EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_NONBLOCKIO = 0x0004;

    /// <summary>The target that the host adapter is itself.</summary>
    public uint AdapterId;

    /// <summary>EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_* bits.</summary>
    public uint Attributes;

    /// <summary>Required alignment of buffers: 0, 1, or a power of two.</summary>
    public uint IoAlign;
}
