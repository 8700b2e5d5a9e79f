using System;
using System.Buffers.Binary;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>Hyper-V's synthetic network adapter: RNDIS ([MS-RNDIS]) through <see cref="NvspChannel"/>, polled, without offloads.</summary>
/// <remarks>
/// <code>
///   Two rings of packets (the VMBus channel), and one run of memory, of which the host sees the receive buffer (NvspChannel):
///
///              outgoing ring, 8 pages                                incoming ring, 16 pages
///    driver -> | send slot 3 | done 17 | done 18 |  -> host          host -> | frames at 0x2000, 0x2800 | slot 3 is sent | -> driver
///                                                                              |
///    memory    +---------------- receive buffer, 1 MiB ----------------+------ v ------ 128 slots, 64 spares -----+
///              | section | section |  ... written by the host          | slot | slot | ... written by the driver  |
///              +-------------------------------------------------------+-----------------------------------------+
///
///   Received: the host writes RNDIS messages into sections, and a packet that names them (transaction 17). They stay where they are
///   until the driver has read all of a packet and completes its number.
///   Sent: the driver writes an RNDIS message into a free slot and a packet that names it; the slot is free when the host completes it.
///   Control messages (addresses, filters, link) go the same two ways. The host is signalled only when it has read its ring to the end.
/// </code>
/// <para>What the device is (<see cref="State"/>):</para>
/// <code>
///                 the channel opens             all is agreed
///    Down ---------------------------> SettingUp -------------> Ready
///     ^                                 ^    |                    |
///     |                                 |    | refused, silence   |  the channel is another one underneath,
///     |                                 |    v                    |  or a request was not answered and the NIC is opened
///     +--- Quiesce, from each           |   Dead                  |
///                                       +----+---------------------+
/// </code>
/// <para>In SettingUp and Dead nothing goes. On a bus that waits for its host below TPL_NOTIFY only (Microsoft's), SettingUp is between other
/// calls, and Dead is left by <see cref="Repair"/>.</para>
/// <para>The channel is open from the constructor to <see cref="Quiesce"/>, for the address is asked through it, and because not every bus lets
/// a channel be opened at TPL_NOTIFY. A NIC that is closed has its packet filter at zero, with which a host sends no frames.</para>
/// <para>What a frame costs: received, no copy, since the reader gets it where the host has written it, and a completion a packet, which
/// are sent in batches of <see cref="_completionBatch"/> so that most of them need no signal; sent, one copy into its slot, and one
/// packet. A batch is small beside the receive buffer, and never waits: whoever finds the ring empty sends what there is. Only while a request
/// is waited for, of whose answer nobody knows whether the host keeps room for it, frames that nobody has read are moved out of the receive
/// buffer, one copy each: the oldest, until the host has half of the buffer.</para>
/// <para>When the channel was established anew underneath (<see cref="VmbusChannel.Generation"/>), the next call of anything sets the device
/// up again as it was, with its filters; what was being sent is lost, and what was received and not read too.</para>
/// </remarks>
public sealed unsafe class NetvscNic : Nic
{
    /// <summary>The interface type of its channels.</summary>
    public static EFI_GUID InterfaceType => new(0xF8615163, 0xDF3E, 0x46C5, 0x91, 0x3F, 0xF2, 0xD2, 0xF9, 0x65, 0xED, 0x0E);

    // NDIS_PACKET_TYPE_*
    private const uint Directed = 0x01;
    private const uint Multicast = 0x02;
    private const uint AllMulticast = 0x04;
    private const uint Broadcast = 0x08;
    private const uint Promiscuous = 0x20;

    // NDIS_STATUS_*
    private const uint Success = 0;
    private const uint MediaConnect = 0x4001000B;
    private const uint MediaDisconnect = 0x4001000C;
    private const uint NetworkChange = 0x40010018;

