using System;
using System.Threading;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.NicDrivers.Pcnet.PcnetRegisters;

namespace NetBoot.NicDrivers.Pcnet;

/// <summary>
/// AMD's Am79C970A and its successors: 16-byte descriptors, 32-bit DMA, polled, interrupts off.
/// </summary>
/// <remarks>
/// <code>
///   Received: 256 descriptors, each with a buffer of 1,536 bytes        Sent: 64 descriptors, each with a buffer of 1,536 bytes
///
///      the driver's next   the chip's next                                 the chip's next     the driver's next
///      v                   v                                               v                   v
///    +------+------+-----+-----+-----+     +-----+                       +-----+-----+-----+-----+     +-----+
///    | frame| frame| ... | OWN | OWN | ... | OWN |                       | OWN | OWN | ... |     | ... |     |
///    +------+------+-----+-----+-----+     +-----+                       +-----+-----+-----+-----+     +-----+
///
///    OWN set: the chip's. It writes the frame, then status and           OWN set: the chip's, to be sent. The driver copies the
///    length, and takes OWN away. The driver reads it and sets OWN        frame, sets OWN, and writes TDMD in CSR0 (a register
///    again: no register is touched.                                      write a frame). The chip sends, and takes OWN away.
///
///    Where both rings lie, the initialization block in memory says; the chip reads it once, when CSR0.INIT is written.
/// </code>
/// What a frame costs besides its one copy: received, no register access (the OWN bit alone goes back, frame by frame); sent, one
/// register write, the demand in CSR0. For that the address port (RAP) selects CSR0 whenever nothing else is under way.
///
/// Registers: the memory BAR, which every architecture reaches alike; the I/O BAR where there is no other (Am79C970). Double-word mode:
/// the first 32-bit write of RDP leads there from either mode, while the way back is a hardware reset (or, in QEMU, a software reset too).
///
/// QEMU's model differs from a chip in two ways that stop a driver which trusts descriptors. It takes its OWN bit away before it has
/// written ENP and the length: see <see cref="IsUnfinished"/>. And when the descriptor that is its turn is not its own, it goes
/// on with any later one that is, and never fills those between in this round: see <see cref="TryPassOver"/>.
/// </remarks>
public sealed unsafe class PcnetNic : DmaNic
{
    private const int ReceiveBits = 8;
    private const int ReceiveCount = 1 << ReceiveBits;
    private const int TransmitBits = 6;
    private const int TransmitCount = 1 << TransmitBits;
    private const int FcsSize = 4;
    private const int BufferSize = 1536; // The largest frame and its FCS.

    private const uint ReceiveRingOffset = 0;
    private const uint TransmitRingOffset = 4096; // Behind 256 receive descriptors of 16 bytes.
    private const uint BlockOffset = TransmitRingOffset + 1024;
    private const uint ReceiveBuffersOffset = 8192;
    private const uint TransmitBuffersOffset = ReceiveBuffersOffset + (ReceiveCount * BufferSize);
    private const uint MemorySize = TransmitBuffersOffset + (TransmitCount * BufferSize);

    private const uint NothingReceived = ModeNoUnicast | ModeNoBroadcast;

    // In microseconds. INIT is seven bus cycles; suspending waits for the frames under way, with their retries on a busy wire.
    private const uint ResetTime = 10;
    private const uint InitTimeout = 100_000;
    private const uint SuspendTimeout = 50_000;

    private readonly PciRegion _registers;
    private readonly uint _deviceAddress;
    private readonly PcnetDescriptor* _received;
    private readonly PcnetDescriptor* _sent;
    private readonly byte* _receiveBuffers;
    private readonly byte* _transmitBuffers;

    private uint _receiveNext;
    private uint _probe;
    private uint _transmitNext;
    private uint _mode;
    private ulong _multicast;
    private MacAddress _station;
    private ushort _missed; // What CSR112 was when it was last read.
    private bool _isOpen;
    private bool _isDead; // It could not be started anew: until the NIC is opened again it is as closed, and has no link.

    private PcnetNic(PciDevice device, PciRegion registers, string model, MacAddress permanent, DmaBuffer memory)
        : base(device, memory)
    {
        _registers = registers;
        Model = model;
        PermanentAddress = permanent;
        _deviceAddress = (uint)DeviceAddress;
        _received = At<PcnetDescriptor>(ReceiveRingOffset);
        _sent = At<PcnetDescriptor>(TransmitRingOffset);
        _receiveBuffers = At<byte>(ReceiveBuffersOffset);
        _transmitBuffers = At<byte>(TransmitBuffersOffset);
        ClearRings();
    }

