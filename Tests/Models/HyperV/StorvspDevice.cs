using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>
/// A synthetic SCSI controller: the storage protocol from Windows Vista's version to Windows 8.1's, message by message as OpenVMM has it
/// (vm/devices/storage/storvsp/src/lib.rs; the names in brackets are its functions). Where Windows' host is known to differ,
/// <see cref="StorvspFaults"/> says so.
/// </summary>
/// <remarks>
/// A packet that it cannot make sense of ends OpenVMM's worker, and nothing more is answered until the channel is opened again; here that
/// is a violation besides. Requests that are held when the channel closes are executed all the same, without a completion: the host waits
/// for the disk [wait_for_scsi_requests_complete].
/// </remarks>
public sealed class StorvspDevice : VmbusDevice
{
    public static readonly Guid ScsiType = new("ba6163d9-04a1-4d29-b605-72e2ffb1dc7f");

    /// <summary>The type of the channels behind emulated IDE disks.</summary>
    public static readonly Guid IdeType = new("32412632-86cb-44a2-9b5c-50d1417354f5");

    /// <summary>The instance of a controller that is given none.</summary>
    public static readonly Guid FirstInstance = new("6f1d8f0a-33c5-4b7a-8c44-9a2f5e7b1c60");

    public const ushort Win6 = 0x0200;
    public const ushort Win7 = 0x0402;
    public const ushort Win8 = 0x0501;
    public const ushort Blue = 0x0600;
    public const ushort Threshold = 0x0602;

    private const int HeaderSize = 12;
    private const int OlderRequestSize = 0x24;
    private const int RequestSize = 0x34;
    private const int SenseRoom = 20;
    private const byte AutosenseValid = 0x80;
    private const uint RevisionMismatch = 0xC000_0059;
    private const uint InvalidDeviceState = 0xC000_0184;
    private const uint InvalidParameter = 0xC000_000D;
    private const byte AbsentUnit = 0x7F;
    private const int LongestCdb = 16;

    private readonly HyperVHost _host;
    private readonly SortedDictionary<(byte Target, byte Lun), ScsiDisk> _disks = [];
    private readonly List<HostPacket> _held = [];
    private readonly List<HostPacket> _late = [];
    private State _state;
    private int _requestSize = OlderRequestSize;
    private bool _hasDied;

    private enum State
    {
        Begin,
        QueryVersion,
        QueryProperties,
        EndInitialization,
        Ready,
    }

    public StorvspDevice(HyperVHost host, Guid? instance = null, Guid? type = null)
        : base(type ?? ScsiType, instance ?? FirstInstance) => _host = host;

    public StorvspFaults Faults { get; } = new();

    // What the host is

    /// <summary>The versions that it takes: OpenVMM's. Windows 10's is <see cref="Threshold"/>.</summary>
    public HashSet<ushort> Versions { get; } = [Win6, Win7, Win8, Blue];

    /// <summary>What QUERY_PROPERTIES tells.</summary>
    public uint MaximumTransfer { get; set; } = 0x4_0000;

    // What the guest did

    /// <summary>The version in use; null before it was agreed on.</summary>
    public ushort? Version { get; private set; }

    public bool IsReady => _state == State.Ready;

    /// <summary>Operations in the order in which they came.</summary>
    public List<StorvspOperation> Log { get; } = [];

    /// <summary>The versions that were asked for, the refused ones too.</summary>
    public List<ushort> Asked { get; } = [];

    /// <summary>Sizes of the guest's packets, without padding of the ring.</summary>
    public HashSet<int> PacketSizes { get; } = [];

    /// <summary>SCSI requests that wait for <see cref="Release"/>.</summary>
    public int HeldCount => _held.Count;

    /// <summary>SCSI requests that were executed.</summary>
    public int ExecutedCount { get; private set; }

    // Disks

    /// <summary>Plugs a disk in; a guest of Windows 7's version or newer is told [ScsiController::attach].</summary>
    public void Attach(byte lun, ScsiDisk disk, byte target = 0)
    {
        lock (_host.Gate)
        {
            _disks.Add((target, lun), disk);
            Notify();
        }
    }

