using System;
using System.Buffers;
using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netfront;

/// <summary>
/// The frontend of a Xen network interface: two shared rings, pages granted to the backend, an event channel to tell it, and the
/// states of both ends in xenstore. Xen, public/io/netif.h, ring.h and xenbus.h. Polled; without offloads, and one page a frame.
/// </summary>
/// <remarks>
/// <code>
///   Two rings of one page, 256 slots each, requests and responses in the same slots (NetfrontRing); pages granted to the backend
///
///    receive ring   | response | response | request  request  request ...  |        128 pages, one for each frame
///                     ^ read    ^ rsp_prod                       ^ req_prod
///    transmit ring  | response | request  request |                        |        32 pages, each with room for two frames
///                     ^ read    ^ rsp_prod          ^ req_prod
///
///   Received: a request lends the backend a page (its grant); the response says offset, length and flags of the frame in it. The
///   driver reads, and offers the page again. 32 of them are shown (req_prod) at a time, with one event.
///   Sent: the driver copies the frame into half a page, and a request names grant, offset and length; the backend's response frees the
///   half. The event channel wakes the backend only when its req_event asks for that; of the backend's events the driver takes no notice.
/// </code>
/// <para>Our end's state, and what takes it on; the backend's are in brackets:</para>
/// <code>
///   Initialising --[InitWait]--> Connected --[Connected]--> link up
///        ^                           |  Close, or [Closing, Closed, gone]: link down
///        |                           v
///   keys and pages back &lt;-- Closed &lt;-- Closing
///                    [Closed, gone]  [Closing, Closed, gone]
/// </code>
/// <para>A backend that goes away is followed on this way, and connected again when it returns. One that refuses to connect is left alone
/// until the NIC is opened again, as is one that lies about its rings. A backend may copy into the pages until it says that it has closed,
/// so they are asked back then, and there is no new connection before; or, once and for all, when the NIC goes.</para>
/// <para>What is written into the store for the backend is taken out again. Linux' netback reads it at each connection, and Linux' netfront,
/// which comes next, neither writes nor removes feature-no-csum-offload: its checksums would not be offloaded until the domain ends.</para>
/// <para>What a frame costs besides its one copy: received, one event in <see cref="ReleaseBatch"/> frames; sent, one event, or none while
/// the backend is at work on earlier frames. All else is memory.</para>
/// </remarks>
public sealed unsafe class NetfrontNic : Nic
{
    // Of 256 each, that a ring has. A page of the host's memory for each frame received, half of one for each sent.
    private const int ReceiveSlots = 128;
    private const int TransmitSlots = 64;
    private const uint TransmitSlotsInPage = 2;
    private const int ReleaseBatch = 32;

    // The pages of the buffers; the rings have memory of their own, for it is them that backends keep.
    private const uint ReceivePages = ReceiveSlots;
    private const uint TransmitPages = TransmitSlots / TransmitSlotsInPage;
    private const uint TransmitBufferSize = Pages.PageSize / TransmitSlotsInPage;
    private const uint TransmitRingPage = 0;
    private const uint ReceiveRingPage = 1;

    // struct netif_tx_request: gref, offset, flags, id, size. struct netif_rx_request: id, a gap, gref.
    private const uint TransmitSlotSize = 12;
    private const uint ReceiveSlotSize = 8;

    // XEN_NETRXF_*: flags of struct netif_rx_response.
    private const ushort ChecksumMissing = 1 << 1;
    private const ushort MoreData = 1 << 2;
    private const ushort ExtraInfo = 1 << 3;

    // In microseconds, for each of the backend's steps.
    private const uint ConnectTimeout = 5_000_000;
    private const uint CloseTimeout = 2_000_000;

    /// <summary>More steps than there are on the way round, against a backend that never comes to rest.</summary>
    private const int MaximumSteps = 16;

    private const int NoSlot = -1;
    private const int CheckInterval = 64;
    private const int DefaultMtu = 1500;
    private const int SmallestMtu = 68; // RFC 791, 3.2.

    private readonly XenDevice _xen;
    private readonly uint _watch;
    private readonly NetfrontMemory _rings;
    private readonly NetfrontMemory _buffers;
    private readonly NetfrontRing _transmit;
    private readonly NetfrontRing _receive;

