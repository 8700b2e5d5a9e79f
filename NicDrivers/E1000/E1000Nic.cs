using System;
using System.Runtime.CompilerServices;
using System.Threading;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.NicDrivers.E1000.E1000Registers;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// Intel's 8254x controllers and the 82574, with legacy descriptors, and the 82576, I210 and I350 with advanced ones; polled, interrupts
/// off. What differs between them is in <see cref="E1000Generation"/>.
/// </summary>
/// <remarks>
/// <code>
///   Received: 256 descriptors at RDBA, each with a buffer of 2 KiB      Sent: 64 descriptors at TDBA, each with a buffer of 2 KiB
///
///      the driver's next                                                   the controller's next      the driver's next
///      |                 the controller's next                             |                          |
///      v                 v                                                 v                          v
///    +-----+-----+-----+-----+-----+     +-----+                         +-----+-----+-----+     +-----+-----+     +-----+
///    | DD  | DD  | DD  |     |     | ... |     |                         | out | out | out | ... | DD  | DD  | ... | DD  |
///    +-----+-----+-----+-----+-----+     +-----+                         +-----+-----+-----+     +-----+-----+     +-----+
///                        ^ RDH               ^ RDT                         ^ TDH                      ^ TDT
///
///    The controller writes frame, length, DD at RDH, and goes on          The driver writes frame, descriptor, TDT (a register
///    until RDT, behind which one descriptor stays empty.                  write a frame); one descriptor stays empty.
///    The driver reads what has DD, and moves RDT once in 32 frames.       The controller sends from TDH to TDT and sets DD.
/// </code>
/// What a frame costs besides its one copy: received, 1/32 register write (RDT, once per <see cref="ReleaseBatch"/> buffers); sent, one
/// register write (TDT). No register is read on a frame's way: descriptors say what is done.
///
/// Each write of the receive control register makes QEMU's model of the 8254x hold back frames for a second, and its reset changes no
/// register. So all filters but promiscuous leave that register alone (broadcast is always on, promiscuous multicast is a hash table of
/// ones), and where a reset is seen to keep registers, the receiver stays on from the beginning until <see cref="Quiesce"/>:
/// while the NIC is closed it has no ring, and no address that it would accept a frame for.
/// </remarks>
public sealed unsafe class E1000Nic : DmaNic
{
    private const int ReceiveCount = 256;
    private const int TransmitCount = 64;
    private const int ReleaseBatch = 32;

    // RCTL.BSIZE 0. A buffer never crosses 64 KiB, which early 82544 and 82545 do not survive.
    private const int BufferSize = 2048;

    private const nuint ReceiveRingOffset = 0;
    private const nuint TransmitRingOffset = 4096; // Behind 256 receive descriptors of 16 bytes.
    private const nuint ReceiveBuffersOffset = 8192;
    private const nuint TransmitBuffersOffset = ReceiveBuffersOffset + (ReceiveCount * BufferSize);
    private const nuint MemorySize = TransmitBuffersOffset + (TransmitCount * BufferSize);

    private const byte SendFrame = E1000TransmitDescriptor.CommandEndOfPacket | E1000TransmitDescriptor.CommandInsertFcs |
        E1000TransmitDescriptor.CommandReportStatus;

    private const uint ReceiverOn = RctlEnable | RctlAcceptBroadcast | RctlStripCrc;

    // In microseconds. The reset has no figure beyond 1 us (SDM, 4.6.3.2 and 14.5).
    private const uint BusIdleTimeout = 1_000;
    private const uint GioMasterTimeout = 100_000;
    private const uint ResetTimeout = 100_000;
    private const uint EepromReloadTimeout = 10_000;
    private const uint QueueTimeout = 10_000;
    private const uint NegotiationTimeout = 1_000_000;

    private const byte ExpressCapability = 0xE0; // 82574 datasheet, 9.1.

    private readonly E1000Generation _generation;
    private readonly PciRegion _registers;
    private readonly E1000ReceiveDescriptor* _received;
    private readonly E1000TransmitDescriptor* _sent;
    private readonly byte* _receiveBuffers;
    private readonly byte* _transmitBuffers;
    private readonly uint[] _multicastTable = new uint[MulticastTableLength];
    private readonly bool _resetKeepsRegisters;

