using System;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using ScsiPacket = NetBoot.Uefi.Interop.Raw.EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>
/// Requests to a SCSI controller of Hyper-V's, through its channel: set-up, sending, completions, time. Polled, by whoever waits for a
/// request, and by a timer while there are requests that nobody waits for.
/// </summary>
/// <remarks>
/// <code>
///   requests   Waiting, until the channel is Ready and there is a buffer; Sent, until the host completes it; Over
///
///   buffers    4 runs of 256 KiB, which the host reads and writes:     free, or of the request with that transaction
///              +-------------+-------------+-------------+-------------+
///              |  of 0x0501  |    free     |  of 0x0703  |    free     |
///              +-------------+-------------+-------------+-------------+
///
///   ring       GPA-direct packets: transaction 0x0501, read 16 sectors, into the pages of buffer 0       -> host
///              completions:        transaction 0x0501, SRB status, SCSI status, length, sense data       &lt;- host
/// </code>
/// <para>A host does not take a request back: whoever gives up waiting gives up the result alone, and the host may write the data at any
/// time. So data goes through buffers of ours, at the cost of one copy, and a buffer stays the host's until the completion comes. What the
/// host still has when the controller is stopped is never freed. A new connection is proof too: the host makes one when it is done with all
/// requests of the old one (OpenVMM, vmbus_server).</para>
/// <para>When the channel was established anew underneath (<see cref="VmbusChannel.Generation"/>), it is set up again, and what was sent
/// and not completed is sent again, if it may be done twice, as reading and writing sectors may.</para>
/// <para>Time is the processor's counter: a timer's notifications come as seldom as the firmware's tick, and not while somebody waits above
/// them.</para>
/// <para>All of it runs at <see cref="Tpl"/>, but for waiting.</para>
/// </remarks>
internal sealed unsafe class StorChannel : IDisposable
{
    /// <summary>Where the state is changed.</summary>
    public const nuint Tpl = EFI_TPL.TPL_NOTIFY;

    /// <summary>Bytes of data that a request can have, whatever the host takes.</summary>
    public const int BufferSize = 256 << 10;

    private const uint OutgoingRingPages = 8;
    private const uint IncomingRingPages = 8; // Completions of all requests fit in.

    private const int Capacity = 64;
    private const int BufferCount = 4;
    private const int NoBuffer = -1;
    private const uint SmallestTransfer = 512;
    private const int ReceiveBatch = 256;

    // A transaction is a running number with its request's place in the low bits, or this of what sets the channel up.
    private const ulong NoPlace = 0xFF;
    private const int PlaceBits = 8;

    // Times in microseconds.
    private const uint ShortestStep = 20; // Of waiting, which grows to the timer's with what was waited.
    private const uint Step = 100;
    private const uint TimerPeriod = 1_000; // Or the firmware's tick, which may be 50 times as long.
    private const uint SetUpTime = 5_000_000;
    private const ulong AbsenceTime = 40_000_000; // The longest pause of the bus between two attempts to get a lost connection back, and one.
    private const uint LeaveTime = 1_000_000;

    private readonly VmbusChannel _channel;
    private readonly StorRequest[] _requests = new StorRequest[Capacity];
    private readonly Pages?[] _buffers = new Pages?[BufferCount];
    private readonly ulong[] _owners = new ulong[BufferCount]; // The transaction that the host has a buffer for; 0: none.
    private Event? _timer;
    private StorChannelState _state;
    private EFI_STATUS _failure;
    private uint _generation;
    private int _packetSize;
    private int _version; // Of those that are tried.
    private ulong _asked; // The transaction of the present step of the set-up; 0 while it has not been sent.
    private Clock _clock;
    private ulong _absentSince;
    private bool _isAbsent;
    private ulong _number;
    private ulong _owed;
    private bool _owes;
    private bool _isTimerOn;
    private bool _isQuiet;
    private bool _isSilent;

    private StorChannel(VmbusChannel channel) => _channel = channel;

    /// <summary>Bytes of data that a request can have.</summary>
    public uint MaximumTransfer { get; private set; }

    /// <summary>The version that was agreed on: major and minor in a byte each.</summary>
    public ushort Version => VstorPacket.Versions[_version];

    /// <summary>Whether devices may have come or gone since this was last set to false.</summary>
    public bool HasChanged { get; set; }

