namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// A SCSI channel: requests to the devices on it. A target is <see cref="TARGET_MAX_BYTES"/> bytes, of which a driver uses as many as it
/// needs. UEFI 2.10, 15.7.
/// </summary>
public unsafe struct EFI_EXT_SCSI_PASS_THRU_PROTOCOL : IProtocol
{
    /// <summary>Bytes of a target's ID.</summary>
    public const int TARGET_MAX_BYTES = 0x10;

    /// <summary>EFI_EXT_SCSI_PASS_THRU_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x143B7632, 0xB81B, 0x4CB7, 0xAB, 0xD3, 0xB6, 0x25, 0xA5, 0xB9, 0xBF, 0xFE);

    /// <summary>What the channel is; owned by the driver.</summary>
    public EFI_EXT_SCSI_PASS_THRU_MODE* Mode;

    /// <summary>
    /// Sends a request to a device. Without an event it returns when the request is over; with one at once, and the event is signalled
    /// then. EFI_BAD_BUFFER_SIZE, with the length that is possible, when there is too much data for one request; EFI_NOT_READY when there
    /// are too many. (This, Target, Lun, Packet, Event or null)
    /// </summary>
    public delegate* unmanaged<
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL*, byte*, ulong, EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET*, EFI_EVENT, EFI_STATUS> PassThru;

    /// <summary>
    /// The device behind the given one; behind a target of 0xFF bytes the first. EFI_NOT_FOUND at the end. (This, Target, Lun)
    /// </summary>
    public delegate* unmanaged<EFI_EXT_SCSI_PASS_THRU_PROTOCOL*, byte**, ulong*, EFI_STATUS> GetNextTargetLun;

    /// <summary>Makes a device's node, which the caller frees with FreePool. (This, Target, Lun, OUT DevicePath)</summary>
    public delegate* unmanaged<EFI_EXT_SCSI_PASS_THRU_PROTOCOL*, byte*, ulong, EFI_DEVICE_PATH_PROTOCOL**, EFI_STATUS> BuildDevicePath;

    /// <summary>The device that a node names. (This, DevicePath, Target, OUT Lun)</summary>
    public delegate* unmanaged<EFI_EXT_SCSI_PASS_THRU_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, byte**, ulong*, EFI_STATUS> GetTargetLun;

    /// <summary>Resets the channel with all devices on it. (This)</summary>
    public delegate* unmanaged<EFI_EXT_SCSI_PASS_THRU_PROTOCOL*, EFI_STATUS> ResetChannel;

    /// <summary>Resets a device. (This, Target, Lun)</summary>
    public delegate* unmanaged<EFI_EXT_SCSI_PASS_THRU_PROTOCOL*, byte*, ulong, EFI_STATUS> ResetTargetLun;

    /// <summary>As GetNextTargetLun, of targets. (This, Target)</summary>
    public delegate* unmanaged<EFI_EXT_SCSI_PASS_THRU_PROTOCOL*, byte**, EFI_STATUS> GetNextTarget;
}
