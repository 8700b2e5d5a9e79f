using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Snp;

/// <summary>
/// EFI_SIMPLE_NETWORK_PROTOCOL (UEFI 2.10, 24.1) over a <see cref="Nic"/>: the states, the checks of every parameter, the receive
/// filter, the statistics and the recycling of transmit buffers, once for all NICs. What firmware calls is in
/// <see cref="SimpleNetworkEntries"/>; here is what each function does, named as in the specification.
/// </summary>
/// <remarks>
/// <para>States, and what leads from one to the other:</para>
/// <code>
///            Start               Initialize
///  Stopped --------> Started -----------------> Initialized      Reset stays in Initialized.
///          &lt;--------         &lt;-----------------
///             Stop                Shutdown
/// </code>
/// <para>The NIC is open in Initialized only. Every function but Start answers NOT_STARTED in Stopped; in Started, all that need
/// the hardware answer DEVICE_ERROR.</para>
/// <para>A frame is copied once in each direction: from the client's buffer into the transmit ring, after which the buffer is the
/// client's again (GetStatus says so, one buffer a call), and from the receive ring, which is the receive queue, into the client's
/// buffer. Nothing here allocates once it is made.</para>
/// <para>Every entry runs at TPL_NOTIFY, one above what the specification lets clients call at, so that WaitForPacket's
/// notification, which has to run even when it is checked at TPL_CALLBACK, never comes in between.</para>
/// </remarks>
internal sealed unsafe class SimpleNetwork : IDisposable
{
    /// <summary>Where all entries run.</summary>
    public const nuint Tpl = EFI_TPL.TPL_NOTIFY;

    private const int HeaderSize = Nic.MinimumFrameSize;
    private const uint ReceiveInterrupt = EFI_SIMPLE_NETWORK_PROTOCOL.EFI_SIMPLE_NETWORK_RECEIVE_INTERRUPT;
    private const uint TransmitInterrupt = EFI_SIMPLE_NETWORK_PROTOCOL.EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT;
    private const ulong NotCounted = ulong.MaxValue;

    private readonly NicDevice _device;
    private readonly Nic _nic;
    private readonly Block* _block;
    private readonly EFI_SIMPLE_NETWORK_MODE* _mode;
    private Event? _waitForPacket;
    private Event? _negotiation; // A timer, of a NIC that negotiates.

    private readonly nuint _longestFrame;
    private readonly RecycledBuffers _recycled = new();
    private readonly MacAddress[] _groups = new MacAddress[EFI_SIMPLE_NETWORK_MODE.MAX_MCAST_FILTER_CNT];
    private int _groupCount;
    private MacAddress _station;
    private EFI_NETWORK_STATISTICS _statistics;
    private ulong _errorsBefore; // Nic.ReceiveErrors when the statistics were reset, or the NIC opened.
    private bool _hasTransmitted; // Since the interrupt status was last read.
    private bool _isNegotiating; // The timer runs.
    private bool _isAnnounced;    // The frame at the head of the ring was told of by an interrupt status.

    private SimpleNetwork(NicDevice device, Nic nic, Block* block)
    {
        _device = device;
        _nic = nic;
        _block = block;
        _mode = &block->Mode;
        _station = nic.PermanentAddress;
        _longestFrame = (nuint)(Nic.MaximumFrameSize - Nic.MaximumMtu + nic.Mtu);
    }

    /// <summary>What a fault in here takes out of service.</summary>
    public FaultDomain Device => _device;

    public EFI_SIMPLE_NETWORK_PROTOCOL* Protocol => &_block->Network.Protocol;
    public EFI_ADAPTER_INFORMATION_PROTOCOL* AdapterInformation => &_block->Information.Protocol;

    /// <summary>What the client has set, which is in the mode that it sees.</summary>
    private ReceiveFilters Setting => (ReceiveFilters)_mode->ReceiveFilterSetting;

    /// <summary>What firmware and its clients see, in pool memory.</summary>
    private struct Block
    {
        public ProtocolInstance<EFI_SIMPLE_NETWORK_PROTOCOL> Network;
        public ProtocolInstance<EFI_ADAPTER_INFORMATION_PROTOCOL> Information;
        public EFI_SIMPLE_NETWORK_MODE Mode;
    }