    /// <summary>Resets the chip, reads its address and allocates the rings, below 4 GiB.</summary>
    /// <param name="device">Its attributes are the NIC's from now on; when this fails, whoever calls restores them.</param>
    /// <param name="status">Why there is no NIC.</param>
    /// <returns>Null when the chip does not answer, has no address, or memory is short.</returns>
    public static PcnetNic? Create(PciDevice device, out EFI_STATUS status)
    {
        status = device.EnableAttributes(Attributes32 | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO);
        if (status.IsError)
        {
            return null;
        }

        PciRegion registers = device.OpenBar(1, 0, RegionLength);
        if (!registers.IsValid)
        {
            registers = device.OpenBar(0, 0, RegionLength);
        }

        status = EFI_STATUS.EFI_DEVICE_ERROR;
        if (!registers.IsValid || !TryReset(registers))
        {
            return null;
        }

        MacAddress permanent = new(registers.Read32(Aprom) | ((ulong)registers.Read32(Aprom + 4) << 32));
        if (!permanent.IsStation)
        {
            return null;
        }

        string model = NameOf(ReadCsr(registers, Csr88ChipId) | (ReadCsr(registers, Csr89ChipId) << 16));
        DmaBuffer? memory = AllocateBelow4GiB(device, MemorySize, out status);
        return memory is null ? null : new PcnetNic(device, registers, model, permanent, memory);
    }

    /// <inheritdoc/>
    public override string Model { get; }

    /// <inheritdoc/>
    public override MacAddress PermanentAddress { get; }

    /// <inheritdoc/>
    public override uint NegotiationTime => CopperNegotiationTime;

    /// <inheritdoc/>
    public override int ReceiveRingSize => ReceiveCount;

    /// <summary>Asks the hardware too, for the frames that found no descriptor: a register read between two writes.</summary>
    public override ulong ReceiveErrors
    {
        get
        {
            if (_isOpen)
            {
                Select(_registers, Csr112Missed);
                uint register = _registers.Read32(Rdp);
                Select(_registers, Csr0);
                if (register != uint.MaxValue)
                {
                    base.ReceiveErrors += (ushort)(register - _missed);
                    _missed = (ushort)register;
                }
            }

            return base.ReceiveErrors;
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        _station = station;
        _mode = NothingReceived;
        _multicast = 0;
        base.ReceiveErrors = 0;
        _isDead = false;
        _isOpen = TryStart();
        return _isOpen ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            WriteCsr(Csr0, Csr0Stop);
            TryReset(_registers);
            ClearRings();
        }
    }

    /// <summary>Leaves the chip in word mode where a software reset leads there: what an old driver expects.</summary>
    public override void Quiesce()
    {
        Close();
        SoftwareReset(_registers);
    }

    /// <inheritdoc/>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        uint mode = 0;
        if ((filters & ReceiveFilters.Unicast) == 0)
        {
            mode |= ModeNoUnicast;
        }

        if ((filters & ReceiveFilters.Broadcast) == 0)
        {
            mode |= ModeNoBroadcast;
        }

        if ((filters & ReceiveFilters.Promiscuous) != 0)
        {
            mode |= ModePromiscuous;
        }