    private uint _receiveNext;
    private uint _released;
    private uint _transmitNext;
    private uint _receiveControl; // What the register holds.
    private bool _isSkipping;
    private MacAddress _station;
    private bool _isUnicastReceived;
    private bool _wasLinkUp;
    private bool _isOpen;

    private E1000Nic(
        PciDevice device, in E1000Model model, PciRegion registers, bool resetKeepsRegisters, MacAddress permanent, DmaBuffer memory)
        : base(device, memory)
    {
        _generation = model.Generation;
        Model = TextBuilder.Format($"Intel {model.Chip} Gigabit Ethernet");
        _resetKeepsRegisters = resetKeepsRegisters;
        _registers = registers;
        PermanentAddress = permanent;
        _received = At<E1000ReceiveDescriptor>(ReceiveRingOffset);
        _sent = At<E1000TransmitDescriptor>(TransmitRingOffset);
        _receiveBuffers = At<byte>(ReceiveBuffersOffset);
        _transmitBuffers = At<byte>(TransmitBuffersOffset);
        if (resetKeepsRegisters)
        {
            SetReceiveControl(ReceiverOn);
        }

        WakePhy();
    }

    /// <summary>Resets the controller, reads its address and allocates the rings.</summary>
    /// <param name="device">Its attributes are the NIC's from now on; when this fails, whoever calls restores them.</param>
    /// <param name="model">What it is.</param>
    /// <param name="status">Why there is no NIC.</param>
    /// <returns>Null when the controller does not answer, has no address, or memory is short.</returns>
    public static E1000Nic? Create(PciDevice device, in E1000Model model, out EFI_STATUS status)
    {
        E1000Generation generation = model.Generation;
        status = device.EnableAttributes(Attributes64);
        if (status.IsError)
        {
            return null;
        }

        if (generation.FailsInSavingLink)
        {
            device.KeepLinkAwake(ExpressCapability);
        }

        PciRegion registers = device.OpenBar(0, 0, RegionLength);
        status = EFI_STATUS.EFI_DEVICE_ERROR;
        if (!registers.IsValid)
        {
            return null;
        }

        const uint SmallestRing = 128;
        registers.Write32(Rctl, 0);
        registers.Write32(generation.ReceiveQueue + QueueLength, SmallestRing);
        if (!Reset(registers, generation))
        {
            return null;
        }

        bool resetKeepsRegisters = registers.Read32(generation.ReceiveQueue + QueueLength) == SmallestRing;
        DropRings(registers, generation);
        Firmware.Stall(generation.ConfigurationTime);
        if (!TryReadAddress(registers, generation, out MacAddress permanent))
        {
            return null;
        }

        ClearFilters(registers);
        DmaBuffer? memory = device.AllocateDma(MemorySize, out status);
        return memory is null ? null : new E1000Nic(device, model, registers, resetKeepsRegisters, permanent, memory);
    }

    /// <inheritdoc/>
    public override string Model { get; }

    /// <inheritdoc/>
    public override MacAddress PermanentAddress { get; }

    /// <inheritdoc/>
    public override uint NegotiationTime => CopperNegotiationTime;

    /// <inheritdoc/>
    public override int ReceiveRingSize => ReceiveCount - 1; // Tail must not reach head.

    /// <summary>Asks the hardware too, for the frames that found no buffer: a register read.</summary>
    public override ulong ReceiveErrors
    {
        get
        {
            if (_isOpen)
            {
                uint missed = _registers.Read32(MissedPackets); // Cleared by reading.
                base.ReceiveErrors += missed == uint.MaxValue ? 0 : missed;
            }

            return base.ReceiveErrors;
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        if (!IsPresent)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        _isUnicastReceived = false;
        SetStation(station);
        uint control = _registers.Read32(Ctrl) &
            ~(CtrlLinkReset | CtrlInvertLossOfSignal | CtrlForceSpeed | CtrlForceDuplex | CtrlReset | CtrlReceiveFlowControl |
            CtrlTransmitFlowControl | CtrlVlanMode | CtrlPhyReset | CtrlGioMasterDisable);
        _registers.Write32(Ctrl, control | CtrlSetLinkUp);
        FollowPhy();

        OpenTransmitter();
        OpenReceiver();
        _registers.Read32(MissedPackets);
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
            if (!_resetKeepsRegisters)
            {
                SetReceiveControl(0);
            }

            Stop();
            DropRings(_registers, _generation);
            ClearFilters(_registers);
            _multicastTable.AsSpan().Clear();
            SetAddress(PermanentAddress, isReceived: false);
            for (int i = 0; i < ReceiveCount; i++)
            {
                _received[i].Result = 0;
            }
        }
    }

