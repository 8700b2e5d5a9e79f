using System;
using System.Threading;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.NicDrivers.Rtl8139.Rtl8139Registers;

namespace NetBoot.NicDrivers.Rtl8139;

/// <summary>Realtek's RTL8139 family in C mode (one receive ring of bytes, four transmit buffers), polled, interrupts off.</summary>
/// <remarks>
/// <code>
///   Received: 64 KiB of bytes at RBSTART, and 2 KiB behind them         Sent: four buffers of 2 KiB, taken in turn
///
///      read up to here      received up to here                            +--------+--------+--------+--------+
///      v                    v                                              | TSAD0  | TSAD1  | TSAD2  | TSAD3  |  where each lies
///    +--------------------+----------------------------+ - - - +           | TSD0   | TSD1   | TSD2   | TSD3   |  its length, and OWN
///    | hdr frame hdr frame|         free               | rest  |           +--------+--------+--------+--------+
///    +--------------------+----------------------------+ - - - +                       ^ the driver's next
///      ^ CAPR + 16          ^ CBR
///                                                                          The driver copies a frame and writes TSD (a register
///    The card appends header (status, length), frame and FCS at CBR,       write a frame), which gives the buffer to the card.
///    each at a multiple of 4. The driver reads CBR once for all that       The 16 bits of TSAD (0x60) say which of the four are
///    has come, and writes CAPR once in 8 KiB. What runs on at the          sent; they are read when all four are out.
///    ring's beginning is copied to its end, to be in one piece.
/// </code>
/// What a frame costs besides its one copy: sent, one register write (TSD) and a quarter of a read (TSAD, when all four buffers are out);
/// received, 1/8 KiB of its size in writes (CAPR) and one read (CBR) for all frames that came since the last. A poll that finds nothing
/// costs that one read, and one in <see cref="OverflowCheckInterval"/> another (ISR).
///
/// The ring is the largest there is, 64 KiB. The chip's WRAP bit, which lets a frame run on behind the ring, does not exist at that size
/// (data sheet, RCR): what was wrapped is copied behind the ring, one frame in some forty. In return the ring's offsets are 16 bits, so none
/// can lie outside.
///
/// Headers count only up to what CBR says is there: QEMU writes a header before its frame, and another processor's thread may look
/// in between.
///
/// A write of RCR empties the ring in QEMU. So while open the chip always receives station, broadcast and hashed multicast, and RCR changes
/// only with promiscuous mode; the SNP drops what was not asked for.
///
/// The memory BAR is used: I/O space is scarce or absent beyond x86, and both BARs show the same registers.
/// </remarks>
public sealed unsafe class Rtl8139Nic : DmaNic
{
    private const int RingSize = 0x1_0000;
    private const int HeaderSize = 4;
    private const int FcsSize = 4;
    private const int ReturnBatch = 8192;
    private const int OverflowCheckInterval = 16;
    private const int PresenceCheckInterval = 64;

    // Header: 16 bits of status, 16 of length with the FCS. Data sheet, "Receive Status Register in Rx packet header".
    private const uint StatusOk = 1 << 0;
    private const uint StatusErrorsAndReserved = 0x1FFE;

    private const int TransmitCount = 4;
    private const int TransmitBufferSize = 2048;
    private const int ShortestFrame = 60; // The chip does not pad.

    private const nuint RingOffset = 0;
    private const nuint TailSize = 2048; // Behind the ring: the rest of a frame that wraps.
    private const nuint TransmitBuffersOffset = RingSize + TailSize;
    private const nuint MemorySize = TransmitBuffersOffset + (TransmitCount * TransmitBufferSize);

    private const uint ReceiverConfig =
        RcrAcceptStation | RcrAcceptMulticast | RcrAcceptBroadcast | RcrBurstUnlimited | RcrRing64K | RcrNoThreshold;

    private const uint TransmitterConfig = TcrBurst1024 | TcrStandardGap;

    // In microseconds. The data sheet gives 2 ms for the EEPROM and no figure for the reset.
    private const uint ResetTimeout = 100_000;
    private const uint AutoLoadTimeout = 50_000;

    private readonly PciRegion _registers;
    private readonly byte* _ring;
    private readonly byte* _transmitBuffers;

