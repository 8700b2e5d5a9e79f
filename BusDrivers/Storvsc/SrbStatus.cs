using System;
using NetBoot.Uefi.Interop.Raw;
using ScsiPacket = NetBoot.Uefi.Interop.Raw.EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>How a host says that a request went, and how firmware says it. Windows' srb.h; UEFI 2.10, 15.7.</summary>
internal static class SrbStatus
{
    private const byte CodeMask = 0x3F;

    private const byte Pending = 0x00;
    private const byte Success = 0x01;
    private const byte Busy = 0x05;
    private const byte InvalidPathId = 0x07;
    private const byte NoDevice = 0x08;
    private const byte Timeout = 0x09;
    private const byte SelectionTimeout = 0x0A;
    private const byte CommandTimeout = 0x0B;
    private const byte MessageRejected = 0x0D;
    private const byte BusReset = 0x0E;
    private const byte ParityError = 0x0F;
    private const byte RequestSenseFailed = 0x10;
    private const byte DataOverrun = 0x12;
    private const byte UnexpectedBusFree = 0x13;
    private const byte PhaseSequenceFailure = 0x14;
    private const byte RequestFlushed = 0x16;
    private const byte InvalidLun = 0x20;
    private const byte InvalidTargetId = 0x21;

    /// <summary>
    /// How much data has gone: what a host says of that counts for what went well, or was more than there was room for. With other errors Windows'
    /// leaves what was asked for (Linux, storvsc_command_completion).
    /// </summary>
    /// <returns>More than <paramref name="room"/> where a host makes no sense.</returns>
    public static uint Transferred(byte status, uint said, uint room) => (status & CodeMask) switch
    {
        Pending or Success => said,
        DataOverrun => Math.Min(said, room),
        _ => 0,
    };

    /// <summary>Translates the status of a request that is over.</summary>
    /// <param name="status">The host's, with its flags.</param>
    /// <param name="target">The device's; changed where the host speaks for it.</param>
    /// <param name="adapter">EFI_EXT_SCSI_STATUS_HOST_ADAPTER_*.</param>
    /// <returns>What PassThru returns: EFI_SUCCESS also for what the device itself refuses.</returns>
    public static EFI_STATUS ToFirmware(byte status, ref byte target, out byte adapter)
    {
        // A device that says why has been reached, whatever the host calls that.
        bool hasSense = target == ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_CHECK_CONDITION && (status & VstorPacket.AutosenseValid) != 0;
        adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OK;
        switch (hasSense ? Success : status & CodeMask)
        {
            case Pending:
            case Success:
                return EFI_STATUS.EFI_SUCCESS;
            case Busy:
                target = ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_BUSY;
                return EFI_STATUS.EFI_SUCCESS;
            case DataOverrun:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN;
                return EFI_STATUS.EFI_SUCCESS;
            case InvalidPathId:
            case NoDevice:
            case InvalidLun:
            case InvalidTargetId:
            case CommandTimeout:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND;
                return EFI_STATUS.EFI_TIMEOUT;
            case Timeout:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT;
                return EFI_STATUS.EFI_TIMEOUT;
            case SelectionTimeout:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_SELECTION_TIMEOUT;
                return EFI_STATUS.EFI_TIMEOUT;
            case MessageRejected:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_MESSAGE_REJECT;
                return EFI_STATUS.EFI_DEVICE_ERROR;
            case BusReset:
            case RequestFlushed:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET;
                return EFI_STATUS.EFI_DEVICE_ERROR;
            case ParityError:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PARITY_ERROR;
                return EFI_STATUS.EFI_DEVICE_ERROR;
            case RequestSenseFailed:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_REQUEST_SENSE_FAILED;
                return EFI_STATUS.EFI_DEVICE_ERROR;
            case UnexpectedBusFree:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_FREE;
                return EFI_STATUS.EFI_DEVICE_ERROR;
            case PhaseSequenceFailure:
                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_PHASE_ERROR;
                return EFI_STATUS.EFI_DEVICE_ERROR;
            default:
                // An error may be the device's status and nothing more.
                if (target != ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_GOOD)
                {
                    return EFI_STATUS.EFI_SUCCESS;
                }

                adapter = ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER;
                return EFI_STATUS.EFI_DEVICE_ERROR;
        }
    }
}