    /// <inheritdoc/>
    public override void Quiesce()
    {
        Close();
        SetReceiveControl(0);
        if (_generation.HasAdvancedQueues)
        {
            Reset(_registers, _generation);
        }
    }

    /// <inheritdoc/>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        Span<uint> table = stackalloc uint[MulticastTableLength];
        table.Fill((filters & ReceiveFilters.EveryMulticast) != 0 ? uint.MaxValue : 0);
        if ((filters & ReceiveFilters.Multicast) != 0)
        {
            foreach (MacAddress address in multicast)
            {
                // RCTL.MO 0: bits 47 to 36 of the address. SDM, 3.2.2 and 13.5.1.
                int hash = (int)(address.Value >> 36) & 0xFFF;
                table[hash >> 5] |= 1u << (hash & 31);
            }
        }

        for (int i = 0; i < MulticastTableLength; i++)
        {
            if (_multicastTable[i] != table[i])
            {
                _multicastTable[i] = table[i];
                _registers.Write32(MulticastTable + ((uint)i * sizeof(uint)), table[i]);
            }
        }

        _isUnicastReceived = (filters & ReceiveFilters.Unicast) != 0;
        SetStation(_station);

        bool all = (filters & ReceiveFilters.Promiscuous) != 0;
        SetReceiveControl(all ? ReceiverOn | RctlUnicastPromiscuous : ReceiverOn);
    }

    /// <inheritdoc/>
    public override void SetStation(MacAddress station)
    {
        _station = station;
        SetAddress(station, _isUnicastReceived);
    }

    /// <inheritdoc/>
    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        // The slot behind this one must be free too, or the tail would meet the head and the ring be empty.
        uint after = (_transmitNext + 1) % TransmitCount;
        if ((Volatile.Read(ref _sent[after].Status) & E1000TransmitDescriptor.StatusDone) == 0)
        {
            return false;
        }

        frame.CopyTo(new Span<byte>(_transmitBuffers + (_transmitNext * BufferSize), MaximumFrameSize));
        E1000TransmitDescriptor* descriptor = _sent + _transmitNext;
        descriptor->Address = DeviceAddress + TransmitBuffersOffset + (_transmitNext * BufferSize);
        descriptor->Length = (ushort)frame.Length;
        if (_generation.HasAdvancedQueues)
        {
            descriptor->ChecksumOffset = E1000TransmitDescriptor.AdvancedData;
            descriptor->Command = SendFrame | E1000TransmitDescriptor.CommandAdvanced;
            descriptor->Rest = (uint)frame.Length << E1000TransmitDescriptor.AdvancedPayloadShift;
        }
        else
        {
            descriptor->ChecksumOffset = 0;
            descriptor->Command = SendFrame;
            descriptor->Rest = 0;
        }

        _transmitNext = after;
        Machine.DeviceBarrier();
        _registers.Write32(_generation.TransmitQueue + QueueTail, after);
        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        for (int i = 0; i < ReceiveCount; i++)
        {
            E1000ReceiveDescriptor* descriptor = _received + _receiveNext;
            uint status = _generation.HasAdvancedQueues ? Volatile.Read(ref descriptor->AdvancedStatus) : Volatile.Read(ref descriptor->Status);
            if ((status & E1000ReceiveDescriptor.StatusDone) == 0)
            {
                return default;
            }

            Machine.DeviceReadBarrier();
            int length = _generation.HasAdvancedQueues ? descriptor->AdvancedLength : descriptor->Length;
            bool isGood = _generation.HasAdvancedQueues
                ? (status & E1000ReceiveDescriptor.AdvancedFrameError) == 0
                : (descriptor->Errors & E1000ReceiveDescriptor.FrameErrors) == 0;
            bool isLast = (status & E1000ReceiveDescriptor.StatusEndOfPacket) != 0;
            if (isLast && !_isSkipping && isGood && IsFrameSize(length))
            {
                return new ReadOnlySpan<byte>(_receiveBuffers + (_receiveNext * BufferSize), length);
            }

            // A frame that goes on in the next descriptor is longer than any that this receiver takes.
            _isSkipping = !isLast;
            if (isLast)
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
        E1000ReceiveDescriptor* descriptor = _received + _receiveNext;
        descriptor->Address = ReceiveBufferAddress(_receiveNext);
        descriptor->Result = 0;
        _receiveNext = (_receiveNext + 1) % ReceiveCount;
        if (++_released == ReleaseBatch)
        {
            _released = 0;
            Machine.DeviceBarrier();
            _registers.Write32(_generation.ReceiveQueue + QueueTail, (_receiveNext + ReceiveCount - 1) % ReceiveCount);
        }
    }

    /// <summary>A register read.</summary>
    public override bool IsLinkUp()
    {
        uint status = _registers.Read32(Status);
        bool isUp = status != uint.MaxValue && (status & StatusLinkUp) != 0;
        if (isUp != _wasLinkUp)
        {
            _wasLinkUp = isUp;
            FollowPhy();
        }

        return isUp;
    }

    // Set-up

    /// <summary>Stops the transmitter, lets the bus come to rest, and resets. The receiver is off, or has no ring from now on.</summary>
    /// <returns>False when the controller does not come out of reset, or is gone.</returns>
    private static bool Reset(in PciRegion registers, E1000Generation generation)
    {
        registers.Write32(InterruptMaskClear, uint.MaxValue);
        registers.Write32(Tctl, TctlPadShortPackets);
        uint control = registers.Read32(Ctrl);
        if (control == uint.MaxValue)
        {
            return false;
        }

        if (generation.IsExpress)
        {
            // 82574 datasheet, 3.1.3.10: no new requests, and wait for those under way; then reset all the same.
            registers.Write32(Ctrl, control | CtrlGioMasterDisable);
            registers.WaitFor32(Status, StatusGioMasterEnabled, 0, GioMasterTimeout);
        }
        else
        {
            Firmware.Stall(BusIdleTimeout);
        }

        E1000Adjustments.Make(generation.Adjustments & E1000Adjustment.PacketBuffers, registers);

        // Linux, 82571.c: the management firmware must not be at the PHY in a reset, after which it has it again.
        bool isLocked = generation.Phy == E1000PhyAccess.OwnedRegister && E1000Phy.TryLock(registers, generation.Phy);
        registers.Write32(generation.ResetRegister, control | CtrlReset);
        Firmware.Stall(10); // No register may be touched in the first microsecond.
        if (isLocked)
        {
            E1000Phy.Unlock(registers, generation.Phy);
        }

        if (!registers.WaitFor32(Ctrl, CtrlReset, 0, ResetTimeout))
        {
            return false;
        }

        if (generation.ReloadsOnDemand)
        {
            registers.Write32(CtrlExt, registers.Read32(CtrlExt) | CtrlExtReloadEeprom);
        }

        if (!generation.IsExpress)
        {
            Firmware.Stall(generation.ReloadTime);
        }
        else if (!registers.WaitFor32(Eecd, EecdAutoReadDone, EecdAutoReadDone, EepromReloadTimeout) && !generation.HasAdvancedQueues)
        {
            return false; // An 82576 may have no EEPROM; QEMU's never says that it has read one.
        }

        E1000Adjustments.Make(generation.Adjustments & ~E1000Adjustment.PacketBuffers, registers);
        registers.Write32(InterruptMaskClear, uint.MaxValue);
        registers.Read32(InterruptCauseRead);
        return true;
    }

    /// <summary>What a reset does, for those models whose reset does not. Nothing is received without a ring.</summary>
    private static void DropRings(in PciRegion registers, E1000Generation generation)
    {
        DropRing(registers, generation.ReceiveQueue);
        DropRing(registers, generation.TransmitQueue);
    }

    private static void DropRing(in PciRegion registers, uint queue)
    {
        registers.Write32(queue + QueueTail, 0);
        registers.Write32(queue + QueueHead, 0);
        registers.Write32(queue + QueueLength, 0);
    }

    /// <summary>
    /// The address that the reset loaded into the first receive address register, or else the EEPROM's: its first words, of which a second
    /// port turns the last bit over (SDM, 5.6.1), or those of the port's section (82576 datasheet, 6.2).
    /// </summary>
    private static bool TryReadAddress(in PciRegion registers, E1000Generation generation, out MacAddress address)
    {
        const uint SectionLength = 0x40;
        uint low = registers.Read32(Ral0);
        uint high = registers.Read32(Rah0);
        address = new MacAddress(low | ((ulong)high << 32));
        if (high != uint.MaxValue && address.IsStation)
        {
            return true;
        }

        uint port = (registers.Read32(Status) >> StatusPortShift) & 3;
        uint first = port == 0 || !generation.HasAdvancedQueues ? 0 : (port + 1) * SectionLength;
        ulong value = 0;
        for (uint word = 0; word < 3; word++)
        {
            if (!E1000Eeprom.TryRead(registers, generation.Eeprom, first + word, out ushort data))
            {
                return false;
            }

            value |= (ulong)data << (int)(16 * word);
        }

        address = new MacAddress(generation.HasAdvancedQueues ? value : value ^ ((ulong)port << 40));
        return address.IsStation;
    }

    /// <summary>
    /// An operating system may have left the PHY asleep or isolated, and a reset of the controller does not wake it. A PHY that is awake is
    /// not touched: its link stays up. One that loses it in a reset is told to negotiate, and waited for: firmware that boots from the
    /// network at once would find no link.
    /// </summary>
    private void WakePhy()
    {
        // IEEE 802.3, 22.2.4.1: the control register.
        const uint ControlRegister = 0;
        const ushort RestartNegotiation = 1 << 9;
        const ushort Isolate = 1 << 10;
        const ushort PowerDown = 1 << 11;
        const ushort Negotiate = 1 << 12;

        E1000PhyAccess access = _generation.Phy;
        if (!E1000Phy.TryLock(_registers, access))
        {
            return;
        }

        bool isRead = E1000Phy.TryRead(_registers, access, ControlRegister, out ushort control);
        bool isAsleep = (control & (Isolate | PowerDown | Negotiate)) != Negotiate;
        bool negotiates = isRead && (isAsleep || (_generation.LosesLinkInReset && !IsLinkUp()));
        if (negotiates)
        {
            control = (ushort)((control & ~(Isolate | PowerDown)) | Negotiate | RestartNegotiation);
            E1000Phy.Write(_registers, access, ControlRegister, control);
        }

        E1000Phy.Unlock(_registers, access);
        if (negotiates && _generation.LosesLinkInReset)
        {
            _registers.WaitFor32(Status, StatusLinkUp, StatusLinkUp, NegotiationTimeout);
        }
    }

    /// <summary>Sets the MAC to the speed and duplex of a PHY that does not tell it. FreeBSD, e1000_82543.c.</summary>
    private void FollowPhy()
    {
        // The 88E1000's own status register: speed as CTRL has it, above duplex.
        const uint StatusRegister = 17;
        const int SpeedShift = 14;
        const int DuplexShift = 13;
        if (_generation.Phy != E1000PhyAccess.Wires)
        {
            return;
        }

        E1000Phy.TryRead(_registers, E1000PhyAccess.Wires, StatusRegister, out ushort status);
        uint control = _registers.Read32(Ctrl) & ~(CtrlSpeed | CtrlFullDuplex);
        uint speed = (uint)(status >> SpeedShift) << CtrlSpeedShift;
        uint duplex = (uint)(status >> DuplexShift) & CtrlFullDuplex;
        _registers.Write32(Ctrl, control | CtrlForceSpeed | CtrlForceDuplex | speed | duplex);
    }

    private void OpenTransmitter()
    {
        for (int i = 0; i < TransmitCount; i++)
        {
            _sent[i] = default;
            _sent[i].Status = E1000TransmitDescriptor.StatusDone;
        }

        _transmitNext = 0;
        uint queue = _generation.TransmitQueue;
        _registers.Write64(queue + QueueAddress, DeviceAddress + TransmitRingOffset);
        _registers.Write32(queue + QueueLength, (uint)(TransmitCount * sizeof(E1000TransmitDescriptor)));
        _registers.Write32(queue + QueueHead, 0);
        _registers.Write32(queue + QueueTail, 0);
        SwitchOn(queue, _generation.IsExpress ? DctlWriteBackEach | TxdctlReservedOne : 0);
        _registers.Write32(Tipg, TipgCopper);
        Machine.DeviceBarrier();
        _registers.Write32(Tctl, TctlEnable | TctlPadShortPackets | TctlCollisionThreshold | TctlCollisionDistance);
    }

    private void OpenReceiver()
    {
        for (uint i = 0; i < ReceiveCount; i++)
        {
            _received[i] = default;
            _received[i].Address = ReceiveBufferAddress(i);
        }

        _receiveNext = 0;
        _released = 0;
        _isSkipping = false;
        if (_generation.IsExpress)
        {
            _registers.Write32(Rfctl, 0);
            _registers.Write32(Mrqc, 0);
        }

        _registers.Write32(Rxcsum, 0);
        uint queue = _generation.ReceiveQueue;
        if (_generation.HasAdvancedQueues)
        {
            _registers.Write32(queue + QueueSplit, SplitOneBuffer);
        }
        else
        {
            _registers.Write32(queue + QueueDelay, 0);
            _registers.Write32(queue + QueueAbsoluteDelay, 0);
        }

        _registers.Write64(queue + QueueAddress, DeviceAddress + ReceiveRingOffset);
        _registers.Write32(queue + QueueLength, (uint)(ReceiveCount * sizeof(E1000ReceiveDescriptor)));
        _registers.Write32(queue + QueueHead, 0);
        _registers.Write32(queue + QueueTail, 0);
        Machine.DeviceBarrier();
        SwitchOn(queue, _generation.IsExpress ? DctlWriteBackEach : 0);
        SetReceiveControl(ReceiverOn);
        _registers.Write32(queue + QueueTail, ReceiveCount - 1);
    }

    /// <summary>Sets a queue's control register; of an advanced queue waits until it is on (82576 datasheet, 4.5.9 and 4.5.10).</summary>
    private void SwitchOn(uint queue, uint control)
    {
        if (_generation.HasAdvancedQueues)
        {
            _registers.Write32(queue + QueueControl, DctlEnabledWriteBackEach);
            _registers.WaitFor32(queue + QueueControl, DctlEnabled, DctlEnabled, QueueTimeout);
            return;
        }

        _registers.Write32(queue + QueueControl, control);
    }

    /// <summary>
    /// Stops DMA: by a reset, or where queues can be switched off by that, so that the link stays up.
    /// </summary>
    private void Stop()
    {
        if (!_generation.HasAdvancedQueues)
        {
            Reset(_registers, _generation);
            return;
        }

        _registers.Write32(Tctl, TctlPadShortPackets);
        SwitchOff(_generation.ReceiveQueue);
        SwitchOff(_generation.TransmitQueue);
    }

    private void SwitchOff(uint queue)
    {
        _registers.Write32(queue + QueueControl, 0);
        _registers.WaitFor32(queue + QueueControl, DctlEnabled, 0, QueueTimeout);
    }

    // Filters

    /// <summary>No address but the first, no multicast: a reset does so too, but not every model's.</summary>
    private static void ClearFilters(in PciRegion registers)
    {
        for (uint i = 1; i < AddressCount; i++)
        {
            registers.Write32(Rah0 + (i * 8), 0);
        }

        for (uint i = 0; i < MulticastTableLength; i++)
        {
            registers.Write32(MulticastTable + (i * sizeof(uint)), 0);
        }
    }

    private void SetReceiveControl(uint value)
    {
        if (value != _receiveControl)
        {
            _receiveControl = value;
            _registers.Write32(Rctl, value);
        }
    }

    private void SetAddress(MacAddress address, bool isReceived)
    {
        _registers.Write32(Ral0, (uint)address.Value);
        _registers.Write32(Rah0, (uint)(address.Value >> 32) | (isReceived ? RahValid : 0));
    }

    // Reception

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReceiveBufferAddress(uint index) => DeviceAddress + ReceiveBuffersOffset + (index * BufferSize);

}