    /// <summary>Whether the backend holds a buffer.</summary>
    private readonly bool[] _isReceiveLent = new bool[ReceiveSlots];
    private readonly bool[] _isTransmitLent = new bool[TransmitSlots];
    private readonly ushort[] _freeTransmit = new ushort[TransmitSlots];

    /// <summary>Which request last offered each receive buffer, and which buffer each slot of the ring.</summary>
    private readonly uint[] _requestOf = new uint[ReceiveSlots];
    private readonly ushort[] _bufferOf = new ushort[NetfrontRing.Size];

    private XenBusState _own;
    private uint _port;
    private bool _hasPort;
    private bool _isOpen;
    private bool _isUp;
    private bool _isRefused;

    /// <summary>The backend has said that it is connected, since it was offered the rings.</summary>
    private bool _hasConnected;

    /// <summary>There is something of ours in the store.</summary>
    private bool _hasWritten;

    /// <summary>The backend's state has changed, and could not be read.</summary>
    private bool _isUnread;
    private int _freeTransmitCount;
    private int _current;
    private int _currentOffset;
    private int _currentLength;

    /// <summary>The frame of the last response goes on in the next one.</summary>
    private bool _goesOn;
    private bool _isExtraNext;
    private int _idle;

    private NetfrontNic(XenDevice xen, MacAddress permanent, int mtu, uint watch, NetfrontMemory rings, NetfrontMemory buffers)
    {
        _xen = xen;
        _watch = watch;
        _rings = rings;
        _buffers = buffers;
        _transmit = new NetfrontRing(rings.Page(TransmitRingPage), TransmitSlotSize);
        _receive = new NetfrontRing(rings.Page(ReceiveRingPage), ReceiveSlotSize);
        _current = NoSlot;
        PermanentAddress = permanent;
        Mtu = mtu;
        Model = TextBuilder.Format($"Xen network interface {xen.Index}");
    }

    /// <summary>Reads the interface's address and MTU, and allocates memory. The backend is not touched.</summary>
    /// <param name="xen">The NIC's from now on, also when this fails.</param>
    /// <param name="status">Why there is no NIC.</param>
    /// <returns>Null when there is no backend, no usable address in the store, or no memory.</returns>
    public static NetfrontNic? Create(XenDevice xen, out EFI_STATUS status)
    {
        NetfrontNic? nic = TryCreate(xen, out status);
        if (nic is null)
        {
            xen.Dispose();
        }

        return nic;
    }

    private static NetfrontNic? TryCreate(XenDevice xen, out EFI_STATUS status)
    {
        if (!TryReadAddress(xen, out MacAddress address, out status))
        {
            return null;
        }

        status = xen.ReadState(XenEnd.Backend, out XenBusState backend);
        if (status.IsError || backend == XenBusState.Unknown)
        {
            status = status.IsError ? status : EFI_STATUS.EFI_NOT_FOUND;
            return null;
        }

        status = xen.Watch(XenEnd.Backend, "state"u8, out uint watch);
        if (status.IsError)
        {
            return null;
        }

        NetfrontMemory? rings = NetfrontMemory.Allocate(xen, 2);
        NetfrontMemory? buffers = rings is null ? null : NetfrontMemory.Allocate(xen, ReceivePages + TransmitPages);
        if (rings is null || buffers is null)
        {
            rings?.Dispose();
            xen.Unwatch(watch);
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
            return null;
        }

        return new NetfrontNic(xen, address, ReadMtu(xen), watch, rings, buffers);
    }

    /// <inheritdoc/>
    public override string Model { get; }

    /// <inheritdoc/>
    public override MacAddress PermanentAddress { get; }

    /// <inheritdoc/>
    public override int Mtu { get; }

    /// <inheritdoc/>
    public override int ReceiveRingSize => ReceiveSlots;