    /// <summary>Allocates the buffers, opens the channel, and sets it up.</summary>
    /// <param name="channel">Closed; it is this object's from now on, also when this fails.</param>
    /// <param name="domain">Whose code the timer runs.</param>
    /// <param name="status">Why there is none: EFI_UNSUPPORTED when there is no common version; EFI_TIMEOUT; EFI_DEVICE_ERROR.</param>
    public static StorChannel? Create(VmbusChannel channel, FaultDomain domain, out EFI_STATUS status)
    {
        StorChannel created = new(channel);
        status = created.Start(domain);
        if (status.IsError)
        {
            created.Dispose();
            return null;
        }

        return created;
    }

    /// <summary>Sends a request, and waits until it is over. At <see cref="Tpl"/> or below.</summary>
    /// <returns>EFI_NOT_READY when there are too many requests; EFI_DEVICE_ERROR when the channel has failed; or the request's
    /// result.</returns>
    public EFI_STATUS Execute(in StorRequest request)
    {
        nuint tpl = Firmware.RaiseTpl(Tpl);
        EFI_STATUS status = Add(request, out int place);
        if (!status.IsError)
        {
            ref StorRequest added = ref _requests[place];
            Pump();
            for (uint step = ShortestStep; added.State != StorRequestState.Over; step = Math.Min(step + (step / 8), TimerPeriod))
            {
                Firmware.RestoreTpl(tpl);
                Firmware.Stall(step);
                Firmware.RaiseTpl(Tpl);
                Pump();
            }

            status = added.Status;
            added.State = StorRequestState.Free;
        }

        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>
    /// Sends a request, whose event will be signalled when it is over; not when this fails. At <see cref="Tpl"/> or below.
    /// </summary>
    /// <returns>As <see cref="Execute"/>, before the request is under way.</returns>
    public EFI_STATUS Begin(in StorRequest request)
    {
        nuint tpl = Firmware.RaiseTpl(Tpl);
        EFI_STATUS status = Add(request, out _);
        if (!status.IsError)
        {
            Pump();
            _isTimerOn = _isTimerOn || !_timer!.StartPeriodicTimer(TimerPeriod).IsError;
        }

        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>Takes in what the host has sent. At <see cref="Tpl"/> or below.</summary>
    public void Poll()
    {
        nuint tpl = Firmware.RaiseTpl(Tpl);
        Pump();
        Firmware.RestoreTpl(tpl);
    }

    /// <summary>
    /// Waits for what is under way, as long as hosts take for that, and closes the channel. It neither allocates nor frees.
    /// </summary>
    /// <param name="isLast">Nobody is told any more: at ExitBootServices.</param>
    public void Stop(bool isLast)
    {
        if (_isQuiet)
        {
            return;
        }

        _isQuiet = true;
        _isSilent = isLast;
        for (uint waited = 0; waited < LeaveTime && HasRequests && IsThere; waited += Step)
        {
            Receive();
            SendWaiting();
            Firmware.Stall(Step);
        }

        _channel.Close();
        if (!isLast)
        {
            Fail();
        }
    }

    /// <summary>Stops, and gives the memory back as far as the host has.</summary>
    public void Dispose()
    {
        Stop(isLast: false);
        _timer?.Dispose();
        for (int i = 0; i < BufferCount; i++)
        {
            if (_owners[i] == 0)
            {
                _buffers[i]?.Dispose();
            }
        }

        _channel.Dispose();
    }

    private bool IsThere => _channel.Generation == _generation && !_channel.Poll().IsError;

    // Those of the host's that nobody waits for any more are among them: it may still write.
    private bool HasRequests
    {
        get
        {
            foreach (ulong owner in _owners)
            {
                if (owner != 0)
                {
                    return true;
                }
            }

            foreach (ref readonly StorRequest request in _requests.AsSpan())
            {
                if (request.State == StorRequestState.Sent || (request.State == StorRequestState.Waiting && _state == StorChannelState.Ready))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private EFI_STATUS Start(FaultDomain domain)
    {
        for (int i = 0; i < BufferCount; i++)
        {
            _buffers[i] = Pages.Allocate(BufferSize);
            if (_buffers[i] is null)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            _buffers[i]!.Slice(0, BufferSize).Clear(); // The host sees it.
        }

        _timer = Event.Create(EVT.EVT_NOTIFY_SIGNAL | EVT.EVT_TIMER, Tpl, domain, OnTimer, out EFI_STATUS status);
        if (_timer is null)
        {
            return status;
        }

        _clock = Clock.Calibrate();
        status = _channel.Open(OutgoingRingPages, IncomingRingPages);
        if (status.IsError)
        {
            return status;
        }

        BeginSetUp();
        for (uint waited = 0; waited <= SetUpTime; waited += Step)
        {
            Pump();
            if (_state is StorChannelState.Ready or StorChannelState.Failed)
            {
                return _failure;
            }

            Firmware.Stall(Step);
        }

        return EFI_STATUS.EFI_TIMEOUT;
    }

    // Requests

    private EFI_STATUS Add(in StorRequest request, out int place)
    {
        place = 0;
        Pump(); // A completion may make room.
        if (_isQuiet || _state == StorChannelState.Failed)
        {
            request.Report(ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER);
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        while (place < Capacity && _requests[place].State != StorRequestState.Free)
        {
            place++;
        }

        if (place == Capacity)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        ref StorRequest added = ref _requests[place];
        added = request;
        added.State = StorRequestState.Waiting;
        added.Number = ++_number;
        added.Began = _clock.Now;
        added.Deadline = added.Began + Math.Min(request.Time, ulong.MaxValue - added.Began);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private void Finish(ref StorRequest request, EFI_STATUS status)
    {
        request.Status = status;
        request.State = request.Event.IsNull ? StorRequestState.Over : StorRequestState.Free;
        if (!request.Event.IsNull && !_isSilent)
        {
            Firmware.BootServices->SignalEvent(request.Event);
        }
    }

    /// <summary>Ends a request without the host's word.</summary>
    private void GiveUp(ref StorRequest request, EFI_STATUS status, byte adapter)
    {
        request.Report(adapter);
        Finish(ref request, status);
    }

    /// <summary>
    /// Ends what has taken as long as its caller waits, and what has waited for a host that is away for too long, be it without a limit.
    /// </summary>
    private void Expire(bool isAbsent)
    {
        ulong now = _clock.Now;
        _absentSince = isAbsent && _isAbsent ? _absentSince : now;
        _isAbsent = isAbsent;
        foreach (ref StorRequest request in _requests.AsSpan())
        {
            if (request.State is not (StorRequestState.Waiting or StorRequestState.Sent))
            {
                continue;
            }

            if (now >= request.Deadline)
            {
                GiveUp(ref request, EFI_STATUS.EFI_TIMEOUT, ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND);
            }
            else if (isAbsent && now - Math.Max(_absentSince, request.Began) >= AbsenceTime)
            {
                GiveUp(ref request, EFI_STATUS.EFI_DEVICE_ERROR, ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER);
            }
        }
    }

    /// <summary>Ends all requests. What the host has stays the host's.</summary>
    private void Fail()
    {
        foreach (ref StorRequest request in _requests.AsSpan())
        {
            if (request.State is StorRequestState.Waiting or StorRequestState.Sent)
            {
                GiveUp(ref request, EFI_STATUS.EFI_DEVICE_ERROR, ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER);
            }
        }
    }

    private void Break(EFI_STATUS status)
    {
        _state = StorChannelState.Failed;
        _failure = status;
        Fail();
    }

    // What goes on

    private void OnTimer()
    {
        if (_isQuiet)
        {
            return;
        }

        Pump();
        bool isNeeded = false;
        foreach (ref readonly StorRequest request in _requests.AsSpan())
        {
            isNeeded |= !request.Event.IsNull && request.State is StorRequestState.Waiting or StorRequestState.Sent;
        }

        if (!isNeeded)
        {
            _timer!.CancelTimer();
            _isTimerOn = false;
        }
    }

    /// <summary>Does what there is to do now.</summary>
    private void Pump()
    {
        if (_isQuiet)
        {
            return;
        }

        EFI_STATUS status = _channel.Poll();
        if (status == EFI_STATUS.EFI_NOT_FOUND)
        {
            Break(EFI_STATUS.EFI_DEVICE_ERROR);
            return;
        }

        if (!status.IsError)
        {
            if (_channel.Generation != _generation)
            {
                BeginSetUp();
            }

            Receive();
            Ask();
            SendWaiting();
        }

        Expire(isAbsent: status.IsError || _state != StorChannelState.Ready);
    }

    private void SendWaiting()
    {
        while (_state == StorChannelState.Ready)
        {
            int next = Capacity;
            for (int i = 0; i < Capacity; i++)
            {
                if (_requests[i].State == StorRequestState.Waiting && (next == Capacity || Precedes(_requests[i], _requests[next])))
                {
                    next = i;
                }
            }

            if (next == Capacity || !TrySend(ref _requests[next], next))
            {
                return;
            }
        }
    }

    private static bool Precedes(in StorRequest one, in StorRequest other) =>
        one.IsReset == other.IsReset ? one.Number < other.Number : one.IsReset;

    private bool TrySend(ref StorRequest request, int place)
    {
        if (request.Length > MaximumTransfer)
        {
            // It was not too long before the channel was established anew.
            GiveUp(ref request, EFI_STATUS.EFI_DEVICE_ERROR, ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_DATA_OVERRUN_UNDERRUN);
            return true;
        }

        request.Buffer = NoBuffer;
        if (request.Length != 0)
        {
            request.Buffer = _owners.AsSpan().IndexOf(0ul);
            if (request.Buffer < 0)
            {
                return false;
            }

            if (!request.IsRead)
            {
                new ReadOnlySpan<byte>(request.Data, (int)request.Length).CopyTo(_buffers[request.Buffer]!.Slice(0, BufferSize));
            }
        }

        Span<byte> packet = stackalloc byte[VstorPacket.Size];
        packet = packet.Slice(0, _packetSize);
        VstorPacket.Write(packet, request.Operation);
        VstorPacket.WriteAddress(packet, request.Target, request.Lun);
        if (request.Operation == VstorOperation.ExecuteSrb)
        {
            fixed (byte* cdb = request.Cdb)
            {
                VstorPacket.WriteRequest(
                    packet, new ReadOnlySpan<byte>(cdb, request.CdbLength), request.IsRead, request.Length, request.Seconds);
            }
        }

        ulong transaction = NextTransaction((uint)place);
        EFI_STATUS status;
        if (request.Buffer == NoBuffer)
        {
            status = _channel.Send(packet, transaction, completionRequested: true);
        }
        else
        {
            NETBOOT_VMBUS_GPA_RANGE range = new() { Address = (ulong)_buffers[request.Buffer]!.Address, Size = request.Length };
            status = _channel.SendGpaDirect(
                packet, new ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE>(&range, 1), transaction, completionRequested: true);
        }

        if (status.IsError)
        {
            BreakUnlessLater(status);
            return false;
        }

        request.State = StorRequestState.Sent;
        request.Transaction = transaction;
        if (request.Buffer != NoBuffer)
        {
            _owners[request.Buffer] = transaction;
        }

        return true;
    }

    private void BreakUnlessLater(EFI_STATUS status)
    {
        if (status != EFI_STATUS.EFI_NOT_READY)
        {
            Break(EFI_STATUS.EFI_DEVICE_ERROR);
        }
    }

    private ulong NextTransaction(ulong place) => (++_number << PlaceBits) | place;

    // What comes

    private void Receive()
    {
        for (int i = 0; i < ReceiveBatch && TrySettle() && _channel.TryReceive(out VmbusPacket packet); i++)
        {
            if (packet.Type == VmbusPacketType.Completion)
            {
                TakeCompletion(packet.Transaction, packet.Payload);
                continue;
            }

            HasChanged |= VstorPacket.OperationOf(packet.Payload) is VstorOperation.EnumerateBus or VstorOperation.RemoveDevice;
            _owed = packet.Transaction;
            _owes = packet.CompletionRequested;
        }
    }

    private bool TrySettle()
    {
        if (_owes && _channel.Complete(_owed, default) != EFI_STATUS.EFI_NOT_READY)
        {
            _owes = false;
        }

        return !_owes;
    }

    private void TakeCompletion(ulong transaction, ReadOnlySpan<byte> completion)
    {
        if (transaction == 0)
        {
            return; // Nobody's.
        }

        int buffer = _owners.AsSpan().IndexOf(transaction);
        if (buffer >= 0)
        {
            _owners[buffer] = 0;
        }

        ulong place = transaction & NoPlace;
        if (transaction == _asked)
        {
            TakeAnswer(completion);
        }
        else if (place < Capacity && _requests[place].State == StorRequestState.Sent && _requests[place].Transaction == transaction)
        {
            Complete(ref _requests[place], completion);
        }
    }

    private void Complete(ref StorRequest request, ReadOnlySpan<byte> completion)
    {
        if (!VstorPacket.IsCompletion(completion))
        {
            GiveUp(ref request, EFI_STATUS.EFI_DEVICE_ERROR, ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER);
            return;
        }

        if (request.Packet == null)
        {
            Finish(ref request, VstorPacket.IsSuccess(completion) ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR);
            return;
        }

        byte srb = VstorPacket.SrbStatus(completion);
        uint transferred = SrbStatus.Transferred(srb, VstorPacket.Transferred(completion), request.Length);
        if (transferred > request.Length)
        {
            GiveUp(ref request, EFI_STATUS.EFI_DEVICE_ERROR, ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER);
            return;
        }

        if (request.IsRead && transferred != 0)
        {
            _buffers[request.Buffer]!.Slice(0, (int)transferred).CopyTo(new Span<byte>(request.Data, (int)transferred));
        }

        byte target = VstorPacket.ScsiStatus(completion);
        int senseLength = 0;
        if (target == ScsiPacket.EFI_EXT_SCSI_STATUS_TARGET_CHECK_CONDITION &&
            (srb & VstorPacket.AutosenseValid) != 0)
        {
            senseLength = ScsiSense.Copy(
                VstorPacket.Sense(completion), new Span<byte>(request.Packet->SenseData, request.Packet->SenseDataLength));
        }

        EFI_STATUS status = SrbStatus.ToFirmware(srb, ref target, out byte adapter);
        request.Report(adapter, target, transferred, senseLength);
        Finish(ref request, status);
    }

    // Set-up

    private void BeginSetUp()
    {
        _generation = _channel.Generation;
        _packetSize = VstorPacket.OlderSize;
        _version = 0;
        _owes = false;
        _failure = EFI_STATUS.EFI_SUCCESS;
        HasChanged = true;
        Enter(StorChannelState.Beginning);
        _owners.AsSpan().Clear();
        foreach (ref StorRequest request in _requests.AsSpan())
        {
            if (request.State != StorRequestState.Sent)
            {
                continue;
            }

            if (request.IsRepeatable)
            {
                request.State = StorRequestState.Waiting;
            }
            else
            {
                GiveUp(ref request, EFI_STATUS.EFI_DEVICE_ERROR, ScsiPacket.EFI_EXT_SCSI_STATUS_HOST_ADAPTER_BUS_RESET);
            }
        }
    }

    private void Enter(StorChannelState state)
    {
        _state = state;
        _asked = 0;
    }

    /// <summary>Sends the packet of the present step, unless that is under way.</summary>
    private void Ask()
    {
        if (_asked != 0 || _state is StorChannelState.Ready or StorChannelState.Failed)
        {
            return;
        }

        Span<byte> packet = stackalloc byte[VstorPacket.Size];
        packet = packet.Slice(0, _packetSize);
        VstorPacket.Write(packet, _state switch
        {
            StorChannelState.Beginning => VstorOperation.BeginInitialization,
            StorChannelState.AskingVersion => VstorOperation.QueryProtocolVersion,
            StorChannelState.AskingProperties => VstorOperation.QueryProperties,
            _ => VstorOperation.EndInitialization,
        });
        if (_state == StorChannelState.AskingVersion)
        {
            VstorPacket.WriteVersion(packet, Version);
        }

        ulong transaction = NextTransaction(NoPlace);
        EFI_STATUS status = _channel.Send(packet, transaction, completionRequested: true);
        if (status.IsError)
        {
            BreakUnlessLater(status);
            return;
        }

        _asked = transaction;
    }

    private void TakeAnswer(ReadOnlySpan<byte> completion)
    {
        bool isSuccess = VstorPacket.IsCompletion(completion) && VstorPacket.IsSuccess(completion);
        switch (_state)
        {
            case StorChannelState.Beginning when isSuccess:
                Enter(StorChannelState.AskingVersion);
                break;
            case StorChannelState.AskingVersion when isSuccess:
                _packetSize = Version >= VstorPacket.FirstLargerVersion ? VstorPacket.Size : VstorPacket.OlderSize;
                Enter(StorChannelState.AskingProperties);
                break;
            case StorChannelState.AskingVersion when _version + 1 < VstorPacket.Versions.Length:
                _version++;
                Enter(StorChannelState.AskingVersion);
                break;
            case StorChannelState.AskingVersion:
                Break(EFI_STATUS.EFI_UNSUPPORTED);
                break;
            case StorChannelState.AskingProperties when isSuccess && VstorPacket.MaximumTransfer(completion) >= SmallestTransfer:
                // What is told to callers is a whole number of sectors, whatever their size.
                uint maximum = Math.Min(VstorPacket.MaximumTransfer(completion), BufferSize);
                MaximumTransfer = maximum - (maximum % (maximum >= Pages.PageSize ? Pages.PageSize : SmallestTransfer));
                Enter(StorChannelState.Ending);
                break;
            case StorChannelState.Ending when isSuccess:
                Enter(StorChannelState.Ready);
                break;
            default:
                Break(EFI_STATUS.EFI_DEVICE_ERROR);
                break;
        }
    }
}
