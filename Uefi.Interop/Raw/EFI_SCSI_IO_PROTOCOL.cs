namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A device on a SCSI channel, as the firmware's SCSI bus driver makes one of each. UEFI 2.10, 15.4.</summary>
public unsafe struct EFI_SCSI_IO_PROTOCOL : IProtocol
{
    /// <summary>EFI_SCSI_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x932F47E6, 0x2362, 0x4002, 0x80, 0x3E, 0x3C, 0xD5, 0x4B, 0x13, 0x8F, 0x85);

    /// <summary>The peripheral device type of INQUIRY. (This, OUT DeviceType)</summary>
    public delegate* unmanaged<EFI_SCSI_IO_PROTOCOL*, byte*, EFI_STATUS> GetDeviceType;

    /// <summary>Where the device is; the target's bytes are the caller's. (This, Target, OUT Lun)</summary>
    public delegate* unmanaged<EFI_SCSI_IO_PROTOCOL*, byte**, ulong*, EFI_STATUS> GetDeviceLocation;

    /// <summary>Resets the channel that the device is on. (This)</summary>
    public delegate* unmanaged<EFI_SCSI_IO_PROTOCOL*, EFI_STATUS> ResetBus;

    /// <summary>Resets the device. (This)</summary>
    public delegate* unmanaged<EFI_SCSI_IO_PROTOCOL*, EFI_STATUS> ResetDevice;

    /// <summary>As EFI_EXT_SCSI_PASS_THRU_PROTOCOL's PassThru. (This, Packet, Event or null)</summary>
    public delegate* unmanaged<EFI_SCSI_IO_PROTOCOL*, EFI_SCSI_IO_SCSI_REQUEST_PACKET*, EFI_EVENT, EFI_STATUS> ExecuteScsiCommand;

    /// <summary>Required alignment of buffers: 0, 1, or a power of two.</summary>
    public uint IoAlign;
}
