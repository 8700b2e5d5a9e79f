using System;
using System.Threading;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.NicDrivers.Vmxnet3.Vmxnet3Registers;

namespace NetBoot.NicDrivers.Vmxnet3;

/// <summary>VMware's vmxnet3: one queue each way, no offloads, polled, interrupts off.</summary>
/// <remarks>
/// <code>
///   Each way two rings, in memory that the shared area (BAR 1, DSAL and DSAH) leads to:
///
///    received  descriptors, 256   driver -> device   | free | free | free | ... | (empty) |   up to RXPROD
///              completions, 256   device -> driver   | done | done |      | ... |         |   index and length of a frame
///
///    sent      descriptors, 64    driver -> device   | out  | out  |      | ... | (empty) |   up to TXPROD
///              completions, 64    device -> driver   | done |      |      | ... |         |   that frame and all before it are sent
///
///   Every entry has a generation bit, which turns over with each round: an entry with the round's bit is written, one with the other
///   bit is of the round before. So no index is ever read from a register.
///   Receiving, the device takes a descriptor's buffer (1,536 bytes), writes the frame, then the completion. The driver reads it and fills
///   the descriptor in that was empty; RXPROD is written only when the device asks for it (updateRxProd).
///   Sending, the driver copies the frame into the slot's buffer, writes the descriptor, its generation bit last, and TXPROD (a register
///   write a frame). Completions are read when the ring is full.
/// </code>
/// What a frame costs besides its one copy: received, no register access, unless the device asks to be told of new buffers; sent, one
/// register write.
///
/// Each way has a ring of descriptors, which the driver fills, and one of completions, which the device fills. Counters of both run on
/// for ever: their low bits are an index, and the bit above the index says which generation bit is the round's. A receive buffer belongs
/// to its descriptor. One descriptor stays free, so that the device never meets one of the round before as one of its own.
/// </remarks>
public sealed unsafe class Vmxnet3Nic : DmaNic
{
    private const uint ReceiveCount = 256;
    private const uint TransmitCount = 64;
    private const uint BufferSize = 1536; // A frame with a VLAN tag, in whole cache lines.
    private const int MaximumMulticast = 16;
    private const int LinkCheckInterval = 64;

    private const uint TransmitRingOffset = 0; // Rings begin at multiples of 512 bytes.
    private const uint TransmitCompletionsOffset = TransmitRingOffset + (TransmitCount * 16);
    private const uint ReceiveRingOffset = TransmitCompletionsOffset + (TransmitCount * 16);
    private const uint ReceiveCompletionsOffset = ReceiveRingOffset + (ReceiveCount * 16);
    private const uint QueuesOffset = ReceiveCompletionsOffset + (ReceiveCount * 16);
    private const uint SharedOffset = QueuesOffset + (2 * QueueSize);
    private const uint MulticastOffset = SharedOffset + SharedSize;
    private const uint RingsSize = MulticastOffset + (MaximumMulticast * MacAddress.Size);
    private const uint ReceiveBuffersOffset = 4096 * ((RingsSize + 4095) / 4096);
    private const uint TransmitBuffersOffset = ReceiveBuffersOffset + (ReceiveCount * BufferSize);
    private const uint MemorySize = TransmitBuffersOffset + (TransmitCount * BufferSize);

    private readonly PciRegion _data; // BAR 0
    private readonly PciRegion _control; // BAR 1
    private readonly Vmxnet3Descriptor* _transmitRing;
    private readonly Vmxnet3Completion* _transmitCompletions;
    private readonly Vmxnet3Descriptor* _receiveRing;
    private readonly Vmxnet3Completion* _receiveCompletions;
    private readonly byte* _transmitQueue;
    private readonly byte* _receiveQueue;
    private readonly byte* _shared;
    private readonly byte* _receiveBuffers;
    private readonly byte* _transmitBuffers;