    private const uint MaximumTransferSize = 2048; // One frame in a message, and what is said of it.
    private const int MaximumCompletionBatch = 16;
    private const int EthernetMtu = 1500;
    private const int SmallestMtu = 68; // RFC 791, 3.2.

    private readonly NvspChannel _nvsp;
    private readonly NetvscReceiveQueue _queue = new();
    private readonly bool _isPathAnonymous;
    private readonly MacAddress[] _groups = new MacAddress[EFI_SIMPLE_NETWORK_MODE.MAX_MCAST_FILTER_CNT];
    private readonly byte[] _information = new byte[MacAddress.Size];
    private MacAddress _permanent;
    private int _mtu = EthernetMtu;
    private MacAddress _station;
    private ReceiveFilters _filters;
    private int _groupCount;
    private int _completionBatch = 1;
    private int _rangeLimit;
    private uint _nextSpare;
    private uint _lastId;
    private uint _awaitedId;
    private uint _answeredId;
    private uint _answerStatus;
    private int _informationLength;
    private int _slot;
    private uint _linkQueryId;
    private uint _keepAliveId;
    private bool _isKeepAliveDue;
    private bool _isLinkQueryDue;
    private bool _isLinkUp;
    private bool _isLinkTold; // Unasked, which counts: OpenVMM answers that the link is up, whatever it is.
    private State _state;
    private bool _isMute;     // Ready, but it has left a request unanswered, and is asked nothing more.
    private bool _isOpen;

    private enum State
    {
        Down,
        SettingUp,
        Ready,
        Dead,
    }

    private NetvscNic(NvspChannel nvsp, EFI_GUID instance, bool isPathAnonymous)
    {
        _nvsp = nvsp;
        _isPathAnonymous = isPathAnonymous;
        Model = TextBuilder.Format($"Hyper-V Network Adapter {{{instance}}}");
    }

    /// <summary>Opens the channel, sets the device up, and asks for its address.</summary>
    /// <param name="channel">Closed; it is the NIC's from now on, also when this fails.</param>
    /// <param name="isPathAnonymous">See <see cref="Nic.IsPathAnonymous"/>.</param>
    /// <param name="status">Why there is no NIC.</param>
    public static NetvscNic? Create(VmbusChannel channel, bool isPathAnonymous, out EFI_STATUS status)
    {
        EFI_GUID instance = channel.InstanceId;
        NvspChannel? nvsp = NvspChannel.Create(channel, out status);
        if (nvsp is null)
        {
            return null;
        }

        NetvscNic nic = new(nvsp, instance, isPathAnonymous);
        status = nic.SetUp();
        if (!status.IsError && !nic.ReadIdentity())
        {
            status = EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (status.IsError)
        {
            nic.Dispose();
            return null;
        }

        return nic;
    }

    /// <summary>With the instance as Windows shows it.</summary>
    public override string Model { get; }

    /// <inheritdoc/>
    public override MacAddress PermanentAddress => _permanent;

    /// <inheritdoc/>
    public override bool IsPathAnonymous => _isPathAnonymous;

    /// <inheritdoc/>
    public override int Mtu => _mtu;

    /// <inheritdoc/>
    public override int ReceiveRingSize => _nvsp.ReceiveSections;

    /// <inheritdoc/>
    public override bool NeedsRepair => _nvsp.WaitsBelowNotify;

    /// <summary>A device that does not answer any more is set up from nothing, where the bus can do that now.</summary>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        _station = station;
        _filters = ReceiveFilters.None;
        _groupCount = 0;
        bool isUp = IsReady() && !_isMute && TryReadLink();
        if (!isUp && (!TryRestart() || !TryReadLink()))
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        ReceiveErrors = 0;
        _isOpen = true;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>No more frames are let through; those that are there go back to the host.</summary>
    public override void Close()
    {
        if (!_isOpen)
        {
            return;
        }

        _isOpen = false;
        if (_state == State.Ready && _nvsp.IsCurrent)
        {
            while (_queue.FrameCount != 0)
            {
                Drop();
            }

            Flush();
            TrySet(RndisOid.CurrentPacketFilter, 0);
        }
    }

    /// <inheritdoc/>
    public override void Repair()
    {
        if (_state == State.Dead || _isMute)
        {
            TryRestart();
        }
    }

    /// <summary>Closes the channel. Nothing is asked of the device before, since that might have to be waited for.</summary>
    public override void Quiesce()
    {
        _isOpen = false;
        if (_state != State.Down)
        {
            _state = State.Down;
            _nvsp.Close();
        }
    }

    /// <inheritdoc/>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        _filters = filters;
        _groupCount = Math.Min(multicast.Length, _groups.Length);
        multicast.Slice(0, _groupCount).CopyTo(_groups);
        if (_isOpen && IsReady())
        {
            ApplyFilter();
        }
    }