    /// <summary>Makes the protocols, not installed, in state Stopped. On failure nothing is left.</summary>
    public static SimpleNetwork? Create(NicDevice device, Nic nic, out EFI_STATUS status)
    {
        Block* block = Pool.Allocate<Block>();
        if (block == null)
        {
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
            return null;
        }

        SimpleNetwork self = new(device, nic, block);
        self._waitForPacket = Event.Create(EVT.EVT_NOTIFY_WAIT, Tpl, device, self.SignalWhenReadable, out status);
        if (self._waitForPacket is not null && nic.NegotiationTime != 0)
        {
            self._negotiation = Event.Create(EVT.EVT_TIMER | EVT.EVT_NOTIFY_SIGNAL, Tpl, device, self.EndNegotiation, out status);
        }

        if (status.IsError)
        {
            self._waitForPacket?.Dispose();
            Pool.Free(block);
            return null;
        }

        self.InitializeMode();
        self.ResetStatistics();
        block->Network.Owner = ObjectReference.To(self);
        block->Information.Owner = block->Network.Owner;
        SimpleNetworkEntries.Fill(&block->Network.Protocol);
        block->Network.Protocol.WaitForPacket = self._waitForPacket!.Handle;
        block->Network.Protocol.Mode = self._mode;
        AdapterInformationEntries.Fill(&block->Information.Protocol);
        return self;
    }

    private void InitializeMode()
    {
        _mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped;
        _mode->HwAddressSize = MacAddress.Size;
        _mode->MediaHeaderSize = HeaderSize;
        _mode->MaxPacketSize = (uint)_nic.Mtu;
        _mode->ReceiveFilterMask = (uint)ReceiveFilters.All;
        _mode->MaxMCastFilterCount = EFI_SIMPLE_NETWORK_MODE.MAX_MCAST_FILTER_CNT;
        _mode->IfType = 1; // Ethernet
        _mode->MacAddressChangeable = 1;
        _mode->MultipleTxSupported = 1;
        _mode->MediaPresentSupported = _nic.ReportsLink ? (byte)1 : (byte)0;
        _mode->MediaPresent = 1; // Until the NIC is open and can tell.
        Set(&_mode->CurrentAddress, _station);
        Set(&_mode->PermanentAddress, _nic.PermanentAddress);
        Set(&_mode->BroadcastAddress, MacAddress.Broadcast);
    }

    /// <summary>To state Stopped from any state, with the NIC closed; the buffers under way are their owners'.</summary>
    public void Close()
    {
        if (_mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized)
        {
            Shutdown();
        }

        _mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped;
    }

    /// <summary>Gives everything back; the protocols are not installed any more.</summary>
    public void Dispose()
    {
        Close();
        _waitForPacket?.Dispose();
        _negotiation?.Dispose();
        _block->Network.Owner.Free();
        Pool.Free(_block);
    }

    // UEFI 2.10, 24.1.3 to 24.1.7: the states

