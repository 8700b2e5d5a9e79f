using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.NicDrivers.Ne2k.Ne2kRegisters;

namespace NetBoot.NicDrivers.Ne2k;

/// <summary>
/// An NE2000 on PCI (Realtek's RTL8029AS): a DP8390 with memory of its own, which the processor reads and writes through the data port,
/// polled, interrupts off. There is no DMA.
/// </summary>
/// <remarks>
/// <code>
///   The card's memory, in pages of 256 bytes; the processor sees it only through the data port (remote DMA)
///
///    0x40        0x46        0x4C = PSTART                                                        PSTOP = 0x80 or 0xC0
///    +-----------+-----------+-------------------------------------------------------------------+
///    | set 0     | set 1     | free  | hdr frame | hdr frame...  | free                          |
///    +-----------+-----------+-------------------------------------------------------------------+
///      TPSR: the one on        ^ BNRY  ^ the driver's next       ^ CURR, the receiver's next
///      the wire
///
///   Sent: the driver writes a frame into the set that is not on the wire, then TPSR, TBCR and the command TXP.
///   Received: the chip writes header (status, next page, length) and frame from CURR on, and stops before BNRY. The driver reads CURR
///   when the interrupt status says that something came, reads header and frame through the data port into a buffer in main memory, and
///   moves BNRY to the page before the next frame.
/// </code>
/// The card's memory, in pages of 256 bytes from page 0x40: two frames to send, so that one is filled while the other is on the wire, and
/// the receive ring. <see cref="Peek"/> reads a frame into a buffer, gives its pages back to the receiver at once, and shows the buffer:
/// the one copy of a frame more than with other NICs. A remote read ends at the ring's end, and a frame that wraps takes another: chips
/// differ in whether remote DMA wraps by itself.
///
/// What a frame costs in calls of the firmware: received, 8 (one remote read of 64 bytes: header and what a short frame has) or 14 (a
/// second for the rest), and 4 more to find how far the receiver is, once for all the frames that came meanwhile; sent, 14. Nothing
/// received costs one.
///
/// How much memory there is (16 KiB on the chip, 32 KiB in QEMU), and whether the data port is 32 bits wide (QEMU's is), is tried out.
/// QEMU compares a frame's destination with the address in the PROM and not with the station address registers: another station
/// address is received promiscuously.
/// </remarks>
public sealed class Ne2kNic : Nic
{
    private const int PageSize = 256;
    private const byte TransmitStart = 0x40;
    private const byte TransmitPages = 6; // The largest frame has 1518 bytes.
    private const byte RingStart = TransmitStart + (2 * TransmitPages);
    private const byte SmallStop = 0x80; // 16 KiB.
    private const byte LargeStop = 0xC0; // 32 KiB.

    private const int HeaderSize = 4;
    private const int FcsSize = 4;
    private const int ShortestFrame = 60; // What is shorter on the wire is a runt, which the receiver drops; nothing pads what is sent.
    private const int FirstRead = HeaderSize + ShortestFrame;
    private const int BufferWords = (HeaderSize + MaximumFrameSize + sizeof(uint) - 1) / sizeof(uint);

    private const byte Idle = CommandStart | CommandNoRemote;
    private const byte Stopped = CommandStop | CommandNoRemote;

    // In microseconds. DP8390D data sheet, 7: a reception or transmission under way ends within 1.6 ms of the stop command.
    private const uint StopTime = 1_600;
    private const uint ResetTimeout = 10_000;
    private const uint RemoteTimeout = 1_000;
    private const uint TransmitTimeout = 5_000; // Four times the longest frame at 10 Mbit/s: with a few collisions.

    private readonly PciDevice _device;
    private readonly PciRegion _registers;
    private readonly uint[] _received = new uint[BufferWords]; // With the card's header.
    private readonly uint[] _sent = new uint[BufferWords];
    private MacAddress _permanent;
    private bool _isWide; // Whether the data port is.
    private bool _testsLink;
    private byte _ringStop = SmallStop;

    private byte _next; // Where the oldest frame begins.
    private byte _current; // Where the receiver was when it was last asked.
    private int _frameLength; // Of the frame in _received; 0: none.
    private int _waitingLength; // Of the frame in transmit set _set that waits for the transmitter; 0: none.
    private byte _set;
    private ReceiveFilters _filters;
    private ulong _multicastTable;
    private byte _receiveControl = ReceiveMonitor;
    private MacAddress _station;
    private bool _isOpen;

    private Ne2kNic(PciDevice device, PciRegion registers)
    {
        _device = device;
        _registers = registers;
    }