    /// <summary>For another address than its own the device is made promiscuous: a host lets no guest choose its address by itself.</summary>
    public override void SetStation(MacAddress station)
    {
        bool wasForeign = IsForeign;
        _station = station;
        if (IsForeign != wasForeign && _isOpen && IsReady())
        {
            ApplyFilter();
        }
    }

    /// <inheritdoc/>
    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        if (!_isOpen || !IsReady())
        {
            return false;
        }

        if (!_nvsp.TryTakeSlot(out int slot))
        {
            TakeAll(); // Completions are behind the frames that were received.
            if (!_nvsp.TryTakeSlot(out slot))
            {
                return false;
            }
        }

        Span<byte> message = _nvsp.Slot(slot);
        RndisPacket.WriteHeader(message, frame.Length);
        frame.CopyTo(message.Slice(RndisPacket.HeaderSize));
        return TrySend(slot, RndisPacket.HeaderSize + frame.Length, isControl: false);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        if (!_isOpen || !IsReady() || !TryFill())
        {
            return default;
        }

        _queue.TryPeek(out int offset, out int length);
        return _nvsp.Received(offset, length);
    }

    /// <inheritdoc/>
    public override void Release()
    {
        if (_queue.FrameCount == 0)
        {
            return;
        }

        _queue.Release();
        if (_queue.FreedCount >= _completionBatch)
        {
            Flush();
        }
    }

    /// <summary>What the host has said last; while the connection to it is being established anew, what it said before.</summary>
    public override bool IsLinkUp()
    {
        if (!IsReady())
        {
            return false;
        }

        TryFill();
        _nvsp.Poll();
        return _isLinkUp && !_nvsp.IsGone;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Quiesce();
        _nvsp.Dispose();
    }

    private bool IsForeign => _station != _permanent;

    // Set-up

    /// <summary>Whether the device is set up. After the channel was established anew, it is made so.</summary>
    private bool IsReady()
    {
        if (!_nvsp.IsCurrent && _state is State.Ready or State.Dead && !SetUp().IsError)
        {
            if (_isOpen)
            {
                ApplyFilter();
            }

            TryReadLink();
        }

        return _state == State.Ready;
    }

    // From whatever there is to a device that was set up anew. Not while somebody else does it, nor after the end.
    private bool TryRestart()
    {
        if (_state is State.SettingUp or State.Down || !_nvsp.CanReopen)
        {
            return false;
        }

        _state = State.SettingUp;
        _nvsp.Reset();
        if (!_nvsp.CanReopen || _nvsp.Open().IsError)
        {
            _state = State.Dead;
            return false;
        }

        return !SetUp().IsError;
    }

    private EFI_STATUS SetUp()
    {
        _state = State.SettingUp;
        _queue.Clear();
        _isMute = false;
        _isLinkTold = false;
        _isKeepAliveDue = false;
        _isLinkQueryDue = false;
        EFI_STATUS status = _nvsp.Start();
        if (!status.IsError)
        {
            _completionBatch = Math.Clamp(_nvsp.ReceiveSections / 16, 1, MaximumCompletionBatch);
            _rangeLimit = Math.Min(_nvsp.ReceiveSections, NetvscReceiveQueue.Capacity) / 2;
            bool isInitialized = TryBegin(out Span<byte> message) &&
                TryAsk(RndisRequest.WriteInitialize(message, _awaitedId, MaximumTransferSize)) && _answerStatus == Success;
            status = isInitialized ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;
        }

        _state = status.IsError ? State.Dead : State.Ready;
        return status;
    }

    private bool ReadIdentity()
    {
        bool isKnown = TryReadAddress(RndisOid.PermanentAddress) || TryReadAddress(RndisOid.CurrentAddress);
        _station = _permanent;
        if (TryQuery(RndisOid.MaximumFrameSize) && TryReadWord(out uint mtu) && mtu is >= SmallestMtu and < EthernetMtu)
        {
            _mtu = (int)mtu;
        }

        return isKnown;
    }

    private bool TryReadAddress(RndisOid oid)
    {
        if (!TryQuery(oid) || _informationLength < MacAddress.Size)
        {
            return false;
        }

        MacAddress address = new(_information);
        _permanent = address;
        return address.IsStation;
    }

    private bool TryReadLink()
    {
        if (!TryBegin(out Span<byte> message))
        {
            return false;
        }

        _linkQueryId = _awaitedId;
        return TryAsk(RndisRequest.WriteQuery(message, _awaitedId, RndisOid.MediaConnectStatus));
    }

    // Filters

    private void ApplyFilter()
    {
        ReceiveFilters wanted = _filters;
        uint filter = 0;
        filter |= Has(wanted, ReceiveFilters.Unicast) ? Directed : 0;
        filter |= Has(wanted, ReceiveFilters.Broadcast) ? Broadcast : 0;
        filter |= Has(wanted, ReceiveFilters.PromiscuousMulticast) ? AllMulticast : 0;
        filter |= Has(wanted, ReceiveFilters.Promiscuous) ? Promiscuous : 0;
        if (Has(wanted, ReceiveFilters.Multicast))
        {
            filter |= TrySetGroups() ? Multicast : AllMulticast; // What is too much the SNP drops.
        }

        if (IsForeign && wanted != 0)
        {
            filter |= Promiscuous;
        }

        TrySet(RndisOid.CurrentPacketFilter, filter);
    }

    private static bool Has(ReceiveFilters filters, ReceiveFilters bit) => (filters & bit) != 0;

    private bool TrySetGroups()
    {
        Span<byte> list = stackalloc byte[EFI_SIMPLE_NETWORK_MODE.MAX_MCAST_FILTER_CNT * MacAddress.Size];
        for (int i = 0; i < _groupCount; i++)
        {
            _groups[i].CopyTo(list.Slice(i * MacAddress.Size));
        }

        return TrySet(RndisOid.MulticastList, list.Slice(0, _groupCount * MacAddress.Size));
    }

    // Requests: one at a time, each waited for. A device that leaves one unanswered is asked nothing more until it is opened again.

    private bool TrySet(RndisOid oid, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return TrySet(oid, bytes);
    }

    private bool TrySet(RndisOid oid, ReadOnlySpan<byte> value) =>
        TryBegin(out Span<byte> message) && TryAsk(RndisRequest.WriteSet(message, _awaitedId, oid, value)) && _answerStatus == Success;

    private bool TryQuery(RndisOid oid) =>
        TryBegin(out Span<byte> message) && TryAsk(RndisRequest.WriteQuery(message, _awaitedId, oid)) && _answerStatus == Success;

    private bool TryReadWord(out uint value)
    {
        value = _informationLength >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(_information) : 0;
        return _informationLength >= sizeof(uint);
    }

    /// <summary>Waits for a slot, and numbers a request that is to be written there.</summary>
    private bool TryBegin(out Span<byte> message)
    {
        for (uint waited = 0; !_isMute && waited <= NvspChannel.Timeout; waited += NvspChannel.Step)
        {
            if (_nvsp.TryTakeSlot(out _slot))
            {
                _awaitedId = NextId();
                message = _nvsp.Slot(_slot);
                return true;
            }

            if (!TryWait())
            {
                break;
            }
        }

        _isMute = true;
        message = default;
        return false;
    }

    /// <summary>Sends the request that was written, and waits for its answer.</summary>
    private bool TryAsk(int length)
    {
        bool isSent = false;
        for (uint waited = 0; waited <= NvspChannel.Timeout; waited += NvspChannel.Step)
        {
            isSent = isSent || _nvsp.TrySend(_slot, length, isControl: true);
            Drain();
            if (_answeredId == _awaitedId)
            {
                return true;
            }

            if (!TryWait())
            {
                break;
            }
        }

        if (!isSent)
        {
            _nvsp.Return(_slot);
        }

        _isMute = true;
        return false;
    }

    private uint NextId()
    {
        _lastId = _lastId == uint.MaxValue ? 1 : _lastId + 1;
        return _lastId;
    }

    private bool TrySend(int slot, int length, bool isControl)
    {
        if (_nvsp.TrySend(slot, length, isControl))
        {
            return true;
        }

        _nvsp.Return(slot);
        return false;
    }

    private bool TryWait()
    {
        Drain();
        if (!_nvsp.Poll())
        {
            return false;
        }

        Firmware.Stall(NvspChannel.Step);
        return true;
    }

    // What comes

    /// <summary>Takes packets until there is a frame to read. Where there is none, the host gets back all that was read.</summary>
    private bool TryFill()
    {
        for (int i = 0; i < ReceiveRingSize && _queue.FrameCount == 0; i++)
        {
            if (!TryTakePacket())
            {
                Flush();
                break;
            }
        }

        return _queue.FrameCount != 0;
    }

    /// <summary>Takes what is in the ring, for what lies behind the frames there. Those stay where they are.</summary>
    private void TakeAll()
    {
        for (int i = 0; i < ReceiveRingSize && TryTakePacket(); i++)
        {
        }

        Flush();
    }

    /// <summary>As <see cref="TakeAll"/>, for an answer that the host needs a part of the receive buffer for.</summary>
    private void Drain()
    {
        for (int i = 0; i <= ReceiveRingSize; i++)
        {
            MakeRoom();
            if (!TryTakePacket())
            {
                break;
            }
        }

        Flush();
    }

    // Moves the oldest frames out of the receive buffer, where the host has less than half of that. Of more than there is room for, the
    // oldest are dropped.
    private void MakeRoom()
    {
        while (_queue.HeldRanges > _rangeLimit && _queue.TryPeekHeld(out int offset, out int length))
        {
            if (_queue.MovedCount == NvspChannel.SpareCount)
            {
                Drop();
            }

            int spare = NvspChannel.Spare(_nextSpare++);
            _nvsp.Received(offset, length).CopyTo(_nvsp.Received(spare, length));
            _queue.Move(spare);
        }
    }

    private void Drop()
    {
        _queue.Release();
        ReceiveErrors++;
    }

    private void Flush()
    {
        while (_queue.TryGetFreedPacket(out ulong transaction) && _nvsp.TryComplete(transaction))
        {
            _queue.Complete();
        }
    }

    private bool TryTakePacket()
    {
        if (!_queue.HasRoomForPacket)
        {
            Flush();
        }

        if (!_queue.HasRoomForPacket || !_nvsp.TryReceive(out VmbusPacket packet))
        {
            SendWhatIsDue(); // A completion may have freed a slot.
            return false;
        }

        if (NvspChannel.IsRndis(packet))
        {
            foreach (ref readonly NETBOOT_VMBUS_TRANSFER_RANGE range in packet.Ranges)
            {
                if (range.Offset > NvspChannel.ReceiveBufferSize || range.Size > NvspChannel.ReceiveBufferSize - range.Offset)
                {
                    ReceiveErrors++;
                    continue;
                }

                TakeMessage((int)range.Offset, _nvsp.Received((int)range.Offset, (int)range.Size));
            }
        }

        _queue.EndPacket(packet.Transaction, packet.Ranges.Length);
        SendWhatIsDue();
        return true;
    }

    private void TakeMessage(int offset, Span<byte> bytes)
    {
        if (!RndisMessage.TryParse(bytes, out RndisMessage message))
        {
            ReceiveErrors++;
            return;
        }

        switch (message.Type)
        {
            case RndisMessageType.Packet:
                TakeFrame(offset, bytes);
                break;
            case RndisMessageType.InitializeComplete:
            case RndisMessageType.QueryComplete:
            case RndisMessageType.SetComplete:
                TakeAnswer(message);
                break;
            case RndisMessageType.IndicateStatus:
                TakeIndication(message.Indication);
                break;
            case RndisMessageType.KeepAlive:
                _keepAliveId = message.RequestId;
                _isKeepAliveDue = true;
                break;
        }
    }

    private void TakeFrame(int offset, Span<byte> bytes)
    {
        if (!_isOpen)
        {
            return;
        }

        if (!RndisPacket.TryParse(bytes, out RndisPacket packet))
        {
            ReceiveErrors++;
            return;
        }

        int at = packet.Offset;
        int length = packet.Length;
        if (packet.Tag != 0 && IsFrameSize(length) && IsFrameSize(length + RndisPacket.TagSize))
        {
            // The header before the frame has been read, and is longer than a tag.
            at -= RndisPacket.TagSize;
            length += RndisPacket.TagSize;
            RndisPacket.InsertTag(bytes.Slice(at, length), packet.Tag);
        }

        if (!IsFrameSize(length) || !_queue.TryAdd(offset + at, length))
        {
            ReceiveErrors++;
        }
    }

    // Late answers are of requests that nobody waits for any more, except for the link's.
    private void TakeAnswer(in RndisMessage message)
    {
        uint id = message.RequestId;
        ReadOnlySpan<byte> information = message.Type == RndisMessageType.QueryComplete ? message.Information : default;
        uint status = message.Status;
        if (id != 0 && id == _linkQueryId && !_isLinkTold && status == Success && information.Length >= sizeof(uint))
        {
            _isLinkUp = BinaryPrimitives.ReadUInt32LittleEndian(information) == 0;
        }

        if (id == _awaitedId)
        {
            _answeredId = id;
            _answerStatus = status;
            _informationLength = Math.Min(information.Length, _information.Length);
            information.Slice(0, _informationLength).CopyTo(_information);
        }
    }

    // All others, whole or malformed, say nothing that matters here: 0x40020006 tells of offloads.
    private void TakeIndication(uint status)
    {
        switch (status)
        {
            case MediaConnect:
            case MediaDisconnect:
                _isLinkUp = status == MediaConnect;
                _isLinkTold = true;
                break;
            case NetworkChange:
                _isLinkTold = false;
                _isLinkQueryDue = true;
                break;
        }
    }

    // When there is no slot or no room in the ring, the next look is another chance.
    private void SendWhatIsDue()
    {
        if (_isKeepAliveDue && _nvsp.TryTakeSlot(out int slot))
        {
            int length = RndisRequest.WriteKeepAliveComplete(_nvsp.Slot(slot), _keepAliveId);
            _isKeepAliveDue = !TrySend(slot, length, isControl: true);
        }

        if (_isLinkQueryDue && _nvsp.TryTakeSlot(out slot))
        {
            _linkQueryId = NextId();
            int length = RndisRequest.WriteQuery(_nvsp.Slot(slot), _linkQueryId, RndisOid.MediaConnectStatus);
            _isLinkQueryDue = !TrySend(slot, length, isControl: true);
        }
    }
}
