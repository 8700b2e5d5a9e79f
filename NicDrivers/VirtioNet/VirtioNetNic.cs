using System;
using System.Numerics;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>The network device of virtio 1.2, 5.1, and what came before it (legacy), polled, interrupts off, without offloads.</summary>
/// <remarks>
/// <code>
///   Two virtqueues, and a third for filters; each is three tables in memory (Virtqueue):
///
///                  descriptors             available ring                used ring
///                  address, length         heads, by the driver          heads and lengths, by the device
///    receiveq 0    +----+----+ ... +----+  +---+---+---+ ... +---+       +---+---+---+ ... +---+
///    256 buffers   | a  | b  |     | z  |  | c | d | e |     |   |       | a | b |   |     |   |
///                  +----+----+ ... +----+  +---+---+---+ ... +---+       +---+---+---+ ... +---+
///                                                        ^ idx                   ^ idx
///    transmitq 1   the same, 64 buffers    a frame to send               sent
///    controlq 2    3 descriptors           a command, its data           its answer
///
///   A descriptor belongs to its buffer (header of 10 or 12 bytes, frame) for good; what goes round is its number.
///   Received: the device writes a buffer and puts its number into the used ring. The driver reads it, and puts the number into the
///   available ring again; the device sees 32 of them at a time. It is notified only when it asks for that.
///   Sent: the driver copies the frame, puts the number into the available ring, and notifies (a register write) unless the device is
///   at work. The used ring is read when no buffer is free.
/// </code>
/// What a frame costs besides its one copy: received, nothing, except for one notification in <see cref="MaximumReleaseBatch"/> frames
/// while the device says that its ring ran dry; sent, one notification, or none while the device is at work on earlier frames. All else
/// is memory.
/// A device that claims buffers that it was never given gets no further buffers and its link counts as down, until the NIC is opened
/// again.
/// </remarks>
public sealed unsafe class VirtioNetNic : Nic
{
    private const VirtioFeatures Wanted =
        VirtioFeatures.Mtu | VirtioFeatures.Mac | VirtioFeatures.Status | VirtioFeatures.ControlQueue | VirtioFeatures.ControlReceive |
        VirtioFeatures.AnyLayout | VirtioFeatures.Version1 | VirtioFeatures.AccessPlatform | VirtioFeatures.OrderPlatform;

    // Virtio 1.2, 5.1.2, without VIRTIO_NET_F_MQ.
    private const ushort ReceiveQueueIndex = 0;
    private const ushort TransmitQueueIndex = 1;
    private const ushort ControlQueueIndex = 2;

    private const int MaximumReceiveSlots = 256;
    private const int MaximumTransmitSlots = 64;
    private const int MaximumReleaseBatch = 32;

    // Virtio 1.2, 5.1.6: flags, segmentation and checksum fields, all zero here; buffers' number from 1.0 on.
    private const uint LegacyHeaderSize = 10;
    private const uint HeaderSize = 12;

    // The frame begins where the IP header behind its Ethernet header is aligned to 32 bytes; the device's header ends there.
    private const uint FrameOffset = 18;
    private const uint BufferSize = FrameOffset + MaximumFrameSize;

    private const int NoSlot = -1;
    private const nuint PageSize = 4096;

    private readonly VirtioTransport _transport;
    private readonly VirtioMemory _memory;
    private readonly Virtqueue _receive;
    private readonly Virtqueue _transmit;
    private readonly VirtioNetControl? _control;
    private readonly VirtioFeatures _features;
    private readonly uint _headerSize;

    /// <summary>Descriptors to a buffer: a legacy device without ANY_LAYOUT wants the header in one of its own.</summary>
    private readonly int _step;
    private readonly nuint _receiveBuffers;
    private readonly nuint _transmitBuffers;
    private readonly int _releaseBatch;

    /// <summary>Whether the device holds a slot's buffer.</summary>
    private readonly bool[] _isReceiveLent;
    private readonly bool[] _isTransmitLent;
    private readonly ushort[] _freeTransmit;