    /// <summary>Resets the chip, reads its address, and tries its memory and its data port.</summary>
    /// <param name="device">Its attributes are the NIC's from now on; when this fails, whoever calls restores them.</param>
    /// <param name="status">Why there is no NIC.</param>
    /// <returns>Null when the chip does not answer, or has no address or no memory.</returns>
    public static Ne2kNic? Create(PciDevice device, out EFI_STATUS status)
    {
        status = device.EnableAttributes(EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO);
        if (status.IsError)
        {
            return null;
        }

        status = EFI_STATUS.EFI_DEVICE_ERROR;
        PciRegion registers = device.OpenBar(0, 0, RegionLength);
        if (!registers.IsValid)
        {
            return null;
        }

        Ne2kNic nic = new(device, registers);
        if (!nic.Reset())
        {
            return null;
        }

        nic.Start();
        bool isGood = nic.TryReadAddress() && nic.TryMemory();
        nic.Reset();
        if (!isGood)
        {
            return null;
        }

        nic._testsLink = (nic.ReadConfiguration(Configuration2) & MediumMask) == 0;

        status = EFI_STATUS.EFI_SUCCESS;
        return nic;
    }

    /// <inheritdoc/>
    public override string Model => "Realtek RTL8029AS Ethernet";

    /// <inheritdoc/>
    public override MacAddress PermanentAddress => _permanent;

    /// <summary>A chip that is set to one medium does not test the link; QEMU's is set so.</summary>
    public override bool ReportsLink => _testsLink;

    /// <summary>Of full-sized frames; of small ones there is room for six times as many. One page stays empty.</summary>
    public override int ReceiveRingSize => (_ringStop - RingStart - 1) / TransmitPages;

    /// <summary>Asks the chip's counters too: three register reads.</summary>
    public override ulong ReceiveErrors
    {
        get
        {
            if (_isOpen)
            {
                base.ReceiveErrors += Count(AlignmentErrors) + Count(CrcErrors) + Count(MissedFrames);
            }

            return base.ReceiveErrors;
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        if (!Reset())
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        _station = station;
        _filters = ReceiveFilters.None;
        _multicastTable = 0;
        _receiveControl = ReceiveMonitor;
        _frameLength = 0;
        Start();
        Count(AlignmentErrors);
        Count(CrcErrors);
        Count(MissedFrames);
        base.ReceiveErrors = 0;
        _isOpen = true;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_isOpen)
        {
            // What was accepted is sent: a reset would cut it off.
            if (_registers.WaitFor8(Command, CommandTransmit, 0, TransmitTimeout) && _waitingLength != 0)
            {
                TryStartTransmitter();
                _registers.WaitFor8(Command, CommandTransmit, 0, TransmitTimeout);
            }

            _isOpen = false;
        }

        _frameLength = 0;
        _waitingLength = 0;
        Reset();
    }

    /// <inheritdoc/>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        ulong table = MulticastHash.TableByUpperBits(filters, multicast);
        _filters = filters;
        if (_isOpen && table != _multicastTable)
        {
            _registers.Write8(Command, Idle | CommandPage1);
            WriteMulticastTable(table);
            _registers.Write8(Command, Idle);
        }