    /// <summary>Unplugs a disk [ScsiController::remove].</summary>
    public void Detach(byte lun, byte target = 0)
    {
        lock (_host.Gate)
        {
            _disks.Remove((target, lun));
            Notify();
        }
    }

    private void Notify()
    {
        if (IsReady && Version >= Win7)
        {
            SendInBand(StorvspOperation.EnumerateBus);
        }
    }

    /// <summary>Sends a packet of the host's own.</summary>
    public void SendInBand(StorvspOperation operation, bool wantsCompletion = false)
    {
        lock (_host.Gate)
        {
            byte[] packet = new byte[HeaderSize + _requestSize];
            BinaryPrimitives.WriteUInt32LittleEndian(packet, (uint)operation);
            Channel?.Send(packet, 0x1234_5678_9ABC, wantsCompletion);
        }
    }

    // The channel

    protected internal override void Opened()
    {
        _state = State.Begin;
        _requestSize = OlderRequestSize;
        Version = null;
        _hasDied = false;
    }

    protected internal override void Closed(bool byGuest)
    {
        HostPacket[] held = [.. _held];
        _held.Clear();
        _state = State.Begin;
        Version = null;
        if (Channel!.IsRescinded)
        {
            _late.AddRange(held); // OpenVMM closes the device after the guest has been told [run_channel].
            return;
        }

        foreach (HostPacket packet in held)
        {
            Execute(packet);
        }
    }

    /// <summary>What was under way when the host took the device away ends now: reads are written to the guest's memory.</summary>
    public void FinishLate()
    {
        lock (_host.Gate)
        {
            _host.Guard(() => _late.ForEach(each => Execute(each)));
            _late.Clear();
        }
    }

    /// <summary>Executes and completes the requests that <see cref="StorvspFaults.HoldsRequests"/> has held.</summary>
    /// <param name="newestFirst">In which order.</param>
    /// <param name="count">How many.</param>
    public void Release(bool newestFirst = false, int count = int.MaxValue)
    {
        lock (_host.Gate)
        {
            HostPacket[] released = [.. (newestFirst ? Enumerable.Reverse(_held) : _held).Take(count)];
            foreach (HostPacket packet in released)
            {
                _held.Remove(packet);
                _host.Guard(() => Complete(packet, Execute(packet)));
            }
        }
    }

    // Packets [parse_packet]

    protected internal override void Receive(HostPacket packet)
    {
        if (_hasDied)
        {
            return;
        }

        if (packet.Type == PacketType.Completion)
        {
            return; // Of what SendInBand has sent.
        }

        StorvspOperation operation = packet.Payload.Length >= HeaderSize
            ? (StorvspOperation)BinaryPrimitives.ReadUInt32LittleEndian(packet.Payload) : 0;
        Log.Add(operation);
        PacketSizes.Add(packet.Payload.Length);
        bool isKnown = operation is (>= StorvspOperation.ExecuteSrb and <= StorvspOperation.QueryProperties) or StorvspOperation.CreateSubChannels;
        if (!packet.WantsCompletion || !isKnown)
        {
            Die($"{operation} of {packet.Payload.Length} bytes, completion {packet.WantsCompletion}");
            return;
        }

        Expect(BinaryPrimitives.ReadUInt32LittleEndian(packet.Payload.AsSpan(4)) == 1, $"{operation} with other flags than REQUEST_COMPLETION");
        Expect(packet.Payload.Length == HeaderSize + _requestSize, $"{operation} of {packet.Payload.Length} bytes, where {HeaderSize + _requestSize} are agreed on");
        Expect(packet.Type == PacketType.InBand || operation == StorvspOperation.ExecuteSrb, $"{operation} with pages");
        if (_state != State.Ready)
        {
            SetUp(operation, packet);
            return;
        }

        switch (operation)
        {
            case StorvspOperation.ExecuteSrb:
                ExecuteSrb(packet);
                break;
            case StorvspOperation.ResetLun or StorvspOperation.ResetBus or StorvspOperation.ResetAdapter:
                Reset(operation, packet);
                break;
            case StorvspOperation.CreateSubChannels:
                Complete(packet, InvalidParameter); // There are none to be had.
                break;
            default:
                Expect(false, $"{operation} while it is ready");
                Complete(packet, InvalidDeviceState);
                break;
        }
    }

