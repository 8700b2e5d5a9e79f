using NetBoot.Uefi.Interop.Raw;
using ScsiPacket = NetBoot.Uefi.Interop.Raw.EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>
/// A request from when it is made until its caller knows the result. It has all that it takes to send it, and to send it again after the
/// channel was established anew.
/// </summary>
internal unsafe struct StorRequest
{
    /// <summary>In <see cref="Time"/>: as long as it takes.</summary>
    public const ulong Forever = ulong.MaxValue;

    public StorRequestState State;
    public VstorOperation Operation;
    public byte Target;
    public byte Lun;

    /// <summary>Of a SCSI request: where the caller reads the result. The caller's, and so is what it points to.</summary>
    public ScsiPacket* Packet;

    /// <summary>The caller's, signalled when it is over; null when the caller waits.</summary>
    public EFI_EVENT Event;

    /// <summary>The command: a caller's own need not outlive its call.</summary>
    public fixed byte Cdb[VstorPacket.MaximumCdbSize];

    public byte CdbLength;
    public bool IsRead;
    public byte* Data;
    public uint Length;

    /// <summary>How long the host shall try.</summary>
    public uint Seconds;

    /// <summary>Microseconds that the caller waits.</summary>
    public ulong Time;

    /// <summary>When it was added, and when the caller waits no longer, by the channel's clock.</summary>
    public ulong Began;
    public ulong Deadline;

    /// <summary>The order in which requests are sent.</summary>
    public ulong Number;

    /// <summary>While it is sent: what its completion names.</summary>
    public ulong Transaction;

    /// <summary>While it is sent: where its data is for the host, or -1.</summary>
    public int Buffer;

    /// <summary>When it is over.</summary>
    public EFI_STATUS Status;

    /// <summary>A reset goes before what waits: it needs no buffer, and may be what frees one.</summary>
    public readonly bool IsReset => Operation != VstorOperation.ExecuteSrb;

    /// <summary>
    /// Whether the command does the same when it is executed twice: reads, writes, questions and flushes do. SBC-3, 5; SPC-4, 6.
    /// </summary>
    public readonly bool IsRepeatable => IsReset || Cdb[0] is
        0x00 or 0x03 or 0x12 or 0x1A or 0x5A or 0xA0 or // TEST UNIT READY, REQUEST SENSE, INQUIRY, MODE SENSE, REPORT LUNS
        0x25 or 0x9E or 0x35 or 0x91 or                 // READ CAPACITY (of 16 bytes: SERVICE ACTION IN), SYNCHRONIZE CACHE
        0x08 or 0x28 or 0xA8 or 0x88 or                 // READ
        0x0A or 0x2A or 0xAA or 0x8A;                   // WRITE

    /// <summary>Tells the caller of a SCSI request how it went.</summary>
    /// <param name="adapter">EFI_EXT_SCSI_STATUS_HOST_ADAPTER_*.</param>
    /// <param name="target">EFI_EXT_SCSI_STATUS_TARGET_*.</param>
    /// <param name="transferred">Bytes of data.</param>
    /// <param name="senseLength">Bytes of sense data, which the caller has.</param>
    public readonly void Report(
        byte adapter, byte target = ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_GOOD, uint transferred = 0,
        int senseLength = 0)
    {
        if (Packet == null)
        {
            return;
        }

        Packet->HostAdapterStatus = adapter;
        Packet->TargetStatus = target;
        Packet->SenseDataLength = (byte)senseLength;
        if (IsRead)
        {
            Packet->InTransferLength = transferred;
        }
        else
        {
            Packet->OutTransferLength = transferred;
        }
    }
}