        ulong table = MulticastHash.TableByReflectedUpperBits(filters, multicast);
        if (mode != _mode || table != _multicast)
        {
            _mode = mode;
            _multicast = table;
            ApplyFilter();
        }
    }

    /// <inheritdoc/>
    public override void SetStation(MacAddress station)
    {
        if (station != _station)
        {
            _station = station;
            ApplyFilter();
        }
    }

    /// <inheritdoc/>
    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        PcnetDescriptor* descriptor = _sent + _transmitNext;
        if (!_isOpen || (Volatile.Read(ref descriptor->Control) & PcnetDescriptor.Own) != 0)
        {
            return false;
        }

        frame.CopyTo(new Span<byte>(_transmitBuffers + (_transmitNext * BufferSize), MaximumFrameSize));
        descriptor->Address = _deviceAddress + TransmitBuffersOffset + (_transmitNext * BufferSize);
        descriptor->Status = 0;
        uint control = PcnetDescriptor.Own | PcnetDescriptor.Start | PcnetDescriptor.End | PcnetDescriptor.ByteCount(frame.Length);
        Machine.DeviceBarrier();
        Volatile.Write(ref descriptor->Control, control);
        _transmitNext = (_transmitNext + 1) % TransmitCount;
        Machine.DeviceBarrier();
        _registers.Write32(Rdp, Csr0TransmitDemand);
        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        for (int i = 0; i < ReceiveCount; i++)
        {
            PcnetDescriptor* descriptor = _received + _receiveNext;
            uint control = Volatile.Read(ref descriptor->Control);
            if ((control & PcnetDescriptor.Own) != 0)
            {
                if (!TryPassOver())
                {
                    return default;
                }

                continue;
            }

            Machine.DeviceReadBarrier();
            int count = CountOf(descriptor);
            if (IsUnfinished(control, count))
            {
                if (IsOwned(After(_receiveNext)))
                {
                    return default;
                }

                Machine.DeviceReadBarrier();
                control = Volatile.Read(ref descriptor->Control);
                count = CountOf(descriptor);
            }

            const uint Whole = PcnetDescriptor.Start | PcnetDescriptor.End;
            int length = count - FcsSize;
            if ((control & (Whole | PcnetDescriptor.Error)) == Whole && IsFrameSize(length))
            {
                return new ReadOnlySpan<byte>(_receiveBuffers + (_receiveNext * BufferSize), length);
            }

            // A frame in several descriptors is longer than any that is taken: its last one counts.
            if ((control & (PcnetDescriptor.End | PcnetDescriptor.Error)) != 0)
            {
                base.ReceiveErrors++;
            }

            Release();
        }

        return default;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        PcnetDescriptor* descriptor = _received + _receiveNext;
        GiveBack(descriptor, _receiveNext);
        _receiveNext = After(_receiveNext);
    }

    /// <summary>
    /// A register read between two writes. The chip tells what its link LED shows, which is the 10BASE-T link; successors of the Am79C970A
    /// show their PHY's there.
    /// </summary>
    public override bool IsLinkUp()
    {
        if (_isDead)
        {
            return false;
        }

        Select(_registers, Bcr4);
        uint led = _registers.Read32(Bdp);
        Select(_registers, Csr0);
        return led != uint.MaxValue && (led & Bcr4LedOut) != 0;
    }

    // Set-up

    /// <summary>Part numbers: AMD 19436, CSR88, and the successors' data sheets.</summary>
    private static string NameOf(uint id) => ((id >> 12) & 0xFFFF) switch
    {
        0x2621 => "AMD Am79C970A PCnet-PCI II",
        0x2623 => "AMD Am79C971 PCnet-FAST",
        0x2624 => "AMD Am79C972 PCnet-FAST+",
        0x2625 => "AMD Am79C973 PCnet-FAST III",
        0x2627 => "AMD Am79C975 PCnet-FAST III",
        _ => "AMD PCnet",
    };

    /// <summary>In either mode: the read of the other mode's port has no effect.</summary>
    private static void SoftwareReset(PciRegion registers)
    {
        registers.Read16(WordReset);
        registers.Read32(Reset);
        Firmware.Stall(ResetTime);
    }

    /// <summary>Stopped, in double-word mode, RAP selects CSR0, and the link LED can be asked.</summary>
    /// <returns>False when the chip does not come out of reset as the data sheet says, or is gone.</returns>
    private static bool TryReset(PciRegion registers)
    {
        SoftwareReset(registers);
        registers.Write32(Rdp, 0);
        Select(registers, Csr0);
        uint state = registers.Read32(Rdp);
        if (state == uint.MaxValue || (ushort)state != Csr0Stop)
        {
            return false;
        }

        Select(registers, Bcr4);
        registers.Write32(Bdp, Bcr4Link);
        Select(registers, Csr0);
        return true;
    }

    /// <summary>From any state to running, with the present station and filters.</summary>
    private bool TryStart()
    {
        if (!TryReset(_registers))
        {
            return false;
        }

        ClearRings();
        *At<PcnetInitializationBlock>(BlockOffset) = new PcnetInitializationBlock
        {
            Mode = (ushort)_mode,
            ReceiveLength = ReceiveBits << 4,
            TransmitLength = TransmitBits << 4,
            AddressLow = (uint)_station.Value,
            AddressHigh = (uint)(_station.Value >> 32),
            MulticastLow = (uint)_multicast,
            MulticastHigh = (uint)(_multicast >> 32),
            ReceiveRing = _deviceAddress + ReceiveRingOffset,
            TransmitRing = _deviceAddress + TransmitRingOffset,
        };
        Machine.DeviceBarrier();

        Select(_registers, Bcr20);
        _registers.Write32(Bdp, Bcr20Style2);
        if ((_registers.Read32(Bdp) & Bcr20Is32Bit) == 0)
        {
            return false;
        }

        Select(_registers, Bcr2);
        _registers.Write32(Bdp, (_registers.Read32(Bdp) & 0xFFFF) | Bcr2AutoSelect);
        WriteCsr(Csr3, Csr3MaskAll | Csr3NoStopOnUnderflow);
        WriteCsr(Csr4, Csr4MaskAll | Csr4PadTransmit | Csr4NoPolling);
        WriteCsr(Csr5, 0);
        uint block = _deviceAddress + BlockOffset;
        WriteCsr(Csr1BlockLow, block & 0xFFFF);
        WriteCsr(Csr2BlockHigh, block >> 16);
        WriteCsr(Csr0, Csr0Init);
        if (!_registers.WaitFor32(Rdp, Csr0InitDone, Csr0InitDone, InitTimeout))
        {
            TryReset(_registers);
            return false;
        }

        _registers.Write32(Rdp, Csr0Start | Csr0InitDone);
        _missed = 0;
        return true;
    }

    /// <summary>All receive descriptors the chip's, all transmit descriptors ours: nothing to read, room to send.</summary>
    private void ClearRings()
    {
        for (uint i = 0; i < ReceiveCount; i++)
        {
            GiveBack(_received + i, i);
        }

        for (int i = 0; i < TransmitCount; i++)
        {
            _sent[i] = default;
            _sent[i].Control = PcnetDescriptor.ByteCount(0);
        }

        _receiveNext = 0;
        _probe = 0;
        _transmitNext = 0;
    }

    // Filters

    /// <summary>
    /// Suspended, the chip keeps its place in both rings, and only frames of those few microseconds are lost. A stop would have it begin
    /// anew at the rings' bases (AMD 19436, "Re-Initialization"): what is done only to a chip that does not suspend.
    /// </summary>
    private void ApplyFilter()
    {
        if (!_isOpen)
        {
            return;
        }

        WriteCsr(Csr5, Csr5Suspend);
        if (!_registers.WaitFor32(Rdp, Csr5Suspend, Csr5Suspend, SuspendTimeout))
        {
            _ = ReceiveErrors;
            _isOpen = TryStart();
            if (!_isOpen)
            {
                _isDead = true;
                ClearRings();
            }

            return;
        }

        for (int i = 0; i < 4; i++)
        {
            WriteCsr(Csr8Multicast + (uint)i, (ushort)(_multicast >> (16 * i)));
        }

        for (int i = 0; i < 3; i++)
        {
            WriteCsr(Csr12Address + (uint)i, (ushort)(_station.Value >> (16 * i)));
        }

        WriteCsr(Csr15Mode, _mode);
        WriteCsr(Csr5, 0);
        Select(_registers, Csr0);
    }

    // Reception

    private static uint After(uint index) => (index + 1) % ReceiveCount;

    private static int CountOf(PcnetDescriptor* descriptor) => (int)(Volatile.Read(ref descriptor->Status) & PcnetDescriptor.MessageCountMask);

    /// <summary>
    /// Ours by the OWN bit, but with neither end, length nor error. That is a frame which goes on in the next descriptor, or, in QEMU, one
    /// that is just being written; a driver that gives it back then has it written over later. It is known when the next one is ours too.
    /// </summary>
    private static bool IsUnfinished(uint control, int count) =>
        (control & PcnetDescriptor.Error) == 0 && ((control & PcnetDescriptor.End) == 0 || count == 0);

    private bool IsOwned(uint index) => (Volatile.Read(ref _received[index].Control) & PcnetDescriptor.Own) != 0;

    /// <summary>
    /// Looks, at each call, at one descriptor more. Descriptors are filled in order, so if that one is ours while the next in turn is still
    /// the chip's, the chip (QEMU's) has passed over: so do we, or no frame would come before it has been round the ring.
    /// </summary>
    /// <returns>False when there is nothing to read.</returns>
    private bool TryPassOver()
    {
        _probe = After(_probe);
        if (IsOwned(_probe))
        {
            return false;
        }

        for (int i = 0; i < ReceiveCount && IsOwned(_receiveNext); i++)
        {
            _receiveNext = After(_receiveNext);
        }

        return true;
    }

    private void GiveBack(PcnetDescriptor* descriptor, uint index)
    {
        descriptor->Address = _deviceAddress + ReceiveBuffersOffset + (index * BufferSize);
        descriptor->Status = 0;
        Machine.DeviceBarrier();
        Volatile.Write(ref descriptor->Control, PcnetDescriptor.Own | PcnetDescriptor.ByteCount(BufferSize));
    }

    // Registers

    private static void Select(PciRegion registers, uint register) => registers.Write32(Rap, register);

    private static uint ReadCsr(PciRegion registers, uint register)
    {
        Select(registers, register);
        uint value = registers.Read32(Rdp) & 0xFFFF;
        Select(registers, Csr0);
        return value;
    }

    private void WriteCsr(uint register, uint value)
    {
        Select(_registers, register);
        _registers.Write32(Rdp, value);
    }
}