    public EFI_STATUS Start()
    {
        if (_mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        _mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted;
        ResetStatistics();
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Stop()
    {
        switch (_mode->State)
        {
            case EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped:
                return EFI_STATUS.EFI_NOT_STARTED;
            case EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted:
                _mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped;
                return EFI_STATUS.EFI_SUCCESS;
            default:
                return EFI_STATUS.EFI_DEVICE_ERROR;
        }
    }

    /// <summary>The extra buffers that a client may ask for are not used, which is left to us (UEFI 2.10, 24.1.5).</summary>
    public EFI_STATUS Initialize()
    {
        switch (_mode->State)
        {
            case EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped:
                return EFI_STATUS.EFI_NOT_STARTED;
            case EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted:
                break;
            default:
                return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        EFI_STATUS status = Open();
        if (!status.IsError)
        {
            _mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized;
        }

        return status;
    }

    /// <summary>The queues are emptied; filters, station address and statistics stay (UEFI 2.10, 24.1.6).</summary>
    public EFI_STATUS Reset()
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        CloseNic();
        status = Open();
        if (status.IsError)
        {
            ReturnToStarted();
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        ApplyFilter();
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Shutdown()
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        CloseNic();
        ReturnToStarted();
        return EFI_STATUS.EFI_SUCCESS;
    }

    // A NIC that is opened again begins with every filter off.
    private void ReturnToStarted()
    {
        _mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted;
        _mode->ReceiveFilterSetting = 0;
        SetGroups(null, 0);
    }

    // UEFI 2.10, 24.1.8: receive filters

    public EFI_STATUS SetReceiveFilters(uint enable, uint disable, bool resetGroups, nuint groupCount, EFI_MAC_ADDRESS* groups)
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        if (((enable | disable) & ~_mode->ReceiveFilterMask) != 0)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (resetGroups)
        {
            groupCount = 0;
            disable |= (uint)ReceiveFilters.Multicast; // Whatever else is asked for: an empty list filters everything.
        }

        bool enablesGroups = (enable & ~disable & (uint)ReceiveFilters.Multicast) != 0;
        if (groupCount == 0 ? enablesGroups : !AreGroups(groups, groupCount))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (resetGroups || groupCount != 0)
        {
            SetGroups(groups, (int)groupCount);
        }

        _mode->ReceiveFilterSetting = (_mode->ReceiveFilterSetting | enable) & ~disable;
        ApplyFilter();
        return EFI_STATUS.EFI_SUCCESS;
    }

    private bool AreGroups(EFI_MAC_ADDRESS* groups, nuint count)
    {
        if (count > _mode->MaxMCastFilterCount || groups == null)
        {
            return false;
        }

        for (nuint i = 0; i < count; i++)
        {
            if (!Get(groups + i).IsMulticast)
            {
                return false;
            }
        }

        return true;
    }

    private void SetGroups(EFI_MAC_ADDRESS* groups, int count)
    {
        for (int i = 0; i < _groups.Length; i++)
        {
            EFI_MAC_ADDRESS address = i < count ? groups[i] : default;
            _mode->MCastFilter[i] = address;
            _groups[i] = Get(&address);
        }

        _groupCount = count;
        _mode->MCastFilterCount = (uint)count;
    }

    private void ApplyFilter() => _nic.SetFilter(Setting, new ReadOnlySpan<MacAddress>(_groups, 0, _groupCount));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsWanted(MacAddress destination)
    {
        ReceiveFilters setting = Setting;
        if ((setting & ReceiveFilters.Promiscuous) != 0)
        {
            return true;
        }

        if (!destination.IsMulticast)
        {
            return (setting & ReceiveFilters.Unicast) != 0 && destination == _station;
        }

        if (destination.IsBroadcast)
        {
            return (setting & ReceiveFilters.Broadcast) != 0;
        }

        return (setting & ReceiveFilters.PromiscuousMulticast) != 0 || ((setting & ReceiveFilters.Multicast) != 0 && IsGroup(destination));
    }

    private bool IsGroup(MacAddress destination)
    {
        for (int i = 0; i < _groupCount; i++)
        {
            if (_groups[i] == destination)
            {
                return true;
            }
        }

        return false;
    }

    // UEFI 2.10, 24.1.9 to 24.1.12: address, statistics, multicast addresses, NVRAM

    public EFI_STATUS StationAddress(bool reset, EFI_MAC_ADDRESS* address)
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        if (!reset && (address == null || !Get(address).IsStation))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        _mode->CurrentAddress = reset ? _mode->PermanentAddress : *address;
        _station = Get(&_mode->CurrentAddress);
        _nic.SetStation(_station);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Resets the counters, or collects them: a reset leaves the size and the table as they are (UEFI 2.10, 24.1.10).</summary>
    public EFI_STATUS Statistics(bool reset, nuint* size, EFI_NETWORK_STATISTICS* table)
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        if (size == null && table != null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (reset)
        {
            ResetStatistics();
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (size == null)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        EFI_NETWORK_STATISTICS now = CurrentStatistics();
        int whole = sizeof(EFI_NETWORK_STATISTICS);
        int copied = table == null ? 0 : (int)Math.Min(*size, (nuint)whole);
        new ReadOnlySpan<byte>(&now, copied).CopyTo(new Span<byte>(table, copied));
        *size = (nuint)whole;
        return copied < whole ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS;
    }

    private void ResetStatistics()
    {
        _statistics = default;
        _statistics.RxUndersizeFrames = NotCounted;
        _statistics.RxOversizeFrames = NotCounted;
        _statistics.RxCrcErrorFrames = NotCounted;
        _statistics.TxUndersizeFrames = NotCounted;
        _statistics.TxOversizeFrames = NotCounted;
        _statistics.TxDroppedFrames = NotCounted;
        _statistics.TxCrcErrorFrames = NotCounted;
        _statistics.Collisions = NotCounted;
        _statistics.UnsupportedProtocol = NotCounted;
        _statistics.RxDuplicatedFrames = NotCounted;
        _statistics.RxDecryptErrorFrames = NotCounted;
        _statistics.TxErrorFrames = NotCounted;
        _statistics.TxRetryFrames = NotCounted;
        _errorsBefore = _nic.ReceiveErrors;
    }

    private EFI_NETWORK_STATISTICS CurrentStatistics()
    {
        TakeErrors();
        EFI_NETWORK_STATISTICS now = _statistics;
        now.RxTotalFrames = now.RxGoodFrames + now.RxDroppedFrames;
        now.TxGoodFrames = now.TxTotalFrames;
        return now;
    }

    private void TakeErrors()
    {
        _statistics.RxDroppedFrames += _nic.ReceiveErrors - _errorsBefore;
        _errorsBefore = _nic.ReceiveErrors;
    }

    /// <summary>RFC 1112, 6.4 (the low 23 bits behind 01-00-5E) and RFC 2464, 7 (the low 32 bits behind 33-33).</summary>
    public EFI_STATUS MCastIpToMac(bool isIPv6, EFI_IP_ADDRESS* ip, EFI_MAC_ADDRESS* mac)
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        if (ip == null || mac == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ReadOnlySpan<byte> address = new(ip, 16);
        if (isIPv6 ? address[0] != 0xFF : (address[0] & 0xF0) != 0xE0)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Set(mac, new MacAddress(isIPv6
            ? 0x3333 | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(address.Slice(12)) << 16)
            : 0x5E0001 | ((ulong)(BinaryPrimitives.ReadUInt32LittleEndian(address) & 0xFFFF7F00) << 16)));
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>No NIC of ours has an NVRAM (Mode.NvRamSize is 0).</summary>
    public EFI_STATUS NvData()
    {
        EFI_STATUS status = CheckInitialized();
        return status.IsError ? status : EFI_STATUS.EFI_UNSUPPORTED;
    }

    // UEFI 2.10, 24.1.13 to 24.1.15: frames

    /// <summary>
    /// The link is looked at when there is nothing to recycle: asking the device is slow, and a client that polls gets to that at the
    /// latest with the next call.
    /// </summary>
    public EFI_STATUS GetStatus(uint* interrupts, void** buffer)
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        if (interrupts == null && buffer == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        void* recycled = null;
        if (buffer != null)
        {
            recycled = (void*)_recycled.Take();
            *buffer = recycled;
        }

        if (interrupts != null)
        {
            *interrupts = TakeInterrupts();
        }

        if (recycled == null)
        {
            UpdateMedia();
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    // As interrupts that a device latches: one for each frame that comes to the head of the queue, one for what was transmitted.
    private uint TakeInterrupts()
    {
        uint active = 0;
        if (_hasTransmitted)
        {
            active |= TransmitInterrupt;
            _hasTransmitted = false;
        }

        if (!_isAnnounced && !PeekWanted(out _).IsEmpty)
        {
            active |= ReceiveInterrupt;
            _isAnnounced = true;
        }

        return active;
    }

    public EFI_STATUS Transmit(
        nuint headerSize, nuint size, void* buffer, EFI_MAC_ADDRESS* source, EFI_MAC_ADDRESS* destination, ushort* protocol)
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        if (buffer == null || (headerSize != 0 && (headerSize != HeaderSize || destination == null || protocol == null)))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (size < HeaderSize)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        if (size > _longestFrame)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (_recycled.IsFull)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        Span<byte> frame = new(buffer, (int)size);
        if (headerSize != 0)
        {
            Get(destination).CopyTo(frame);
            (source == null ? _station : Get(source)).CopyTo(frame.Slice(MacAddress.Size));
            BinaryPrimitives.WriteUInt16BigEndian(frame.Slice(2 * MacAddress.Size), *protocol);
        }

        if (!_nic.TryTransmit(frame))
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        _recycled.Add((nint)buffer);
        _hasTransmitted = true;
        CountTransmitted(new MacAddress(frame), frame.Length);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EFI_STATUS Receive(
        nuint* headerSize, nuint* size, void* buffer, EFI_MAC_ADDRESS* source, EFI_MAC_ADDRESS* destination, ushort* protocol)
    {
        EFI_STATUS status = CheckInitialized();
        if (status.IsError)
        {
            return status;
        }

        if (size == null || buffer == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ReadOnlySpan<byte> frame = PeekWanted(out MacAddress to);
        if (frame.IsEmpty)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        nuint room = *size;
        *size = (nuint)frame.Length;
        if (room < (nuint)frame.Length)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        frame.CopyTo(new Span<byte>(buffer, frame.Length));
        if (headerSize != null)
        {
            *headerSize = HeaderSize;
        }

        if (destination != null)
        {
            Put(destination, to);
        }

        if (source != null)
        {
            Put(source, new MacAddress(frame.Slice(MacAddress.Size)));
        }

        if (protocol != null)
        {
            *protocol = BinaryPrimitives.ReadUInt16BigEndian(frame.Slice(2 * MacAddress.Size));
        }

        CountReceived(to, frame.Length);
        Release();
        return EFI_STATUS.EFI_SUCCESS;
    }

    // The oldest frame that the filter lets through. What it does not is dropped, at most a ring of it in one call.
    private ReadOnlySpan<byte> PeekWanted(out MacAddress destination)
    {
        for (int i = _nic.ReceiveRingSize; i > 0; i--)
        {
            ReadOnlySpan<byte> frame = _nic.Peek();
            if (frame.IsEmpty)
            {
                break;
            }

            destination = new MacAddress(frame);
            if (IsWanted(destination))
            {
                return frame;
            }

            Release();
        }

        destination = default;
        return default;
    }

    private void Release()
    {
        _nic.Release();
        _isAnnounced = false;
    }

    private void SignalWhenReadable()
    {
        if (_mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized && !PeekWanted(out _).IsEmpty)
        {
            _waitForPacket!.Signal();
        }
    }

    private void CountTransmitted(MacAddress destination, int length)
    {
        _statistics.TxTotalFrames++;
        _statistics.TxTotalBytes += (ulong)length;
        if (!destination.IsMulticast)
        {
            _statistics.TxUnicastFrames++;
        }
        else if (destination.IsBroadcast)
        {
            _statistics.TxBroadcastFrames++;
        }
        else
        {
            _statistics.TxMulticastFrames++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountReceived(MacAddress destination, int length)
    {
        _statistics.RxGoodFrames++;
        _statistics.RxTotalBytes += (ulong)length;
        if (!destination.IsMulticast)
        {
            _statistics.RxUnicastFrames++;
        }
        else if (destination.IsBroadcast)
        {
            _statistics.RxBroadcastFrames++;
        }
        else
        {
            _statistics.RxMulticastFrames++;
        }
    }

    /// <summary>
    /// EFI_ADAPTER_INFO_MEDIA_STATE (UEFI 2.10, 11.12.5), in every state; while the NIC is closed, what was last known. EFI_NOT_READY is
    /// what makes firmware wait for a link.
    /// </summary>
    public EFI_STATUS MediaState()
    {
        bool isOpen = _mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized;
        if (isOpen)
        {
            UpdateMedia();
        }

        return _mode->MediaPresent != 0 ? EFI_STATUS.EFI_SUCCESS
            : isOpen && _isNegotiating ? EFI_STATUS.EFI_NOT_READY
            : EFI_STATUS.EFI_NO_MEDIA;
    }

    private void UpdateMedia()
    {
        bool isUp = _nic.IsLinkUp();
        if (!isUp && _mode->MediaPresent != 0)
        {
            _isNegotiating = _negotiation is not null && !_negotiation.StartTimer(_nic.NegotiationTime).IsError;
        }

        _mode->MediaPresent = isUp ? (byte)1 : (byte)0;
    }

    private void EndNegotiation() => _isNegotiating = false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private EFI_STATUS CheckInitialized() => _mode->State switch
    {
        EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized => EFI_STATUS.EFI_SUCCESS,
        EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped => EFI_STATUS.EFI_NOT_STARTED,
        _ => EFI_STATUS.EFI_DEVICE_ERROR,
    };

    private EFI_STATUS Open()
    {
        EFI_STATUS status = _nic.Open(_station);
        _device.OnOpened(status);
        if (!status.IsError)
        {
            _errorsBefore = _nic.ReceiveErrors;
            _mode->MediaPresent = 1; // A link that is down now may be on its way.
            UpdateMedia();
        }

        return status;
    }

    private void CloseNic()
    {
        TakeErrors();
        _nic.Close();
        _recycled.Clear();
        _hasTransmitted = false;
        _isAnnounced = false;
    }

    private static MacAddress Get(EFI_MAC_ADDRESS* address) => new(new ReadOnlySpan<byte>(address, MacAddress.Size));

    private static void Set(EFI_MAC_ADDRESS* address, MacAddress value)
    {
        *address = default;
        Put(address, value);
    }

    // Only what HwAddressSize says: clients are known to give no more room than that.
    private static void Put(EFI_MAC_ADDRESS* address, MacAddress value) =>
        value.CopyTo(new Span<byte>(address, MacAddress.Size));
}