    /// <summary>Pages that the backend has; while the NIC is closed, those that it was not asked for, or did not give back.</summary>
    public int GrantedPages => _rings.GrantedCount + _buffers.GrantedCount;

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        if (GrantedPages != 0)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        ReceiveErrors = 0;
        _isOpen = true;
        _isRefused = false;
        if (!TryBegin(out XenBusState backend) || !TryReach(backend))
        {
            Close();
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// Leads both ends to Closed and back to where an operating system's driver expects them. A backend that does not follow is waited
    /// for at most twice <see cref="CloseTimeout"/>; it then keeps its pages.
    /// </summary>
    public override void Close()
    {
        _isOpen = false;
        Disable();
        if (_own == XenBusState.Connected)
        {
            Enter(XenBusState.Closing);
        }

        bool isRepeated = false;
        for (int i = 0; i < MaximumSteps && _own is XenBusState.Closing or XenBusState.Closed; i++)
        {
            if (!TryReadBackend(out XenBusState backend, out bool isSilent))
            {
                if (isSilent)
                {
                    break; // Each question takes seconds.
                }

                continue;
            }

            Advance(backend);
            if (_own is XenBusState.Initialising || _xen.WaitForBackend(~XenDevice.In(backend), CloseTimeout, out _).IsSuccess)
            {
                continue;
            }

            if (isRepeated)
            {
                break;
            }

            isRepeated = true;
            Enter(XenBusState.Closed); // A backend that does not see Closing may see this.
        }

        Withdraw();
    }

    /// <summary>As <see cref="Close"/>, and the backend is asked for all pages, whether it has closed or not.</summary>
    public override void Quiesce()
    {
        Close();
        EndGrants();
    }

    /// <summary>
    /// The backend's bridge sends what it sends, and the SNP sorts it out: filters of its own are a feature (multicast-control) that
    /// costs requests on the transmit ring and saves little.
    /// </summary>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
    }

    /// <inheritdoc/>
    public override void SetStation(MacAddress station)
    {
    }

    /// <inheritdoc/>
    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        if (_freeTransmitCount == 0)
        {
            ReclaimTransmitted();
            if (_freeTransmitCount == 0)
            {
                return false;
            }
        }

        ushort id = _freeTransmit[--_freeTransmitCount];
        uint page = ReceivePages + ((uint)id / TransmitSlotsInPage);
        uint offset = (uint)id % TransmitSlotsInPage * TransmitBufferSize;
        frame.CopyTo(new Span<byte>(_buffers.Page(page) + offset, MaximumFrameSize));
        _isTransmitLent[id] = true;
        byte* request = _transmit.Produce(out _);
        *(uint*)request = _buffers.Reference(page);
        *(ushort*)(request + 4) = (ushort)offset;
        *(ushort*)(request + 6) = 0; // No flags: the frame ends here and its checksums are in it.
        *(ushort*)(request + 8) = id;
        *(ushort*)(request + 10) = (ushort)frame.Length;
        if (_transmit.Publish())
        {
            _xen.Notify(_port);
        }

        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        for (int i = 0; _current == NoSlot && i < ReceiveSlots; i++)
        {
            if (!_isUp || !_receive.TryTake(out uint index, out ulong response))
            {
                CheckSometimes();
                return default;
            }

            Take(index, response);
        }