        _multicastTable = table;
        SetReceiveControl();
    }

    /// <inheritdoc/>
    public override void SetStation(MacAddress station)
    {
        _station = station;
        if (_isOpen)
        {
            _registers.Write8(Command, Idle | CommandPage1);
            WriteStation();
            _registers.Write8(Command, Idle);
        }

        SetReceiveControl();
    }

    /// <inheritdoc/>
    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        if (_waitingLength != 0 && !TryStartTransmitter())
        {
            return false;
        }

        int length = Math.Max(frame.Length, ShortestFrame);
        int words = WordsOf(length);
        _sent.AsSpan(0, words).Clear(); // IEEE 802.3, 3.2.8; and nothing that was sent before goes out again.
        frame.CopyTo(MemoryMarshal.AsBytes(_sent.AsSpan()));
        if (!TryWriteMemory(SetPage * PageSize, _sent.AsSpan(0, words)))
        {
            return false;
        }

        _waitingLength = length;
        TryStartTransmitter();
        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        if (!_isOpen)
        {
            return default;
        }

        if (_waitingLength != 0)
        {
            TryStartTransmitter();
        }

        for (int i = _ringStop - RingStart; i > 0 && _frameLength == 0; i--)
        {
            if (!HasFrame())
            {
                break;
            }

            if (_frameLength == 0)
            {
                ReadFrame();
            }
        }

        return MemoryMarshal.AsBytes(_received.AsSpan()).Slice(HeaderSize, _frameLength);
    }

    /// <summary>The card's memory is free already; this forgets the copy.</summary>
    public override void Release() => _frameLength = 0;

    /// <summary>Four register accesses. It is the link on the twisted pair: coaxial cable counts as no link.</summary>
    public override bool IsLinkUp() => !_testsLink || (ReadConfiguration(Configuration0) & LinkTestFails) == 0;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Close();
        _device.RestoreAttributes();
    }

    // Set-up

    /// <summary>Stops and resets, and leaves the chip off the wire. False when the reset does not end, or the chip is gone.</summary>
    private bool Reset()
    {
        _registers.Write8(Command, Stopped);
        _registers.Write8(InterruptStatus, byte.MaxValue);
        _registers.Write8(ResetPort, _registers.Read8(ResetPort));
        bool isReset = _registers.WaitFor8(InterruptStatus, StatusReset, StatusReset, ResetTimeout);
        StayOffTheWire();
        return isReset && _registers.Read8(Command) != byte.MaxValue;
    }

    private void StayOffTheWire()
    {
        _registers.Write8(Command, Stopped);
        _registers.Write8(RemoteCount0, 0);
        _registers.Write8(RemoteCount1, 0);
        _registers.Write8(ReceiveControl, ReceiveMonitor);
        _registers.Write8(TransmitControl, TransmitLoopback);
        _registers.Write8(InterruptMask, 0);
        _registers.Write8(InterruptStatus, byte.MaxValue);
    }

    /// <summary>
    /// The initialization of the DP8390D data sheet, 11, with the ring empty. Also the way out when the ring has become nonsense.
    /// </summary>
    private void Start()
    {
        StayOffTheWire();
        _registers.Write8(DataConfiguration, DataWords | DataNoLoopback | DataFifo8);
        _registers.Write8(PageStart, RingStart);
        _registers.Write8(PageStop, _ringStop);
        _registers.Write8(Boundary, RingStart);
        _next = RingStart + 1;
        _current = _next;
        _waitingLength = 0;
        _set = 0;
        _registers.Write8(Command, Stopped | CommandPage1);
        WriteStation();
        WriteMulticastTable(_multicastTable);
        _registers.Write8(CurrentPage, _current);
        _registers.Write8(Command, Idle);
        _registers.Write8(TransmitControl, TransmitNormal);
        _registers.Write8(ReceiveControl, _receiveControl);
    }

    /// <summary>The PROM is at the memory's beginning, each byte of it in a word.</summary>
    private bool TryReadAddress()
    {
        Span<uint> words = stackalloc uint[MacAddress.Size / 2];
        ReadMemory(0, words);
        ulong value = 0;
        for (int i = 0; i < words.Length; i++)
        {
            value |= (ulong)((words[i] & 0xFF) | ((words[i] >> 8) & 0xFF00)) << (16 * i);
        }

        _permanent = new MacAddress(value);
        _station = _permanent;
        return _permanent.IsStation;
    }

    /// <summary>
    /// Writes marks where the memory begins and where its second half would, whose addresses mean the first half on a card that has only
    /// that; then reads the first one through the data port's 32 bits. None of the pages is in the ring as it is now.
    /// </summary>
    private bool TryMemory()
    {
        const int First = TransmitStart * PageSize;
        const int Second = SmallStop * PageSize;
        const int Last = (LargeStop - 1) * PageSize;
        Span<uint> mark = [0x4E45_5432, 0x8029_10EC];
        Span<uint> other = [0xA5C3_9617, 0x1769_3C5A];
        Span<uint> found = stackalloc uint[2];
        if (!TryWriteMemory(First, mark) || !TryWriteMemory(Second, other) || !TryWriteMemory(Last, other))
        {
            return false;
        }

        ReadMemory(Second, found);
        bool isLarge = found.SequenceEqual(other);
        ReadMemory(Last, found);
        isLarge = isLarge && found.SequenceEqual(other);
        ReadMemory(First, found);
        isLarge = isLarge && found.SequenceEqual(mark);
        _ringStop = isLarge ? LargeStop : SmallStop;
        TryWriteMemory(First, mark);
        ReadMemory(First, found);
        if (!found.SequenceEqual(mark))
        {
            return false;
        }

        // A port of 16 bits answers with only half of what was asked for, and a remote DMA that waits for the rest: ended below.
        _isWide = true;
        ReadMemory(First, found);
        _isWide = found.SequenceEqual(mark) && TryWriteMemory(First, other);
        EndRemote();
        if (_isWide)
        {
            _isWide = false;
            ReadMemory(First, found);
            _isWide = found.SequenceEqual(other);
        }

        return true;
    }

    // Filters

    private void WriteStation()
    {
        for (int i = 0; i < MacAddress.Size; i++)
        {
            _registers.Write8(StationAddress + (uint)i, (byte)(_station.Value >> (8 * i)));
        }
    }

    private void WriteMulticastTable(ulong table)
    {
        for (int i = 0; i < MulticastTableLength; i++)
        {
            _registers.Write8(MulticastTable + (uint)i, (byte)(table >> (8 * i)));
        }
    }

    /// <summary>The chip has no bit for unicast frames: it receives its own unless it is only monitoring.</summary>
    private void SetReceiveControl()
    {
        bool unicast = (_filters & ReceiveFilters.Unicast) != 0;
        bool all = (_filters & ReceiveFilters.Promiscuous) != 0;
        bool broadcast = all || (_filters & ReceiveFilters.Broadcast) != 0;
        byte control = (byte)(
            (broadcast ? ReceiveBroadcast : 0) |
            (_multicastTable != 0 ? ReceiveMulticast : 0) |
            (all || (unicast && _station != _permanent) ? ReceivePromiscuous : 0) |
            (_filters == 0 ? ReceiveMonitor : 0));
        if (control != _receiveControl)
        {
            _receiveControl = control;
            if (_isOpen)
            {
                _registers.Write8(ReceiveControl, control);
            }
        }
    }

    // Transmission

    private byte SetPage => (byte)(TransmitStart + (_set * TransmitPages));

    /// <summary>Starts the frame that waits. False when the one before it is still on the wire.</summary>
    private bool TryStartTransmitter()
    {
        if ((_registers.Read8(Command) & CommandTransmit) != 0)
        {
            return false;
        }

        _registers.Write8(InterruptStatus, StatusTransmitted | StatusTransmitError);
        _registers.Write8(TransmitPage, SetPage);
        _registers.Write8(TransmitCount0, (byte)_waitingLength);
        _registers.Write8(TransmitCount1, (byte)(_waitingLength >> 8));
        _registers.Write8(Command, Idle | CommandTransmit);
        _waitingLength = 0;
        _set ^= 1;
        return true;
    }

    // Reception

    /// <summary>
    /// True when there is a frame at <see cref="_next"/>, or in the buffer already. Asks the chip before each one: once the ring is full,
    /// nothing may be taken out of it but by the recovery.
    /// </summary>
    private bool HasFrame()
    {
        byte status = _registers.Read8(InterruptStatus);
        if (status == byte.MaxValue)
        {
            return false; // The card is gone.
        }

        if ((status & StatusOverwrite) != 0)
        {
            RecoverFromOverwrite();
        }
        else if (_next == _current && (status & (StatusReceived | StatusReceiveError)) != 0)
        {
            // In this order: a frame that comes in between is found now, or sets the bit again.
            _registers.Write8(InterruptStatus, StatusReceived | StatusReceiveError);
            ReadCurrentPage();
        }

        return _next != _current || _frameLength != 0;
    }

    private void ReadCurrentPage()
    {
        _registers.Write8(Command, Idle | CommandPage1);
        byte page = _registers.Read8(CurrentPage);
        _registers.Write8(Command, Idle);
        if (IsInRing(page))
        {
            _current = page;
        }
        else
        {
            base.ReceiveErrors++;
            Start();
        }
    }

    /// <summary>The ring is full, and the receiver has stopped within a frame. DP8390D data sheet, 7: buffer ring overflow.</summary>
    private void RecoverFromOverwrite()
    {
        base.ReceiveErrors++;
        bool wasSending = (_registers.Read8(Command) & CommandTransmit) != 0;
        _registers.Write8(Command, Stopped);
        Firmware.Stall(StopTime);
        _registers.Write8(RemoteCount0, 0);
        _registers.Write8(RemoteCount1, 0);
        bool isCutOff = wasSending && (_registers.Read8(InterruptStatus) & (StatusTransmitted | StatusTransmitError)) == 0;
        _registers.Write8(TransmitControl, TransmitLoopback);
        _registers.Write8(Command, Idle);
        ReadCurrentPage();
        if (_next != _current)
        {
            ReadFrame();
        }

        _registers.Write8(InterruptStatus, StatusOverwrite | StatusReceived | StatusReceiveError);
        _registers.Write8(TransmitControl, TransmitNormal);
        if (isCutOff)
        {
            _registers.Write8(Command, Idle | CommandTransmit);
        }
    }

    /// <summary>
    /// Reads the frame at <see cref="_next"/>, which is before <see cref="_current"/>, into the buffer and gives its pages back. A frame
    /// that is too long is counted and skipped; a header that cannot be true is counted, and the receiver starts anew.
    /// </summary>
    private void ReadFrame()
    {
        Span<uint> buffer = _received;
        ReadMemory(_next * PageSize, buffer.Slice(0, FirstRead / sizeof(uint)));
        uint header = buffer[0];
        byte following = (byte)(header >> 8);
        int length = (int)(header >> 16) - FcsSize;
        if (!IsHeader((byte)header, following, length))
        {
            base.ReceiveErrors++;
            Start();
            return;
        }

        if (IsFrameSize(length))
        {
            int words = WordsOf(HeaderSize + length);
            int first = FirstRead / sizeof(uint);
            if (words > first)
            {
                int end = Math.Min(words, (_ringStop - _next) * (PageSize / sizeof(uint)));
                ReadMemory((_next * PageSize) + FirstRead, buffer.Slice(first, end - first));
                if (words > end)
                {
                    ReadMemory(RingStart * PageSize, buffer.Slice(end, words - end));
                }
            }

            _frameLength = length;
        }
        else
        {
            base.ReceiveErrors++;
        }

        _next = following;
        _registers.Write8(Boundary, (byte)((following == RingStart ? _ringStop : following) - 1));
    }

    /// <summary>
    /// A good frame, as long as a frame is, that ends in the page before <paramref name="following"/> (chips differ when it fills its last
    /// page) and within what the receiver says it has written.
    /// </summary>
    private bool IsHeader(byte status, byte following, int length)
    {
        int pages = PagesTo(following);
        int needed = (HeaderSize + length + FcsSize + PageSize - 1) / PageSize;
        return (status & StatusReceived) != 0 && length >= ShortestFrame && IsInRing(following) &&
            pages >= needed && pages <= needed + 1 && pages <= PagesTo(_current);
    }

    private bool IsInRing(byte page) => page >= RingStart && page < _ringStop;

    /// <summary>From <see cref="_next"/>; a whole ring when it is the same page.</summary>
    private int PagesTo(byte page) => page > _next ? page - _next : page - _next + _ringStop - RingStart;

    /// <summary>A counter of the chip; 0xFF: it is gone.</summary>
    private ulong Count(uint counter)
    {
        byte value = _registers.Read8(counter);
        return value == byte.MaxValue ? 0UL : value;
    }

    // Link

    private byte ReadConfiguration(uint register)
    {
        byte command = _isOpen ? Idle : Stopped;
        _registers.Write8(Command, (byte)(command | CommandPage3));
        bool answers = (_registers.Read8(Command) & CommandPage3) == CommandPage3; // A card that was pulled may read as zeros.
        byte value = _registers.Read8(register);
        _registers.Write8(Command, command);
        return answers ? value : byte.MaxValue;
    }

    // The card's memory

    private void BeginRemote(int address, int words, byte operation)
    {
        int bytes = words * sizeof(uint);
        _registers.Write8(RemoteAddress0, (byte)address);
        _registers.Write8(RemoteAddress1, (byte)(address >> 8));
        _registers.Write8(RemoteCount0, (byte)bytes);
        _registers.Write8(RemoteCount1, (byte)(bytes >> 8));
        _registers.Write8(Command, (byte)(CommandStart | operation));
    }

    private void EndRemote()
    {
        _registers.Write8(Command, Idle);
        _registers.Write8(RemoteCount0, 0);
        _registers.Write8(RemoteCount1, 0);
    }

    private void ReadMemory(int address, Span<uint> data)
    {
        BeginRemote(address, data.Length, CommandRemoteRead);
        if (_isWide)
        {
            _registers.ReadFifo32(DataPort, data);
        }
        else
        {
            _registers.ReadFifo16(DataPort, MemoryMarshal.Cast<uint, ushort>(data));
        }
    }

    /// <returns>False when the chip does not say in time that it has everything.</returns>
    private bool TryWriteMemory(int address, ReadOnlySpan<uint> data)
    {
        _registers.Write8(InterruptStatus, StatusRemoteDone);
        BeginRemote(address, data.Length, CommandRemoteWrite);
        if (_isWide)
        {
            _registers.WriteFifo32(DataPort, data);
        }
        else
        {
            _registers.WriteFifo16(DataPort, MemoryMarshal.Cast<uint, ushort>(data));
        }

        if (_registers.WaitFor8(InterruptStatus, StatusRemoteDone, StatusRemoteDone, RemoteTimeout))
        {
            return true;
        }

        EndRemote();
        return false;
    }

    private static int WordsOf(int bytes) => (bytes + sizeof(uint) - 1) / sizeof(uint);
}
