using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using ScsiPacket = NetBoot.Uefi.Interop.Raw.EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>
/// EFI_EXT_SCSI_PASS_THRU_PROTOCOL of one controller: which devices there are, and requests to them. What firmware sees is in pool memory.
/// UEFI 2.10, 15.7.
/// </summary>
/// <remarks>
/// All functions run at TPL_CALLBACK or above, so that the bus, which removes devices at TPL_CALLBACK, does so before or after. Of a
/// target's bytes the first counts.
/// </remarks>
internal sealed unsafe class ScsiPassThru : IDisposable
{
    // As far as Microsoft's firmware looks (mu_msvm, StorvscDxe): three targets of 255 devices each.
    private const byte LastTarget = 2;
    private const byte LastLun = 254;

    private const int MaximumUnits = 256;
    private const uint NoAdapter = uint.MaxValue;
    private const byte ReportLuns = 0xA0;
    private const int ReportLunsCdbSize = 12;
    private const int ReportHeaderSize = 8;
    private const int ReportEntrySize = 8;
    private const ulong ScanTime = 5_000_000; // Microseconds, for each target.
    private const ulong ResetTime = 5_000_000;
    private const uint DefaultSeconds = 60; // As Linux has it, for requests without a limit of their own.

    private readonly StorChannel _channel;
    private readonly ushort[] _units = new ushort[MaximumUnits]; // Target and LUN in a byte each, ascending by target.
    private readonly Block* _block;
    private int _unitCount;

    private struct Block
    {
        public ProtocolInstance<EFI_EXT_SCSI_PASS_THRU_PROTOCOL> Protocol;
        public EFI_EXT_SCSI_PASS_THRU_MODE Mode;
    }

    private ScsiPassThru(FaultDomain domain, StorChannel channel, Block* block)
    {
        Domain = domain;
        _channel = channel;
        _block = block;
    }

    /// <summary>Whose code it is.</summary>
    public FaultDomain Domain { get; }

    /// <summary>What firmware calls; the caller installs it.</summary>
    public EFI_EXT_SCSI_PASS_THRU_PROTOCOL* Protocol => &_block->Protocol.Protocol;

    /// <summary>Looks for devices, and makes the protocol; null when there is no memory, or the host does not answer.</summary>
    public static ScsiPassThru? Create(FaultDomain domain, StorChannel channel, out EFI_STATUS status)
    {
        Block* block = Pool.Allocate<Block>();
        if (block == null)
        {
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
            return null;
        }

        ScsiPassThru created = new(domain, channel, block);
        status = created.Scan();
        if (status.IsError)
        {
            Pool.Free(block);
            return null;
        }

        block->Mode.AdapterId = NoAdapter;
        block->Mode.Attributes =
            EFI_EXT_SCSI_PASS_THRU_MODE.EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_PHYSICAL |
            EFI_EXT_SCSI_PASS_THRU_MODE.EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL |
            EFI_EXT_SCSI_PASS_THRU_MODE.EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_NONBLOCKIO;
        block->Protocol.Owner = ObjectReference.To(created);
        block->Protocol.Protocol.Mode = &block->Mode;
        ScsiPassThruEntries.Fill(&block->Protocol.Protocol);
        return created;
    }

    /// <summary>Frees the protocol, which is not installed.</summary>
    public void Dispose()
    {
        _block->Protocol.Owner.Free();
        Pool.Free(_block);
    }

    public EFI_STATUS PassThru(byte* target, ulong lun, ScsiPacket* packet, EFI_EVENT handler)
    {
        if (target == null || packet == null || Find(*target, lun) < 0 || !IsValid(packet))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (packet->DataDirection == ScsiPacket.EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL ||
            packet->CdbLength > VstorPacket.MaximumCdbSize)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        StorRequest request = MakeRequest(*target, (byte)lun, packet);
        request.Event = handler;
        if (request.Length > _channel.MaximumTransfer)
        {
            request.Report(
                ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN,
                transferred: _channel.MaximumTransfer);
            return EFI_STATUS.EFI_BAD_BUFFER_SIZE;
        }

        return handler.IsNull ? _channel.Execute(request) : _channel.Begin(request);
    }