        return _current == NoSlot
            ? default
            : new ReadOnlySpan<byte>(_buffers.Page((uint)_current) + _currentOffset, _currentLength);
    }

    /// <inheritdoc/>
    public override void Release()
    {
        if (_current != NoSlot)
        {
            Offer((ushort)_current);
            _current = NoSlot;
        }
    }

    /// <summary>Costs a look at what the store has sent, and more only when the backend's state has changed.</summary>
    public override bool IsLinkUp()
    {
        Check();
        return _isUp && !_receive.IsBroken && !_transmit.IsBroken;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Quiesce();
        int kept = GrantedPages;
        _rings.Dispose();
        _buffers.Dispose();
        _xen.Unwatch(_watch);
        _xen.Dispose();
        if (kept != 0)
        {
            Span<char> line = stackalloc char[128];
            TextBuilder text = new(line);
            text.AppendFormatted(Model);
            text.Append(": the backend does not give ");
            text.AppendFormatted(kept);
            text.Append(" pages back; their memory stays allocated");
            Notice.Write(text.Written);
        }
    }

    // The two ends

    /// <summary>Where a predecessor has left the two ends, which is not always where a frontend begins.</summary>
    private bool TryBegin(out XenBusState backend)
    {
        if (_xen.ReadState(XenEnd.Backend, out backend).IsError || _xen.ReadState(XenEnd.Frontend, out _own).IsError)
        {
            return false;
        }

        bool isFresh = backend is XenBusState.InitWait or XenBusState.Initialising;
        if (isFresh && _own != XenBusState.Initialising)
        {
            return Enter(XenBusState.Initialising);
        }

        return isFresh || Enter(backend is XenBusState.Closed ? XenBusState.Closed : XenBusState.Closing);
    }

    /// <summary>Goes on until the link is up.</summary>
    private bool TryReach(XenBusState backend)
    {
        for (int i = 0; i < MaximumSteps; i++)
        {
            Advance(backend);
            if (_isUp || _isRefused)
            {
                return _isUp;
            }

            if (_xen.WaitForBackend(~XenDevice.In(backend), ConnectTimeout, out backend).IsError)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Does what our end has to do, until it is the backend's turn.</summary>
    private void Advance(XenBusState backend)
    {
        bool isLeaving = backend is XenBusState.Closing or XenBusState.Closed or XenBusState.Unknown;
        bool hasBegunAgain = backend is XenBusState.Initialising or XenBusState.InitWait;

        // Linux' netback says InitWait until a script of the host's is done, also while it has the rings.
        bool hasLetGo = backend is XenBusState.Closed or XenBusState.Unknown || (hasBegunAgain && _hasConnected);
        bool goesOn = true;
        for (int i = 0; i < MaximumSteps && goesOn; i++)
        {
            switch (_own)
            {
                case XenBusState.Initialising when backend == XenBusState.InitWait && _isOpen && !_isRefused && GrantedPages == 0:
                    _isRefused = !TryOffer();
                    if (_isRefused)
                    {
                        TakeBack(); // The backend has not been told of anything.
                    }
                    else
                    {
                        _isRefused = !Enter(XenBusState.Connected);
                    }

                    goesOn = false;
                    break;
                case XenBusState.Connected when backend == XenBusState.Connected:
                    Enable();
                    goesOn = false;
                    break;
                case XenBusState.Connected when isLeaving || (_isUp && hasBegunAgain):
                    _isRefused |= !_isUp;
                    Disable();
                    goesOn = Enter(XenBusState.Closing);
                    break;
                case XenBusState.Closing when isLeaving || hasBegunAgain:
                    goesOn = Enter(XenBusState.Closed);
                    break;
                case XenBusState.Closed when hasLetGo:
                    TakeBack();
                    goesOn = Enter(XenBusState.Initialising);
                    break;
                default:
                    goesOn = false;
                    break;
            }
        }
    }

    private bool Enter(XenBusState state)
    {
        _own = state;
        return _xen.SetState(state).IsSuccess;
    }

    /// <summary>Looks at what the backend can do, and gives it rings, buffers and an event channel.</summary>
    private bool TryOffer()
    {
        // The other kind of receiving, by exchange of pages, has long been gone.
        if (_xen.ReadNumber(XenEnd.Backend, "feature-rx-copy"u8, out ulong copies).IsError || copies == 0)
        {
            return false;
        }

        if (!_rings.TryGrant(0, 2, readOnly: false) || !_buffers.TryGrant(0, ReceivePages, readOnly: false) ||
            !_buffers.TryGrant(ReceivePages, TransmitPages, readOnly: true))
        {
            return false;
        }

        _hasPort = _xen.AllocateChannel(out _port).IsSuccess;
        if (!_hasPort)
        {
            return false;
        }

        FillRings();
        _hasConnected = false;
        _hasWritten = true;
        RemoveKeys(KeysOfOthers);
        return _xen.WriteNumber("tx-ring-ref"u8, _rings.Reference(TransmitRingPage)).IsSuccess &&
            _xen.WriteNumber("rx-ring-ref"u8, _rings.Reference(ReceiveRingPage)).IsSuccess &&
            _xen.WriteNumber("event-channel"u8, _port).IsSuccess &&
            _xen.WriteNumber("request-rx-copy"u8, 1).IsSuccess &&
            _xen.WriteNumber("feature-rx-notify"u8, 1).IsSuccess &&
            _xen.WriteNumber("feature-no-csum-offload"u8, 1).IsSuccess;
    }

    /// <summary>What we write, each ended by a zero byte.</summary>
    private static ReadOnlySpan<byte> OwnKeys =>
        "tx-ring-ref\0rx-ring-ref\0event-channel\0request-rx-copy\0feature-rx-notify\0feature-no-csum-offload\0"u8;

    /// <summary>
    /// What Linux' netback reads besides: if another driver has written it here (an operating system before a warm start), it would be asked
    /// for by us. Linux, drivers/net/xen-netback/xenbus.c, connect and what it calls.
    /// </summary>
    private static ReadOnlySpan<byte> KeysOfOthers =>
        "multi-queue-num-queues\0event-channel-tx\0event-channel-rx\0ctrl-ring-ref\0event-channel-ctrl\0xdp-headroom\0"u8 +
        "feature-sg\0feature-gso-tcpv4\0feature-gso-tcpv6\0feature-ipv6-csum-offload\0request-multicast-control\0"u8;

    private void RemoveKeys(ReadOnlySpan<byte> names)
    {
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        while (!names.IsEmpty && status != EFI_STATUS.EFI_TIMEOUT)
        {
            ReadOnlySpan<byte> name = names.Slice(0, names.IndexOf((byte)0));
            status = _xen.Remove(name);
            names = names.Slice(name.Length + 1);
        }
    }

    private void FillRings()
    {
        _transmit.Clear();
        _receive.Clear();
        _current = NoSlot;
        _goesOn = false;
        _isExtraNext = false;
        for (int i = 0; i < TransmitSlots; i++)
        {
            _isTransmitLent[i] = false;
            _freeTransmit[i] = (ushort)i;
        }

        for (int i = 0; i < ReceiveSlots; i++)
        {
            Put((ushort)i);
        }

        _receive.Publish();
    }

    private void Enable()
    {
        if (!_isUp)
        {
            _isUp = true;
            _hasConnected = true;
            _freeTransmitCount = TransmitSlots;
            _xen.Notify(_port);
        }
    }

    private void Disable()
    {
        _isUp = false;
        _freeTransmitCount = 0;
        _current = NoSlot;
    }

    /// <summary>Takes everything back that the backend was given: it has let go of it, or has never known of it.</summary>
    private void TakeBack()
    {
        Withdraw();
        EndGrants();
    }

    /// <summary>What can be taken back whatever the backend does.</summary>
    private void Withdraw()
    {
        if (_hasPort)
        {
            _xen.CloseChannel(_port);
            _hasPort = false;
        }

        if (_hasWritten)
        {
            RemoveKeys(OwnKeys);
            _hasWritten = false;
        }
    }

    private void EndGrants()
    {
        _rings.End();
        _buffers.End();
    }

    private void CheckSometimes()
    {
        if (++_idle % CheckInterval == 0)
        {
            Check();
        }
    }

    /// <summary>Follows the backend when its state has changed.</summary>
    private void Check()
    {
        if (!_isOpen || !(_xen.HasChanged(_watch) | _isUnread))
        {
            return;
        }

        _isUnread = !TryReadBackend(out XenBusState backend, out _);
        if (!_isUnread)
        {
            Advance(backend);
        }
    }

    /// <summary>The backend's state, or that it is gone. A guest is not told what there is not where it may not look.</summary>
    /// <param name="backend">Unknown when it is gone.</param>
    /// <param name="isSilent">The store does not answer.</param>
    /// <returns>False when the store says nothing of use.</returns>
    private bool TryReadBackend(out XenBusState backend, out bool isSilent)
    {
        EFI_STATUS status = _xen.ReadState(XenEnd.Backend, out backend);
        isSilent = status == EFI_STATUS.EFI_TIMEOUT;
        return status.IsSuccess || status == EFI_STATUS.EFI_NOT_FOUND || status == EFI_STATUS.EFI_ACCESS_DENIED;
    }

    // Frames

    private void Take(uint index, ulong response)
    {
        // struct netif_rx_response: id, offset, flags, status; a length, or an error below 0.
        ushort id = (ushort)response;
        int offset = (ushort)(response >> 16);
        ushort flags = (ushort)(response >> 32);
        int length = (short)(response >> 48);
        bool isExtra = _isExtraNext;
        if (isExtra)
        {
            // struct netif_extra_info: a type, and flags of which bit 0 says that another follows. It has no id, but the slot of a request.
            _isExtraNext = ((response >> 8) & 1) != 0;
            id = _bufferOf[(int)(index % NetfrontRing.Size)];
        }

        if (id >= ReceiveSlots || !_isReceiveLent[id] || !_receive.IsPublished(_requestOf[id]))
        {
            ReceiveErrors++;
            return;
        }

        _isReceiveLent[id] = false;
        bool begins = !isExtra && !_goesOn;
        if (!isExtra)
        {
            _isExtraNext = (flags & ExtraInfo) != 0;
            _goesOn = (flags & MoreData) != 0;
        }

        bool isWhole = begins && (flags & (MoreData | ExtraInfo | ChecksumMissing)) == 0;
        if (isWhole && IsFrameSize(length) && offset <= Pages.PageSize - length)
        {
            _current = id;
            _currentOffset = offset;
            _currentLength = length;
            return;
        }

        ReceiveErrors += begins ? 1u : 0; // A frame in several pieces, which nobody asked for, counts once.
        Offer(id);
    }

    private void Offer(ushort id)
    {
        if (!_isUp)
        {
            return;
        }

        Put(id);
        if (_receive.Unpublished >= ReleaseBatch)
        {
            _receive.Publish();
            _xen.Notify(_port); // Always: there are backends that never ask for it and wait for it all the same.
        }
    }

    private void Put(ushort id)
    {
        _isReceiveLent[id] = true;
        byte* request = _receive.Produce(out uint index);
        _requestOf[id] = index;
        _bufferOf[(int)(index % NetfrontRing.Size)] = id;
        *(uint*)request = id;
        *(uint*)(request + 4) = _buffers.Reference(id);
    }

    private void ReclaimTransmitted()
    {
        for (int i = 0; i < TransmitSlots && _isUp && _transmit.TryTake(out _, out ulong response); i++)
        {
            // struct netif_tx_response: id, status, which tells of nothing that could be done about it.
            ushort id = (ushort)response;
            if (id < TransmitSlots && _isTransmitLent[id])
            {
                _isTransmitLent[id] = false;
                _freeTransmit[_freeTransmitCount++] = id;
            }
        }
    }

    // What the store says

    private static bool TryReadAddress(XenDevice xen, out MacAddress address, out EFI_STATUS status)
    {
        const int Length = 17; // "52:54:00:12:34:56"
        const int Step = 3;
        Span<byte> text = stackalloc byte[Length];
        address = default;
        status = xen.Read(XenEnd.Frontend, "mac"u8, text, out int length);
        if (status.IsError && status != EFI_STATUS.EFI_BUFFER_TOO_SMALL)
        {
            return false;
        }

        status = EFI_STATUS.EFI_UNSUPPORTED;
        if (length != Length)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        for (int i = 0; i < MacAddress.Size; i++)
        {
            bool isPair = Convert.FromHexString(text.Slice(i * Step, 2), bytes.Slice(i, 1), out _, out _) == OperationStatus.Done;
            bool isSeparated = i == MacAddress.Size - 1 || text[(i * Step) + 2] == ':';
            if (!isPair || !isSeparated)
            {
                return false;
            }
        }

        address = new MacAddress(bytes);
        if (!address.IsStation)
        {
            return false;
        }

        status = EFI_STATUS.EFI_SUCCESS;
        return true;
    }

    private static int ReadMtu(XenDevice xen)
    {
        bool isSaid = xen.ReadNumber(XenEnd.Frontend, "mtu"u8, out ulong mtu).IsSuccess;
        return isSaid && mtu is >= SmallestMtu and < DefaultMtu ? (int)mtu : DefaultMtu;
    }
}