    private ushort _receiveNext; // Where the oldest frame's header is.
    private ushort _receiveEnd; // What CBR said last.
    private int _recordSize; // Of the frame that Peek returned: with header and padding.
    private int _unreturned; // Bytes read that CAPR does not tell of.
    private int _emptyPolls;
    private int _transmitNext;
    private int _transmitBusy;
    private int _linkPolls;
    private bool _isGone;
    private bool _isPromiscuous;
    private bool _isOpen;

    private Rtl8139Nic(PciDevice device, PciRegion registers, MacAddress permanent, DmaBuffer memory)
        : base(device, memory)
    {
        _registers = registers;
        PermanentAddress = permanent;
        _ring = At<byte>(RingOffset);
        _transmitBuffers = At<byte>(TransmitBuffersOffset);
    }

    /// <summary>Resets the controller, reads its address and allocates the ring.</summary>
    /// <param name="device">Its attributes are the NIC's from now on; when this fails, whoever calls restores them.</param>
    /// <param name="status">Why there is no NIC.</param>
    /// <returns>Null when the controller does not answer, has no address, or memory that it can reach is short.</returns>
    public static Rtl8139Nic? Create(PciDevice device, out EFI_STATUS status)
    {
        status = device.EnableAttributes(Attributes32);
        if (status.IsError)
        {
            return null;
        }

        PciRegion registers = device.OpenBar(1, 0, RegionLength);
        status = EFI_STATUS.EFI_DEVICE_ERROR;
        if (!registers.IsValid || !Reset(registers) || !TryLoadAddress(registers, out MacAddress permanent))
        {
            return null;
        }

        DmaBuffer? memory = AllocateBelow4GiB(device, MemorySize, out status);
        return memory is null ? null : new Rtl8139Nic(device, registers, permanent, memory);
    }

    /// <inheritdoc/>
    public override string Model => "Realtek RTL8139 Fast Ethernet";

    /// <inheritdoc/>
    public override MacAddress PermanentAddress { get; }

    /// <inheritdoc/>
    public override uint NegotiationTime => CopperNegotiationTime;

    /// <summary>Of the largest frames; more of smaller ones.</summary>
    public override int ReceiveRingSize => (RingSize - ReturnBatch) / RecordSize(MaximumFrameSize + FcsSize);

    /// <summary>Asks the hardware too, for the frames that found no room: a register read.</summary>
    public override ulong ReceiveErrors
    {
        get
        {
            if (_isOpen)
            {
                base.ReceiveErrors += TakeMissed();
            }

            return base.ReceiveErrors;
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        if (!IsPresent || !Reset(_registers))
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        SetStation(station);
        SetMulticast(0);
        _isPromiscuous = false;
        _transmitNext = 0;
        _transmitBusy = 0;
        for (uint i = 0; i < TransmitCount; i++)
        {
            _registers.Write32(
                Tsad0 + (i * sizeof(uint)), (uint)(DeviceAddress + TransmitBuffersOffset + (i * TransmitBufferSize)));
        }

        RestartReceiver();
        _registers.Write32(TransmitConfig, TransmitterConfig); // Not taken before the transmitter is on.
        TakeMissed();
        base.ReceiveErrors = 0;
        _isOpen = true;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            Reset(_registers);
            SetStation(PermanentAddress);
            SetMulticast(0);
            _receiveEnd = _receiveNext;
            _recordSize = 0;
        }
    }

