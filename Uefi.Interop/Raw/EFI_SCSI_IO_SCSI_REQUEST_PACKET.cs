namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// A SCSI request through EFI_SCSI_IO_PROTOCOL, member by member as <see cref="EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET"/>.
/// UEFI 2.10, 15.4.
/// </summary>
public unsafe struct EFI_SCSI_IO_SCSI_REQUEST_PACKET
{
    /// <summary>In 100 ns; 0 is for ever.</summary>
    public ulong Timeout;

    /// <summary>Where data of the device goes.</summary>
    public void* InDataBuffer;

    /// <summary>Where data for the device is.</summary>
    public void* OutDataBuffer;

    /// <summary>Where sense data goes.</summary>
    public void* SenseData;

    /// <summary>The command descriptor block.</summary>
    public void* Cdb;

    /// <summary>Bytes of InDataBuffer; then how many came.</summary>
    public uint InTransferLength;

    /// <summary>Bytes of OutDataBuffer; then how many went.</summary>
    public uint OutTransferLength;

    /// <summary>Bytes of the command descriptor block.</summary>
    public byte CdbLength;

    /// <summary>EFI_SCSI_IO_DATA_DIRECTION_*: 0 into InDataBuffer, 1 out of OutDataBuffer, 2 both.</summary>
    public byte DataDirection;

    /// <summary>EFI_SCSI_IO_STATUS_HOST_ADAPTER_*, of the same values.</summary>
    public byte HostAdapterStatus;

    /// <summary>EFI_SCSI_IO_STATUS_TARGET_*, of the same values.</summary>
    public byte TargetStatus;

    /// <summary>Bytes of SenseData; then how many came.</summary>
    public byte SenseDataLength;
}