    private uint _transmitNext; // Frames handed to the device,
    private uint _transmitDone; // and those that it is done with.
    private uint _transmitCompletion;
    private uint _receiveProducer; // Descriptors handed to the device,
    private uint _receiveNext; // and the first that it has not given back.
    private uint _receiveCompletion;
    private int _peeked; // The length of the frame that lies at _receiveNext; 0 when it is not known yet.
    private MacAddress _station;
    private bool _isOpen;
    private bool _isDead; // It could not be started anew: until the NIC is opened again it is as closed, and has no link.
    private bool _isLinkUp;
    private int _linkPolls; // Since the device was last asked.
    private ulong _errorsAtOpen;

    private Vmxnet3Nic(PciDevice device, PciRegion data, PciRegion control, MacAddress permanent, DmaBuffer memory)
        : base(device, memory)
    {
        _data = data;
        _control = control;
        PermanentAddress = permanent;
        _transmitRing = At<Vmxnet3Descriptor>(TransmitRingOffset);
        _transmitCompletions = At<Vmxnet3Completion>(TransmitCompletionsOffset);
        _receiveRing = At<Vmxnet3Descriptor>(ReceiveRingOffset);
        _receiveCompletions = At<Vmxnet3Completion>(ReceiveCompletionsOffset);
        _transmitQueue = At<byte>(QueuesOffset);
        _receiveQueue = At<byte>(QueuesOffset + QueueSize);
        _shared = At<byte>(SharedOffset);
        _receiveBuffers = At<byte>(ReceiveBuffersOffset);
        _transmitBuffers = At<byte>(TransmitBuffersOffset);
    }

    /// <summary>Resets the device, agrees on revision 1, reads its address and allocates the rings.</summary>
    /// <param name="device">Its attributes are the NIC's from now on; when this fails, whoever calls restores them.</param>
    /// <param name="status">
    /// Why there is no NIC: EFI_UNSUPPORTED for a device that does not offer revision 1, EFI_DEVICE_ERROR for one that does not answer or
    /// has no address, EFI_OUT_OF_RESOURCES.
    /// </param>
    public static Vmxnet3Nic? Create(PciDevice device, out EFI_STATUS status)
    {
        status = device.EnableAttributes(Attributes64);
        if (status.IsError)
        {
            return null;
        }

        PciRegion data = device.OpenBar(0, 0, RegionLength);
        PciRegion control = device.OpenBar(1, 0, RegionLength);
        status = EFI_STATUS.EFI_DEVICE_ERROR;
        if (!data.IsValid || !control.IsValid)
        {
            return null;
        }

        uint revisions = control.Read32(Revisions);
        uint versions = control.Read32(UptVersions);
        if (revisions == uint.MaxValue || versions == uint.MaxValue)
        {
            return null; // There is no device behind the BARs.
        }

        if ((revisions & versions & VersionOne) == 0)
        {
            status = EFI_STATUS.EFI_UNSUPPORTED;
            return null;
        }

        control.Write32(Command, ResetDevice);
        control.Write32(Revisions, VersionOne);
        control.Write32(UptVersions, VersionOne);
        ulong low = Ask(control, GetPermanentAddressLow);
        MacAddress permanent = new(low | ((ulong)(ushort)Ask(control, GetPermanentAddressHigh) << 32));
        if (!permanent.IsStation)
        {
            return null;
        }

        DmaBuffer? memory = device.AllocateDma(MemorySize, out status);
        return memory is null ? null : new Vmxnet3Nic(device, data, control, permanent, memory);
    }

    /// <inheritdoc/>
    public override string Model => "VMware vmxnet3";

    /// <inheritdoc/>
    public override MacAddress PermanentAddress { get; }

    /// <inheritdoc/>
    public override int ReceiveRingSize => (int)ReceiveCount - 1;

