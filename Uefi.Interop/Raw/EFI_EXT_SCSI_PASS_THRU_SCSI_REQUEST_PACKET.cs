namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// A SCSI request, with its results. It is the caller's, and stays where it is until the request is over. UEFI 2.10, 15.7.
/// </summary>
public unsafe struct EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET
{
    /// <summary>In <see cref="DataDirection"/>: into InDataBuffer; also where there is no data.</summary>
    public const byte EFI_EXT_SCSI_DATA_DIRECTION_READ = 0;

    /// <summary>In <see cref="DataDirection"/>: out of OutDataBuffer.</summary>
    public const byte EFI_EXT_SCSI_DATA_DIRECTION_WRITE = 1;

    /// <summary>In <see cref="DataDirection"/>: both.</summary>
    public const byte EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL = 2;

    /// <summary>In <see cref="HostAdapterStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK = 0x00;

    /// <summary>In <see cref="HostAdapterStatus"/>: the command took too long.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND = 0x09;

    /// <summary>In <see cref="HostAdapterStatus"/>: the adapter took too long.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT = 0x0B;

    /// <summary>In <see cref="HostAdapterStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_MESSAGE_REJECT = 0x0D;

    /// <summary>In <see cref="HostAdapterStatus"/>: the request ended with a reset.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET = 0x0E;

    /// <summary>In <see cref="HostAdapterStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PARITY_ERROR = 0x0F;

    /// <summary>In <see cref="HostAdapterStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_REQUEST_SENSE_FAILED = 0x10;

    /// <summary>In <see cref="HostAdapterStatus"/>: no such target.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_SELECTION_TIMEOUT = 0x11;

    /// <summary>In <see cref="HostAdapterStatus"/>: the device had more or less data than there is room for.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN = 0x12;

    /// <summary>In <see cref="HostAdapterStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_FREE = 0x13;

    /// <summary>In <see cref="HostAdapterStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PHASE_ERROR = 0x14;

    /// <summary>In <see cref="HostAdapterStatus"/>: anything else.</summary>
    public const byte EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER = 0x7F;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_GOOD = 0x00;

    /// <summary>In <see cref="TargetStatus"/>: <see cref="SenseData"/> says more.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_CHECK_CONDITION = 0x02;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_CONDITION_MET = 0x04;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_BUSY = 0x08;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_INTERMEDIATE = 0x10;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_INTERMEDIATE_CONDITION_MET = 0x14;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_RESERVATION_CONFLICT = 0x18;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_TASK_SET_FULL = 0x28;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_ACA_ACTIVE = 0x30;

    /// <summary>In <see cref="TargetStatus"/>.</summary>
    public const byte EFI_EXT_SCSI_STATUS_TARGET_TASK_ABORTED = 0x40;

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

    /// <summary>EFI_EXT_SCSI_DATA_DIRECTION_*.</summary>
    public byte DataDirection;

    /// <summary>EFI_EXT_SCSI_STATUS_HOST_ADAPTER_*; to be looked at first.</summary>
    public byte HostAdapterStatus;

    /// <summary>EFI_EXT_SCSI_STATUS_TARGET_*.</summary>
    public byte TargetStatus;

    /// <summary>Bytes of SenseData; then how many came.</summary>
    public byte SenseDataLength;
}