    /// <inheritdoc/>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        SetMulticast(MulticastHash.TableByUpperBits(filters, multicast));
        bool all = (filters & ReceiveFilters.Promiscuous) != 0;
        if (all != _isPromiscuous)
        {
            _isPromiscuous = all;
            RestartReceiver();
        }
    }

    /// <inheritdoc/>
    public override void SetStation(MacAddress station)
    {
        _registers.Write8(Eeprom, EepromConfigWrite);
        _registers.Write32(Idr0, (uint)station.Value);
        _registers.Write32(Idr4, (uint)(station.Value >> 32));
        _registers.Write8(Eeprom, EepromNormal);
    }

    /// <inheritdoc/>
    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        if (_transmitBusy == TransmitCount && !ReclaimTransmitBuffers())
        {
            return false;
        }

        Span<byte> buffer = new(_transmitBuffers + (_transmitNext * TransmitBufferSize), TransmitBufferSize);
        frame.CopyTo(buffer);
        int length = frame.Length;
        if (length < ShortestFrame)
        {
            buffer[length..ShortestFrame].Clear();
            length = ShortestFrame;
        }

        Machine.DeviceBarrier();
        _registers.Write32(Tsd0 + ((uint)_transmitNext * sizeof(uint)), TsdWholeFrame | (uint)length);
        _transmitNext = (_transmitNext + 1) % TransmitCount;
        _transmitBusy++;
        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        if (_receiveNext == _receiveEnd && !_isOpen)
        {
            return default;
        }

        if (_receiveNext == _receiveEnd && !TryFindEnd())
        {
            return default;
        }

        while (_receiveNext != _receiveEnd)
        {
            uint header = Volatile.Read(ref *(uint*)(_ring + _receiveNext));
            int length = (int)(header >> 16);
            int available = (ushort)(_receiveEnd - _receiveNext);
            if ((header & (StatusOk | StatusErrorsAndReserved)) != StatusOk || RecordSize(length) > available)
            {
                RejectHeader();
                return default;
            }

            _recordSize = RecordSize(length);
            int frameSize = length - FcsSize;
            if (IsFrameSize(frameSize))
            {
                return Contiguous((ushort)(_receiveNext + HeaderSize), frameSize);
            }

            base.ReceiveErrors++;
            Release();
        }

        return default;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        _receiveNext = (ushort)(_receiveNext + _recordSize);
        _unreturned += _recordSize;
        _recordSize = 0;
        if (_unreturned >= ReturnBatch)
        {
            ReturnRoom();
        }
    }

    /// <summary>A register read. Zeros are a good link, and what a card that was pulled may answer: so it is looked for now and then.</summary>
    public override bool IsLinkUp()
    {
        byte status = _registers.Read8(MediaStatus);
        if (++_linkPolls == PresenceCheckInterval)
        {
            _linkPolls = 0;
            _isGone = !IsPresent;
        }

        return !_isGone && status != byte.MaxValue && (status & MediaLinkDown) == 0;
    }

    // Set-up

    /// <summary>Receiver and transmitter off, interrupts off, pointers at their beginning. Addresses and filters stay.</summary>
    /// <returns>False when the controller does not come out of reset, or is gone.</returns>
    private static bool Reset(PciRegion registers)
    {
        registers.Write16(InterruptMask, 0);
        registers.Write8(Command, 0);
        registers.Write8(Command, CommandReset);
        if (!registers.WaitFor8(Command, CommandReset, 0, ResetTimeout))
        {
            return false;
        }

        registers.Write16(InterruptMask, 0);
        registers.Write16(InterruptStatus, ushort.MaxValue);
        return true;
    }

    /// <summary>The station address as the EEPROM has it: a reset leaves the one that somebody may have put in its place.</summary>
    private static bool TryLoadAddress(PciRegion registers, out MacAddress address)
    {
        address = default;
        registers.Write8(Eeprom, EepromAutoLoad);
        if (!registers.WaitFor8(Eeprom, EepromModeMask, 0, AutoLoadTimeout))
        {
            return false;
        }

        uint low = registers.Read32(Idr0);
        address = new MacAddress(low | ((ulong)(ushort)registers.Read32(Idr4) << 32));
        return address.IsStation;
    }

    // Filters

    private void SetMulticast(ulong table)
    {
        _registers.Write32(Mar0, (uint)table);
        _registers.Write32(Mar4, (uint)(table >> 32));
    }

    // Transmission

    /// <summary>Asks for all four buffers, which are out, in one read. True when the oldest has been sent.</summary>
    private bool ReclaimTransmitBuffers()
    {
        uint summary = _registers.Read16(TransmitSummary);
        if (summary == ushort.MaxValue)
        {
            return false;
        }

        if (((summary >> SummaryAborted) & 0xF) != 0)
        {
            // Too many collisions: the transmitter waits to be told to send that frame again.
            _registers.Write32(TransmitConfig, TransmitterConfig | TcrClearAbort);
        }

        uint done = summary & ((summary >> SummaryOk) | (summary >> SummaryUnderrun));
        while (_transmitBusy > 0 && ((done >> ((_transmitNext - _transmitBusy) & (TransmitCount - 1))) & 1) != 0)
        {
            _transmitBusy--;
        }

        return _transmitBusy < TransmitCount;
    }

    // Reception

    /// <summary>
    /// Begins anew with an empty ring. The chip takes its pointers back when the receiver goes on, QEMU when RCR is written: both happen
    /// here, RCR last and with it the first frame.
    /// </summary>
    private void RestartReceiver()
    {
        _receiveNext = 0;
        _receiveEnd = 0;
        _recordSize = 0;
        _unreturned = 0;
        _emptyPolls = 0;
        _registers.Write8(Command, CommandTransmit);
        _registers.Write16(InterruptStatus, ReceiveOverflow | FifoOverflow);
        _registers.Write32(Rbstart, (uint)(DeviceAddress + RingOffset));
        _registers.Write8(Command, CommandTransmit | CommandReceive);
        _registers.Write32(ReceiveConfig, _isPromiscuous ? ReceiverConfig | RcrAcceptAll : ReceiverConfig);
        _registers.Write16(ReadPointer, unchecked((ushort)-ReadPointerBias));
    }

    /// <summary>Learns how far the ring is filled. False when it is empty.</summary>
    private bool TryFindEnd()
    {
        ushort end = _registers.Read16(WritePointer);
        if (end == ushort.MaxValue)
        {
            return false; // Gone: the pointer is even.
        }

        Machine.DeviceReadBarrier(); // What is before the pointer is read after it.
        _receiveEnd = (ushort)((end + 3) & ~3);
        if (_receiveEnd != _receiveNext)
        {
            return true;
        }

        if (++_emptyPolls >= OverflowCheckInterval)
        {
            _emptyPolls = 0;
            RecoverFromOverflow();
        }

        return false;
    }

    /// <summary>A chip that overflowed may have stopped receiving. All that it had received has been read when this is called.</summary>
    private void RecoverFromOverflow()
    {
        ushort status = _registers.Read16(InterruptStatus);
        if (status != ushort.MaxValue && (status & (ReceiveOverflow | FifoOverflow)) != 0)
        {
            base.ReceiveErrors += Math.Max(1, TakeMissed());
            RestartReceiver();
        }
    }

    /// <summary>
    /// A header that no frame has: should the chip's pointer run ahead of a frame that is coming in, it is only early; otherwise the ring
    /// is out of step, and only a restart helps. CR.BUFE, which counts whole frames, tells.
    /// </summary>
    private void RejectHeader()
    {
        _receiveEnd = _receiveNext;
        ReturnRoom();
        byte command = _registers.Read8(Command);
        if (command != byte.MaxValue && (command & CommandBufferEmpty) == 0)
        {
            base.ReceiveErrors++;
            RestartReceiver();
        }
    }

    /// <summary>A frame in the ring, in one piece: what is at the ring's beginning is copied behind its end.</summary>
    /// <param name="start">Its offset.</param>
    /// <param name="size">A frame's: less than <see cref="TailSize"/>.</param>
    private ReadOnlySpan<byte> Contiguous(ushort start, int size)
    {
        int wrapped = start + size - RingSize;
        if (wrapped > 0)
        {
            new ReadOnlySpan<byte>(_ring, wrapped).CopyTo(new Span<byte>(_ring + RingSize, (int)TailSize));
        }

        return new ReadOnlySpan<byte>(_ring + start, size);
    }

    private void ReturnRoom()
    {
        _unreturned = 0;
        Machine.DeviceBarrier();
        _registers.Write16(ReadPointer, (ushort)(_receiveNext - ReadPointerBias));
    }

    /// <summary>How many frames the chip dropped since the last time.</summary>
    private uint TakeMissed()
    {
        uint missed = _registers.Read32(MissedPackets);
        if (missed == uint.MaxValue || (missed & MissedPacketsMask) == 0)
        {
            return 0;
        }

        _registers.Write32(MissedPackets, 0);
        return missed & MissedPacketsMask;
    }

    /// <summary>What a frame takes in the ring: header, frame with FCS, up to a multiple of 4.</summary>
    private static int RecordSize(int length) => (HeaderSize + length + 3) & ~3;
}