    /// <summary>Has the device count what it dropped, too: two register accesses.</summary>
    public override ulong ReceiveErrors => base.ReceiveErrors + (_isOpen ? DeviceErrors() - _errorsAtOpen : 0);

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        _isDead = false;
        _station = station;
        base.ReceiveErrors = 0;
        new Span<byte>(_shared, (int)SharedSize).Clear();
        _isOpen = IsPresent && TryStart();
        if (!_isOpen)
        {
            Stop();
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        _errorsAtOpen = DeviceErrors();
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_isOpen)
        {
            base.ReceiveErrors = ReceiveErrors;
            _isOpen = false;
            Stop();
        }
    }

    /// <inheritdoc/>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        uint mode = 0;
        int length = 0;
        if ((filters & ReceiveFilters.Unicast) != 0)
        {
            mode |= ModeUnicast;
        }

        if ((filters & ReceiveFilters.Broadcast) != 0)
        {
            mode |= ModeBroadcast;
        }

        if ((filters & ReceiveFilters.Promiscuous) != 0)
        {
            mode |= ModePromiscuous;
        }

        if ((filters & ReceiveFilters.PromiscuousMulticast) != 0 ||
            multicast.Length > MaximumMulticast)
        {
            mode |= ModeAllMulticast;
        }
        else if ((filters & ReceiveFilters.Multicast) != 0 && !multicast.IsEmpty)
        {
            mode |= ModeMulticast;
            foreach (MacAddress address in multicast)
            {
                address.CopyTo(new Span<byte>(At<byte>(MulticastOffset) + length, MacAddress.Size));
                length += MacAddress.Size;
            }
        }

        Shared<ushort>(MulticastLengthOffset) = (ushort)length;
        Shared<ulong>(MulticastAddressOffset) = length == 0 ? 0 : DeviceAddress + MulticastOffset;
        Shared<uint>(ReceiveModeOffset) = mode;
        Machine.DeviceBarrier();
        _control.Write32(Command, UpdateReceiveMode);
        _control.Write32(Command, UpdateMacFilters);
    }

    /// <inheritdoc/>
    public override void SetStation(MacAddress station)
    {
        _station = station;
        WriteStation();
    }

    /// <inheritdoc/>
    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        if (!_isOpen)
        {
            return false;
        }

        if (_transmitNext - _transmitDone >= TransmitCount - 1)
        {
            Reclaim();
            if (_transmitNext - _transmitDone >= TransmitCount - 1)
            {
                RecoverFromErrors();
                return false;
            }
        }

        uint index = _transmitNext % TransmitCount;
        uint offset = index * BufferSize;
        frame.CopyTo(new Span<byte>(_transmitBuffers + offset, MaximumFrameSize));
        Vmxnet3Descriptor* descriptor = _transmitRing + index;
        descriptor->Address = DeviceAddress + TransmitBuffersOffset + offset;
        descriptor->More = Vmxnet3Descriptor.TransmitEnd | Vmxnet3Descriptor.TransmitCompletion;
        uint control = (uint)frame.Length;
        if (IsFirstGeneration(_transmitNext, TransmitCount))
        {
            control |= Vmxnet3Descriptor.TransmitGeneration;
        }

        Machine.DeviceBarrier();
        Volatile.Write(ref descriptor->Control, control);
        _transmitNext++;
        Machine.DeviceBarrier();
        _data.Write32(TransmitProducer, _transmitNext % TransmitCount);
        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        if (_peeked == 0 && !TryFindFrame())
        {
            return default;
        }

        return new ReadOnlySpan<byte>(_receiveBuffers + (_receiveNext % ReceiveCount * BufferSize), _peeked);
    }

    /// <inheritdoc/>
    public override void Release()
    {
        _peeked = 0;
        PassOver(1);
    }

    /// <summary>
    /// No register access until the device tells of a change; one that was removed tells nothing, so it is asked now and then.
    /// </summary>
    public override bool IsLinkUp()
    {
        if (!_isOpen)
        {
            return !_isDead && AskForLink();
        }

        bool hasChanged = (Volatile.Read(ref Shared<uint>(EventsOffset)) & EventLink) != 0;
        if (hasChanged)
        {
            _control.Write32(EventCause, EventLink);
        }

        if (hasChanged || ++_linkPolls == LinkCheckInterval)
        {
            _linkPolls = 0;
            _isLinkUp = AskForLink();
        }

        return _isLinkUp;
    }

    // Set-up

    private bool TryStart()
    {
        _transmitNext = 0;
        _transmitDone = 0;
        _transmitCompletion = 0;
        _receiveProducer = 0;
        _receiveNext = 0;
        _receiveCompletion = 0;
        _peeked = 0;
        new Span<byte>(At<byte>(TransmitRingOffset), (int)SharedOffset).Clear();
        ulong memory = DeviceAddress;

        Queue<ulong>(_transmitQueue, RingAddressOffset) = memory + TransmitRingOffset;
        Queue<ulong>(_transmitQueue, TransmitCompletionAddressOffset) = memory + TransmitCompletionsOffset;
        Queue<uint>(_transmitQueue, RingCountOffset) = TransmitCount;
        Queue<uint>(_transmitQueue, CompletionCountOffset) = TransmitCount;
        Queue<ulong>(_receiveQueue, RingAddressOffset) = memory + ReceiveRingOffset;
        Queue<ulong>(_receiveQueue, ReceiveCompletionAddressOffset) = memory + ReceiveCompletionsOffset;
        Queue<uint>(_receiveQueue, RingCountOffset) = ReceiveCount;
        Queue<uint>(_receiveQueue, CompletionCountOffset) = ReceiveCount;

        Shared<uint>(SharedMagicOffset) = SharedMagic;
        Shared<uint>(DriverVersionOffset) = VersionOne;
        Shared<uint>(RevisionOffset) = VersionOne;
        Shared<uint>(UptVersionOffset) = VersionOne;
        Shared<ulong>(QueuesAddressOffset) = memory + QueuesOffset;
        Shared<uint>(QueuesLengthOffset) = 2 * QueueSize;
        Shared<uint>(MtuOffset) = (uint)Mtu;
        Shared<ushort>(MaximumFragmentsOffset) = 1;
        Shared<byte>(TransmitQueuesOffset) = 1;
        Shared<byte>(ReceiveQueuesOffset) = 1;
        Shared<byte>(InterruptCountOffset) = 1;
        Shared<uint>(InterruptControlOffset) = DisableAllInterrupts;
        Shared<uint>(EventsOffset) = 0;

        // Frames of every VLAN, tags and all: what they mean is the caller's business.
        new Span<byte>(_shared + VlanTableOffset, VlanTableSize).Fill(0xFF);

        while (_receiveProducer < ReceiveCount - 1)
        {
            GiveBuffer();
        }

        WriteStation();
        _control.Write32(SharedLow, (uint)(memory + SharedOffset));
        _control.Write32(SharedHigh, (uint)((memory + SharedOffset) >> 32));
        Machine.DeviceBarrier();
        if (Ask(_control, ActivateDevice) != 0)
        {
            return false;
        }

        _data.Write32(InterruptMask, 1);
        _data.Write32(ReceiveProducer, _receiveProducer % ReceiveCount);
        _linkPolls = 0;
        _isLinkUp = AskForLink();
        return true;
    }

    private void Stop()
    {
        _control.Write32(Command, QuiesceDevice);
        _control.Write32(Command, ResetDevice);
        _control.Write32(SharedLow, 0);
        _control.Write32(SharedHigh, 0);
    }

    /// <summary>Starts the device anew, with its filters, when it has stopped a queue over an error.</summary>
    private void RecoverFromErrors()
    {
        if ((Volatile.Read(ref Shared<uint>(EventsOffset)) & (EventReceiveError | EventTransmitError)) == 0)
        {
            return;
        }

        base.ReceiveErrors = ReceiveErrors + 1;
        Stop();
        _isOpen = TryStart();
        if (!_isOpen)
        {
            _isDead = true;
            Stop();
            return;
        }

        _errorsAtOpen = DeviceErrors();
    }

    // Filters

    private void WriteStation()
    {
        _control.Write32(AddressLow, (uint)_station.Value);
        _control.Write32(AddressHigh, (uint)(_station.Value >> 32));
    }

    // Transmission

    /// <summary>Takes back the buffers of frames that are sent.</summary>
    private void Reclaim()
    {
        while (_transmitDone != _transmitNext)
        {
            Vmxnet3Completion* completion = _transmitCompletions + (_transmitCompletion % TransmitCount);
            if (!IsOfRound(Volatile.Read(ref completion->Flags), _transmitCompletion, TransmitCount))
            {
                return;
            }

            Machine.DeviceReadBarrier();
            uint ahead = (completion->Index - _transmitDone) % TransmitCount;
            _transmitCompletion++;
            if (ahead < _transmitNext - _transmitDone)
            {
                _transmitDone += ahead + 1; // One completion is also one of all before it.
            }
        }
    }

    // Reception

    /// <summary>Goes to the next good frame; what is none is counted and its buffer goes back.</summary>
    private bool TryFindFrame()
    {
        while (true)
        {
            Vmxnet3Completion* completion = _receiveCompletions + (_receiveCompletion % ReceiveCount);
            if (!_isOpen || !IsOfRound(Volatile.Read(ref completion->Flags), _receiveCompletion, ReceiveCount))
            {
                if (_isOpen)
                {
                    RecoverFromErrors();
                }

                return false;
            }

            Machine.DeviceReadBarrier();
            uint index = completion->Index;
            uint length = completion->Length;
            _receiveCompletion++;
            uint ahead = (index - _receiveNext) % ReceiveCount;
            if (ahead >= _receiveProducer - _receiveNext || (index & Vmxnet3Completion.IndexMask) >= ReceiveCount)
            {
                base.ReceiveErrors++; // Of a buffer that the device does not have.
                continue;
            }

            PassOver(ahead); // The device may leave buffers unused.
            const uint Whole = Vmxnet3Completion.Start | Vmxnet3Completion.End;
            if ((index & (Whole | Vmxnet3Completion.QueueMask)) == Whole && (length & Vmxnet3Completion.Error) == 0 &&
                IsFrameSize((int)(length & Vmxnet3Completion.LengthMask)))
            {
                _peeked = (int)(length & Vmxnet3Completion.LengthMask);
                return true;
            }

            base.ReceiveErrors++;
            PassOver(1);
        }
    }

    /// <summary>Gives the next buffers back to the device.</summary>
    private void PassOver(uint count)
    {
        for (uint i = 0; i < count; i++)
        {
            _receiveNext++;
            GiveBuffer();
        }

        if (Volatile.Read(ref Queue<byte>(_receiveQueue, UpdateProducerOffset)) != 0)
        {
            _data.Write32(ReceiveProducer, _receiveProducer % ReceiveCount);
        }
    }

    private void GiveBuffer()
    {
        uint index = _receiveProducer % ReceiveCount;
        Vmxnet3Descriptor* descriptor = _receiveRing + index;
        descriptor->Address = DeviceAddress + ReceiveBuffersOffset + (index * BufferSize);
        descriptor->More = 0;
        uint control = BufferSize;
        if (IsFirstGeneration(_receiveProducer, ReceiveCount))
        {
            control |= Vmxnet3Descriptor.ReceiveGeneration;
        }

        Machine.DeviceBarrier();
        Volatile.Write(ref descriptor->Control, control);
        _receiveProducer++;
    }

    /// <summary>What the device dropped for want of buffers or for errors since it was reset.</summary>
    private ulong DeviceErrors()
    {
        if (Ask(_control, GetStatistics) == uint.MaxValue)
        {
            return _errorsAtOpen; // It is gone.
        }

        return Queue<ulong>(_receiveQueue, OutOfBuffersOffset) + Queue<ulong>(_receiveQueue, ErrorsOffset);
    }

    // Link

    private bool AskForLink()
    {
        uint link = Ask(_control, GetLink);
        return link != uint.MaxValue && (link & LinkUp) != 0;
    }

    // Registers and rings

    private static uint Ask(PciRegion control, uint command)
    {
        control.Write32(Command, command);
        return control.Read32(Command);
    }

    private static bool IsFirstGeneration(uint counter, uint count) => (counter & count) == 0;

    private static bool IsOfRound(uint flags, uint counter, uint count) =>
        (flags & Vmxnet3Completion.Generation) != 0 == IsFirstGeneration(counter, count);

    private ref T Shared<T>(uint offset) where T : unmanaged => ref *(T*)(_shared + offset);

    private static ref T Queue<T>(byte* queue, uint offset) where T : unmanaged => ref *(T*)(queue + offset);

}