    private readonly MacAddress[] _multicast = new MacAddress[EFI_SIMPLE_NETWORK_MODE.MAX_MCAST_FILTER_CNT];
    private int _multicastCount;
    private MacAddress _station;
    private ReceiveFilters _filters;
    private int _freeTransmitCount;
    private int _current;
    private int _currentLength;
    private int _released;
    private bool _isOpen;

    private VirtioNetNic(
        VirtioTransport transport,
        in Layout layout,
        VirtioFeatures features,
        MacAddress permanent,
        int mtu,
        VirtioMemory memory)
    {
        _transport = transport;
        _memory = memory;
        _features = features;
        PermanentAddress = permanent;
        Mtu = mtu;
        _headerSize = transport.IsLegacy ? LegacyHeaderSize : HeaderSize;
        _step = layout.Step;
        _receive = new Virtqueue(ReceiveQueueIndex, layout.ReceiveSize, memory.Host, memory.DeviceAddress);
        nuint at = Virtqueue.BytesFor(layout.ReceiveSize);
        _transmit = new Virtqueue(TransmitQueueIndex, layout.TransmitSize, memory.Host + at, memory.DeviceAddress + at);
        at += Virtqueue.BytesFor(layout.TransmitSize);
        if (layout.ControlSize != 0)
        {
            Virtqueue queue = new(ControlQueueIndex, layout.ControlSize, memory.Host + at, memory.DeviceAddress + at);
            at += Virtqueue.BytesFor(layout.ControlSize);
            _control = new VirtioNetControl(transport, queue, memory.Host + at, memory.DeviceAddress + at);
            at += PageSize;
        }

        _receiveBuffers = at;
        _transmitBuffers = at + ((nuint)layout.ReceiveSlots * BufferSize);
        _isReceiveLent = new bool[layout.ReceiveSlots];
        _isTransmitLent = new bool[layout.TransmitSlots];
        _freeTransmit = new ushort[layout.TransmitSlots];
        _releaseBatch = Math.Max(1, Math.Min(MaximumReleaseBatch, layout.ReceiveSlots / 8));
        _current = NoSlot;
    }

    /// <summary>Finds the transport of a device on PCI, and makes the NIC.</summary>
    /// <param name="device">Its attributes are the NIC's from now on; when this fails, whoever calls restores them.</param>
    /// <param name="status">Why there is no NIC.</param>
    /// <returns>Null when the device does not answer, refuses the features, has no usable queues, or memory is short.</returns>
    public static VirtioNetNic? Create(PciDevice device, out EFI_STATUS status)
    {
        status = device.EnableAttributes(
            EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY |
            EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE);
        if (status.IsError)
        {
            return null;
        }

        status = EFI_STATUS.EFI_UNSUPPORTED;
        VirtioTransport? transport = VirtioPci.Open(device);
        return transport is null ? null : Create(transport, out status);
    }

    /// <summary>Resets the device, agrees on features, reads its address and allocates the queues.</summary>
    /// <param name="transport">It is the NIC's from now on, if this succeeds.</param>
    /// <param name="status">Why there is no NIC.</param>
    internal static VirtioNetNic? Create(VirtioTransport transport, out EFI_STATUS status)
    {
        status = EFI_STATUS.EFI_DEVICE_ERROR;
        if (!transport.Negotiate(Wanted, out VirtioFeatures features))
        {
            return null;
        }

        // Virtio 1.2, 5.1.4.2: who accepts an MTU has receive buffers for it.
        if (ReadMtu(transport, features) > MaximumMtu && !transport.Negotiate(Wanted & ~VirtioFeatures.Mtu, out features))
        {
            return null;
        }

        MacAddress permanent = ReadAddress(transport, features);
        int mtu = ReadMtu(transport, features);
        bool isUsable = Layout.TryMake(transport, features, out Layout layout);
        transport.Reset();
        if (!isUsable)
        {
            return null;
        }

        VirtioMemory? memory = transport.Allocate(layout.MemorySize, out status);
        return memory is null ? null : new VirtioNetNic(transport, layout, features, permanent, mtu, memory);
    }