    private void Die(string why)
    {
        _hasDied = true;
        _host.Violate("storvsp: " + why);
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            _host.Violate("storvsp: " + otherwise);
        }
    }

    // Set-up [process_primary]

    private void SetUp(StorvspOperation operation, HostPacket packet)
    {
        switch (_state, operation)
        {
            case (State.Begin, StorvspOperation.BeginInitialization):
                Advance(packet, State.QueryVersion);
                break;
            case (State.QueryVersion, StorvspOperation.QueryProtocolVersion):
                QueryVersion(packet);
                break;
            case (State.QueryProperties, StorvspOperation.QueryProperties):
                byte[] properties = new byte[24];
                BinaryPrimitives.WriteUInt32LittleEndian(properties.AsSpan(8), Version >= Win8 ? 1u : 0);
                BinaryPrimitives.WriteUInt32LittleEndian(properties.AsSpan(12), MaximumTransfer);
                Advance(packet, State.EndInitialization, properties);
                break;
            case (State.EndInitialization, StorvspOperation.EndInitialization):
                Advance(packet, State.Ready);
                break;
            default:
                Expect(false, $"{operation} while it waits for another packet: {_state}");
                Complete(packet, InvalidDeviceState);
                break;
        }
    }

    private void Advance(HostPacket packet, State next, byte[]? answer = null)
    {
        uint status = Faults.Statuses.GetValueOrDefault((StorvspOperation)BinaryPrimitives.ReadUInt32LittleEndian(packet.Payload));
        Complete(packet, status, answer);
        _state = status == 0 ? next : _state;
    }

    private void QueryVersion(HostPacket packet)
    {
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(packet.Payload.AsSpan(HeaderSize));
        Asked.Add(version);
        byte[] answer = [(byte)version, (byte)(version >> 8), 0, 0];
        if (!Versions.Contains(version))
        {
            Complete(packet, RevisionMismatch, answer);
            return;
        }

        Version = version;
        Advance(packet, State.QueryProperties, answer);
        _requestSize = version >= Win8 ? RequestSize : OlderRequestSize;
    }

    // Requests [process_ready]

    private void ExecuteSrb(HostPacket packet)
    {
        byte[] payload = packet.Payload;
        int length = BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(24));
        if (packet.RangeCount > 1 || length > packet.External.Length || length < 0)
        {
            Die($"{length} bytes of data, in {packet.RangeCount} ranges of {packet.External.Length} bytes");
            return;
        }

        Expect(BinaryPrimitives.ReadUInt16LittleEndian(payload.AsSpan(HeaderSize)) == _requestSize, "a request that does not know its size");
        Expect(payload[20] is > 0 and <= LongestCdb, $"a command of {payload[20]} bytes");
        Expect(payload[21] == (Version >= Win8 ? 20 : 18), $"room for {payload[21]} bytes of sense data");
        Expect(payload[22] <= 2, $"direction {payload[22]}");
        Expect(length <= MaximumTransfer, $"a request of {length} bytes");
        if (Faults.HoldsRequests)
        {
            _held.Add(packet);
        }
        else
        {
            Complete(packet, Execute(packet));
        }
    }

    // [execute_scsi]
    private ScsiResult Execute(HostPacket packet)
    {
        ExecutedCount++;
        byte[] payload = packet.Payload;
        byte target = payload[18];
        byte lun = payload[19];
        bool isRead = payload[22] != 0;
        int room = BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(24));
        byte[] cdb = payload[28..(28 + LongestCdb)];

        // What the guest sends may have changed since the packet came: it is read now.
        byte[] sent = isRead ? [] : [.. packet.Pieces.SelectMany(each => _host.Memory.Span(each.Address, each.Length).ToArray()).Take(room)];
        ScsiResult result = Faults.Answer?.Invoke(cdb) ?? Execute(target, lun, cdb, sent, room);
        if (isRead)
        {
            Scatter(packet, result.Data);
        }

        return result;
    }

    private ScsiResult Execute(byte target, byte lun, byte[] cdb, byte[] sent, int room)
    {
        if (cdb[0] == 0xA0)
        {
            return ReportLuns(target, room);
        }

        if (_disks.TryGetValue((target, lun), out ScsiDisk? disk))
        {
            return disk.Execute(cdb, sent, room);
        }

        if (cdb[0] != 0x12)
        {
            return new ScsiResult(ScsiResult.CheckCondition, ScsiResult.InvalidLun, 0, [], null);
        }

        int wanted = BinaryPrimitives.ReadUInt16BigEndian(cdb.AsSpan(3));
        byte[] data = ScsiDisk.NewInquiryData(AbsentUnit);
        return wanted > room || (cdb[1] & 1) != 0 || cdb[2] != 0
            ? ScsiResult.Refused(ScsiResult.InvalidRequest, ScsiResult.IllegalRequest, 0x24)
            : ScsiResult.Done(data[..Math.Min(wanted, data.Length)]);
    }

    private ScsiResult ReportLuns(byte target, int room)
    {
        byte[] luns = [.. _disks.Keys.Where(each => each.Target == target).Select(each => each.Lun)];
        byte[] data = new byte[8 + (luns.Length * 8)];
        BinaryPrimitives.WriteInt32BigEndian(data, luns.Length * 8);
        for (int i = 0; i < luns.Length; i++)
        {
            data[8 + (i * 8) + 1] = luns[i];
        }

        return ScsiResult.Done(room < 8 ? [] : data[..Math.Min(data.Length, room)]);
    }

    private void Scatter(HostPacket packet, ReadOnlySpan<byte> data)
    {
        foreach ((ulong address, int length) in packet.Pieces)
        {
            int part = Math.Min(length, data.Length);
            data[..part].CopyTo(_host.Memory.Span(address, part));
            data = data[part..];
        }
    }

    private void Reset(StorvspOperation operation, HostPacket packet)
    {
        if (Faults.FlushesOnReset && operation == StorvspOperation.ResetBus)
        {
            foreach (HostPacket held in _held.ToArray())
            {
                _held.Remove(held);
                Complete(held, new ScsiResult(ScsiResult.Good, ScsiResult.Flushed, 0, [], null));
            }
        }

        Complete(packet, Faults.Statuses.GetValueOrDefault(operation));
    }

    // Completions [handle_completion, send_vmbus_packet]

    private void Complete(HostPacket packet, ScsiResult result)
    {
        byte[] answer = new byte[RequestSize];
        BinaryPrimitives.WriteUInt16LittleEndian(answer, RequestSize);
        answer[2] = (byte)(result.Srb | (result.Sense != null ? AutosenseValid : 0));
        answer[3] = result.Status;
        answer[8] = LongestCdb;
        answer[9] = SenseRoom;
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(12), result.Transferred);
        result.Sense?.CopyTo(answer, 16);
        Complete(packet, result.Srb == ScsiResult.Success ? 0 : 0xC000_0185u, answer);
    }

    // Every completion is as long as the packet that it answers, whatever is in it.
    private void Complete(HostPacket packet, uint status, byte[]? answer = null)
    {
        StorvspOperation operation = (StorvspOperation)BinaryPrimitives.ReadUInt32LittleEndian(packet.Payload);
        if (Faults.Unanswered.Contains(operation))
        {
            return;
        }

        byte[]? completion = new byte[Math.Min(packet.Payload.Length, HeaderSize + RequestSize)];
        BinaryPrimitives.WriteUInt32LittleEndian(completion, (uint)StorvspOperation.CompleteIo);
        BinaryPrimitives.WriteUInt32LittleEndian(completion.AsSpan(8), status);
        answer?.AsSpan(0, Math.Min(answer.Length, completion.Length - HeaderSize)).CopyTo(completion.AsSpan(HeaderSize));
        ulong transaction = packet.Transaction;
        if (Faults.TamperCompletion is { } tamper)
        {
            (transaction, completion) = tamper(operation, transaction, completion);
        }

        if (completion != null)
        {
            Channel!.SendCompletion(transaction, completion);
        }
    }
}