    public EFI_STATUS GetNextTargetLun(byte** target, ulong* lun)
    {
        if (target == null || *target == null || lun == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        bool isFirst = IsNone(*target);
        int next = isFirst ? Restart() : Find(**target, *lun) + 1;
        if (next == 0 && !isFirst)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (next == _unitCount)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        WriteTarget(*target, TargetOf(next));
        *lun = LunOf(next);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS GetNextTarget(byte** target)
    {
        if (target == null || *target == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        int next = 0;
        if (IsNone(*target))
        {
            Restart();
        }
        else
        {
            bool isKnown = false;
            while (next < _unitCount && TargetOf(next) <= **target)
            {
                isKnown |= TargetOf(next) == **target;
                next++;
            }

            if (!isKnown)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }
        }

        if (next == _unitCount)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        WriteTarget(*target, TargetOf(next));
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS BuildDevicePath(byte* target, ulong lun, EFI_DEVICE_PATH_PROTOCOL** path)
    {
        if (target == null || path == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (Find(*target, lun) < 0)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        SCSI_DEVICE_PATH* node = Pool.Allocate<SCSI_DEVICE_PATH>();
        if (node == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        node->Header.Type = EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH;
        node->Header.SubType = SCSI_DEVICE_PATH.MSG_SCSI_DP;
        node->Header.Length[0] = (byte)sizeof(SCSI_DEVICE_PATH);
        node->Pun = *target;
        node->Lun = (ushort)lun;
        *path = &node->Header;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS GetTargetLun(EFI_DEVICE_PATH_PROTOCOL* path, byte** target, ulong* lun)
    {
        if (path == null || target == null || *target == null || lun == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (path->Type != EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH || path->SubType != SCSI_DEVICE_PATH.MSG_SCSI_DP ||
            (path->Length[0] | (path->Length[1] << 8)) != sizeof(SCSI_DEVICE_PATH))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        SCSI_DEVICE_PATH* node = (SCSI_DEVICE_PATH*)path;
        if (Find(node->Pun, node->Lun) < 0)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        WriteTarget(*target, (byte)node->Pun);
        *lun = node->Lun;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS ResetChannel() => Reset(new StorRequest { Operation = VstorOperation.ResetBus, Time = ResetTime });

    public EFI_STATUS ResetTargetLun(byte* target, ulong lun)
    {
        if (target == null || Find(*target, lun) < 0)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        return Reset(new StorRequest { Operation = VstorOperation.ResetLun, Target = *target, Lun = (byte)lun, Time = ResetTime });
    }

    // That there are too many requests is no answer to who wants to reset.
    private EFI_STATUS Reset(in StorRequest request)
    {
        EFI_STATUS status = _channel.Execute(request);
        return status == EFI_STATUS.EFI_NOT_READY ? EFI_STATUS.EFI_DEVICE_ERROR : status;
    }

    // Requests

    private static bool IsValid(ScsiPacket* packet) =>
        packet->Cdb != null && packet->CdbLength != 0 &&
        packet->DataDirection <= ScsiPacket.EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL &&
        (packet->SenseData != null || packet->SenseDataLength == 0) &&
        IsValid(
            packet->InDataBuffer, packet->InTransferLength,
            packet->DataDirection != ScsiPacket.EFI_EXT_SCSI_DATA_DIRECTION_WRITE) &&
        IsValid(
            packet->OutDataBuffer, packet->OutTransferLength,
            packet->DataDirection != ScsiPacket.EFI_EXT_SCSI_DATA_DIRECTION_READ);

    private static bool IsValid(void* data, uint length, bool isUsed) => length == 0 || (isUsed && data != null);

    private static StorRequest MakeRequest(byte target, byte lun, ScsiPacket* packet)
    {
        bool isRead = packet->DataDirection == ScsiPacket.EFI_EXT_SCSI_DATA_DIRECTION_READ;
        ulong time = packet->Timeout; // In 100 ns.
        StorRequest request = new()
        {
            Operation = VstorOperation.ExecuteSrb,
            Target = target,
            Lun = lun,
            Packet = packet,
            CdbLength = packet->CdbLength,
            IsRead = isRead,
            Data = (byte*)(isRead ? packet->InDataBuffer : packet->OutDataBuffer),
            Length = isRead ? packet->InTransferLength : packet->OutTransferLength,
            Seconds = time == 0 ? DefaultSeconds : (uint)Math.Min((time / 10_000_000) + 1, uint.MaxValue),
            Time = time == 0 ? StorRequest.Forever : (time / 10) + 1,
        };
        new ReadOnlySpan<byte>(packet->Cdb, packet->CdbLength).CopyTo(new Span<byte>(request.Cdb, VstorPacket.MaximumCdbSize));
        return request;
    }

    // Devices

    private byte TargetOf(int unit) => (byte)(_units[unit] >> 8);

    private byte LunOf(int unit) => (byte)_units[unit];

    private int Find(uint target, ulong lun) =>
        target <= LastTarget && lun <= LastLun ? _units.AsSpan(0, _unitCount).IndexOf((ushort)((target << 8) | (uint)lun)) : -1;

    private static bool IsNone(byte* target)
    {
        for (int i = 0; i < EFI_EXT_SCSI_PASS_THRU_PROTOCOL.TARGET_MAX_BYTES; i++)
        {
            if (target[i] != 0xFF)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteTarget(byte* target, byte value)
    {
        new Span<byte>(target, EFI_EXT_SCSI_PASS_THRU_PROTOCOL.TARGET_MAX_BYTES).Clear();
        *target = value;
    }

    /// <summary>Somebody wants to know of all devices: when the host has said that there are others, they are looked for.</summary>
    /// <returns>The first device.</returns>
    private int Restart()
    {
        _channel.Poll();
        if (_channel.HasChanged)
        {
            bool isToBeTriedAgain = Scan().IsError; // What was known may still be there.
            _channel.HasChanged |= isToBeTriedAgain;
        }

        return 0;
    }

    /// <summary>
    /// Asks each target for its devices; one that refuses has none, and one that is busy, or does not answer behind the first,
    /// has what it had.
    /// </summary>
    private EFI_STATUS Scan()
    {
        const int ReportSize = ReportHeaderSize + ((LastLun + 1) * ReportEntrySize);
        Span<ushort> units = stackalloc ushort[MaximumUnits];
        byte* report = stackalloc byte[ReportSize];
        byte* cdb = stackalloc byte[ReportLunsCdbSize];
        int count = 0;
        _channel.HasChanged = false;
        for (byte target = 0; target <= LastTarget; target++)
        {
            new Span<byte>(cdb, ReportLunsCdbSize).Clear();
            cdb[0] = ReportLuns;
            BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(cdb + 6, sizeof(uint)), ReportSize);
            ScsiPacket packet = new()
            {
                Timeout = ScanTime * 10,
                Cdb = cdb,
                CdbLength = ReportLunsCdbSize,
                InDataBuffer = report,
                InTransferLength = ReportSize,
            };
            EFI_STATUS status = _channel.Execute(MakeRequest(target, 0, &packet));
            if (status == EFI_STATUS.EFI_SUCCESS && packet.TargetStatus != ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_GOOD)
            {
                packet.InTransferLength = ReportSize;
                status = _channel.Execute(MakeRequest(target, 0, &packet)); // A unit attention is told once.
            }

            if (status.IsError && (target == 0 || status != EFI_STATUS.EFI_TIMEOUT))
            {
                return status;
            }

            if (status.IsError || packet.TargetStatus == ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_BUSY)
            {
                _channel.HasChanged = true; // It is asked again.
                foreach (ushort known in _units.AsSpan(0, _unitCount))
                {
                    if (known >> 8 == target && count < units.Length)
                    {
                        units[count++] = known;
                    }
                }

                continue;
            }

            if (packet.TargetStatus == ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_GOOD)
            {
                Collect(target, new ReadOnlySpan<byte>(report, (int)packet.InTransferLength), units, ref count);
            }
        }

        units.Slice(0, count).CopyTo(_units);
        _unitCount = count;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Reads a target's list of LUNs. SPC-4, 6.33; its first level, as hosts number devices.</summary>
    private static void Collect(byte target, ReadOnlySpan<byte> report, Span<ushort> units, ref int count)
    {
        if (report.Length < ReportHeaderSize)
        {
            return;
        }

        uint length = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(report), (uint)report.Length - ReportHeaderSize);
        ReadOnlySpan<byte> entries = report.Slice(ReportHeaderSize, (int)length);
        for (; entries.Length >= ReportEntrySize && count < units.Length; entries = entries.Slice(ReportEntrySize))
        {
            ushort lun = BinaryPrimitives.ReadUInt16BigEndian(entries);
            ushort unit = (ushort)((target << 8) | lun);
            if (lun <= LastLun && !units.Slice(0, count).Contains(unit)) // Firmware asks for what is behind each, to the end.
            {
                units[count++] = unit;
            }
        }
    }
}