    /// <inheritdoc/>
    public override string Model => _transport.IsLegacy ? "Virtio network adapter (legacy)" : "Virtio network adapter";

    /// <inheritdoc/>
    public override MacAddress PermanentAddress { get; }

    /// <inheritdoc/>
    public override int Mtu { get; }

    /// <inheritdoc/>
    public override bool ReportsLink => (_features & VirtioFeatures.Status) != 0;

    /// <inheritdoc/>
    public override int ReceiveRingSize => _isReceiveLent.Length;

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        _station = station;
        _filters = ReceiveFilters.None;
        _multicastCount = 0;
        ReceiveErrors = 0;
        return TryStart() ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            _transport.Reset();
            _receive.Clear();
            _transmit.Clear();
            _current = NoSlot;
            _freeTransmitCount = 0;
        }
    }

    /// <summary>A device without a control queue receives everything that reaches it, and the SNP sorts it out.</summary>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        _filters = filters;
        _multicastCount = (filters & ReceiveFilters.Multicast) != 0 ? multicast.Length : 0;
        multicast.Slice(0, _multicastCount).CopyTo(_multicast);
        ApplyFilter();
    }

    /// <summary>For another address than its own the device is made promiscuous: a host may refuse or ignore an address table.</summary>
    public override void SetStation(MacAddress station)
    {
        bool wasForeign = IsForeign(_station);
        _station = station;
        if (IsForeign(station) != wasForeign && (_filters & ReceiveFilters.Promiscuous) == 0)
        {
            _control?.SetPromiscuous(!wasForeign);
        }
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

        int slot = _freeTransmit[_freeTransmitCount - 1];
        int head = slot * _step;
        frame.CopyTo(new Span<byte>(_memory.Host + _transmitBuffers + ((uint)slot * BufferSize) + FrameOffset, MaximumFrameSize));
        _transmit.Descriptors[head + _step - 1].Length = (uint)frame.Length + (_step == 1 ? _headerSize : 0);
        _freeTransmitCount--;
        _isTransmitLent[slot] = true;
        _transmit.Offer((ushort)head);
        if (_transmit.Publish())
        {
            _transport.Notify(_transmit);
        }

        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        for (int i = 0; _current == NoSlot && i < _isReceiveLent.Length; i++)
        {
            if (!_receive.TryTakeUsed(out uint id, out uint length))
            {
                return default;
            }

            if (!TryReturn(id, _isReceiveLent, out int slot))
            {
                ReceiveErrors++;
                continue;
            }

            _current = slot;
            if (length >= _headerSize + MinimumFrameSize && length <= _headerSize + MaximumFrameSize)
            {
                _currentLength = (int)(length - _headerSize);
            }
            else
            {
                ReceiveErrors++;
                Release();
            }
        }

        return _current == NoSlot
            ? default
            : new ReadOnlySpan<byte>(_memory.Host + _receiveBuffers + ((uint)_current * BufferSize) + FrameOffset, _currentLength);
    }

    /// <inheritdoc/>
    public override void Release()
    {
        if (_current == NoSlot)
        {
            return;
        }

        _isReceiveLent[_current] = true;
        _receive.Offer((ushort)(_current * _step));
        _current = NoSlot;
        if (++_released == _releaseBatch)
        {
            _released = 0;
            if (_receive.Publish())
            {
                _transport.Notify(_receive);
            }
        }
    }

    /// <summary>
    /// Two register reads. A device that says that it needs a reset gets it here, for no interrupt tells: what is under way is lost.
    /// </summary>
    public override bool IsLinkUp()
    {
        const uint ConfigStatus = 6;
        const ushort LinkUp = 1;
        if (!_isOpen || _receive.IsBroken || _transmit.IsBroken)
        {
            return false;
        }

        byte state = _transport.ReadStatus();
        if (state == VirtioStatus.Gone)
        {
            return false;
        }

        if ((state & VirtioStatus.NeedsReset) != 0)
        {
            ReceiveErrors++;
            Close();
            if (!TryStart())
            {
                return false;
            }
        }

        if (!ReportsLink)
        {
            return true;
        }

        ushort status = _transport.ReadConfig16(ConfigStatus);
        return status != ushort.MaxValue && (status & LinkUp) != 0;
    }

    /// <summary>Memory that the device may still reach is not given back: it is lost.</summary>
    public override void Dispose()
    {
        Close();
        if (_transport.Release())
        {
            _memory.Dispose();
        }
    }

    // Set-up

    private static MacAddress ReadAddress(VirtioTransport transport, VirtioFeatures features)
    {
        const int Attempts = 8;
        if ((features & VirtioFeatures.Mac) != 0)
        {
            Span<byte> bytes = stackalloc byte[MacAddress.Size];
            for (int attempt = 0; attempt < Attempts; attempt++)
            {
                byte generation = transport.ReadConfigGeneration();
                for (int i = 0; i < MacAddress.Size; i++)
                {
                    bytes[i] = transport.ReadConfig8((uint)i);
                }

                MacAddress address = new(bytes);
                if (transport.ReadConfigGeneration() == generation && address.IsStation)
                {
                    return address;
                }
            }
        }

        // Virtio 1.2, 5.1.5: without one the driver makes a random local address up.
        const ulong LocalBit = 0b10;
        const ulong MulticastBit = 0b01;
        ulong random = Machine.ReadCounter() * 0x9E37_79B9_7F4A_7C15;
        return new MacAddress(((random >> 16) & ~MulticastBit) | LocalBit);
    }

    private static int ReadMtu(VirtioTransport transport, VirtioFeatures features)
    {
        const uint ConfigMtu = 10;
        const int Smallest = 68; // RFC 791, 3.2.
        int mtu = (features & VirtioFeatures.Mtu) != 0 ? transport.ReadConfig16(ConfigMtu) : MaximumMtu;
        return mtu >= Smallest ? mtu : MaximumMtu;
    }

    /// <summary>From reset to running, with the present station and filters. On failure it is closed.</summary>
    private bool TryStart()
    {
        if (!_transport.Negotiate(_features, out VirtioFeatures features) || features != _features)
        {
            return false;
        }

        _isOpen = true;
        FillReceiveQueue();
        FillTransmitQueue();
        if (!_transport.EnableQueue(_receive) || !_transport.EnableQueue(_transmit) || (_control is not null && !_control.Open()))
        {
            Close();
            return false;
        }

        _transport.Start();
        if (_receive.Publish())
        {
            _transport.Notify(_receive);
        }

        ApplyFilter();
        return true;
    }

    private void FillReceiveQueue()
    {
        _receive.Clear();
        for (int slot = 0; slot < _isReceiveLent.Length; slot++)
        {
            Describe(_receive, slot, _receiveBuffers, VirtqueueDescriptor.DeviceWrites);
            _isReceiveLent[slot] = true;
            _receive.Offer((ushort)(slot * _step));
        }

        _current = NoSlot;
        _released = 0;
    }

    private void FillTransmitQueue()
    {
        _transmit.Clear();
        _freeTransmitCount = _isTransmitLent.Length;
        for (int slot = 0; slot < _isTransmitLent.Length; slot++)
        {
            Describe(_transmit, slot, _transmitBuffers, 0);
            new Span<byte>(_memory.Host + _transmitBuffers + ((uint)slot * BufferSize), (int)FrameOffset).Clear();
            _isTransmitLent[slot] = false;
            _freeTransmit[slot] = (ushort)slot;
        }
    }

    /// <summary>A slot's descriptors never change, but for the length of a frame to send.</summary>
    private void Describe(Virtqueue queue, int slot, nuint buffers, ushort flags)
    {
        VirtqueueDescriptor* descriptor = queue.Descriptors + (slot * _step);
        ulong frame = _memory.DeviceAddress + buffers + ((uint)slot * BufferSize) + FrameOffset;
        descriptor[0].Address = frame - _headerSize;
        descriptor[0].Length = _headerSize + MaximumFrameSize;
        descriptor[0].Flags = flags;
        if (_step == 2)
        {
            descriptor[0].Length = _headerSize;
            descriptor[0].Flags = (ushort)(flags | VirtqueueDescriptor.HasNext);
            descriptor[0].Next = (ushort)((slot * _step) + 1);
            descriptor[1].Address = frame;
            descriptor[1].Length = MaximumFrameSize;
            descriptor[1].Flags = flags;
        }
    }

    // Filters

    private void ApplyFilter()
    {
        if (_control is null)
        {
            return;
        }

        bool all = (_filters & ReceiveFilters.Promiscuous) != 0;
        bool allMulticast = (_filters & ReceiveFilters.PromiscuousMulticast) != 0;
        bool isSet = _control.SetMulticast(new ReadOnlySpan<MacAddress>(_multicast, 0, _multicastCount)) & _control.SetAllMulticast(allMulticast);
        _control.SetPromiscuous(all || !isSet || IsForeign(_station));
    }

    private bool IsForeign(MacAddress station) => station != PermanentAddress;

    // Transmission

    private void ReclaimTransmitted()
    {
        for (int i = 0; i < _isTransmitLent.Length && _transmit.TryTakeUsed(out uint id, out _); i++)
        {
            if (TryReturn(id, _isTransmitLent, out int slot))
            {
                _freeTransmit[_freeTransmitCount++] = (ushort)slot;
            }
        }
    }

    /// <summary>The slot that a used descriptor means, which is then no longer lent; false when the device never had it.</summary>
    private bool TryReturn(uint id, bool[] isLent, out int slot)
    {
        slot = (int)(id / (uint)_step);
        if (id % (uint)_step != 0 || (uint)slot >= (uint)isLent.Length || !isLent[slot])
        {
            return false;
        }

        isLent[slot] = false;
        return true;
    }

    /// <summary>How many descriptors and buffers there are, from what the device offers.</summary>
    private readonly struct Layout(int step, int receiveSize, int transmitSize, int controlSize)
    {
        internal readonly int Step = step;
        internal readonly int ReceiveSize = receiveSize;
        internal readonly int TransmitSize = transmitSize;
        internal readonly int ControlSize = controlSize;

        internal int ReceiveSlots => Math.Min(ReceiveSize / Step, MaximumReceiveSlots);
        internal int TransmitSlots => Math.Min(TransmitSize / Step, MaximumTransmitSlots);

        internal nuint MemorySize =>
            Virtqueue.BytesFor(ReceiveSize) + Virtqueue.BytesFor(TransmitSize) +
            (ControlSize != 0 ? Virtqueue.BytesFor(ControlSize) + PageSize : 0) +
            ((nuint)(ReceiveSlots + TransmitSlots) * BufferSize);

        internal static bool TryMake(VirtioTransport transport, VirtioFeatures features, out Layout layout)
        {
            int step = transport.IsLegacy && (features & VirtioFeatures.AnyLayout) == 0 ? 2 : 1;
            int receive = SizeOf(transport, ReceiveQueueIndex, MaximumReceiveSlots * step);
            int transmit = SizeOf(transport, TransmitQueueIndex, MaximumTransmitSlots * step);
            const VirtioFeatures NeededForControl = VirtioFeatures.ControlQueue | VirtioFeatures.ControlReceive;
            int control = (features & NeededForControl) == NeededForControl
                ? SizeOf(transport, ControlQueueIndex, VirtioNetControl.QueueSize)
                : 0;
            layout = new Layout(step, receive, transmit, control >= VirtioNetControl.QueueSize ? control : 0);
            return receive >= step && transmit >= step;
        }

        /// <summary>0 when it is not usable.</summary>
        private static int SizeOf(VirtioTransport transport, ushort queue, int wanted)
        {
            int offered = transport.ReadQueueSize(queue);
            int size = transport.TakesSmallerQueues && offered != 0
                ? Math.Min(wanted, 1 << BitOperations.Log2((uint)offered))
                : offered;
            return Virtqueue.IsUsableSize(size) ? size : 0;
        }
    }
}
