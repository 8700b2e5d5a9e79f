using System;
using System.Threading;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using static UefiNicDriver.Rtl8139Registers;

namespace UefiNicDriver;

/// <summary>
/// Realtek's RTL8139, polled: the card appends received frames to a ring of bytes, each behind a header with its status and length, and sends
/// from four buffers in turn. The base class <see cref="Nic"/> says what each method may do.
/// </summary>
/// <remarks>
/// What a card writes is never trusted: it is read once, and bounded before it is used. Nothing is allocated but at the beginning, and every
/// wait has an end.
/// </remarks>
public sealed unsafe class Rtl8139Nic : DmaNic
{
    private const int RingSize = 64 * 1024;
    private const int RingTail = 2048; // Behind the ring: a frame that runs on at its beginning is put together here.
    private const int HeaderSize = 4;
    private const int FcsSize = 4;
    private const uint StatusOk = 1 << 0;
    private const uint StatusErrors = 0x1FFE;

    private const int TransmitCount = 4;
    private const int TransmitSize = 2048;
    private const int ShortestFrame = 60; // The chip does not pad.

    private const nuint BuffersAt = RingSize + RingTail;
    private const nuint MemorySize = BuffersAt + (TransmitCount * TransmitSize);

    private const uint ResetTimeout = 100_000; // Microseconds, as all times.
    private const uint AutoLoadTimeout = 50_000;

    private readonly PciRegion _registers;
    private ushort _next; // Where in the ring the oldest frame's header is; the ring's size is all that 16 bits can say.
    private int _recordSize; // Of the frame that Peek returned, with its header.
    private int _transmitNext;
    private bool _isOpen;
    private bool _isPromiscuous;

    private Rtl8139Nic(PciDevice device, PciRegion registers, MacAddress address, DmaBuffer memory)
        : base(device, memory)
    {
        _registers = registers;
        PermanentAddress = address;
    }

    /// <summary>Resets the card, reads its address and takes memory that it can reach.</summary>
    /// <param name="device">On failure, whoever calls restores its attributes.</param>
    /// <param name="status">Why there is no NIC.</param>
    public static Rtl8139Nic? Create(PciDevice device, out EFI_STATUS status)
    {
        status = device.EnableAttributes(Attributes32);
        if (status.IsError)
        {
            return null;
        }

        // Both BARs show the same registers; memory is there on every platform, I/O ports are not.
        PciRegion registers = device.OpenBar(1, 0, RegionLength);
        status = EFI_STATUS.EFI_DEVICE_ERROR;
        if (!registers.IsValid || !Reset(registers) || !TryReadAddress(registers, out MacAddress address))
        {
            return null;
        }

        DmaBuffer? memory = AllocateBelow4GiB(device, MemorySize, out status);
        return memory is null ? null : new Rtl8139Nic(device, registers, address, memory);
    }

    /// <inheritdoc/>
    public override string Model => "Realtek RTL8139 Fast Ethernet";

    /// <inheritdoc/>
    public override MacAddress PermanentAddress { get; }

    /// <inheritdoc/>
    public override uint NegotiationTime => CopperNegotiationTime;

    /// <inheritdoc/>
    public override int ReceiveRingSize => RingSize / (MaximumFrameSize + HeaderSize + FcsSize + 2);

    /// <inheritdoc/>
    public override EFI_STATUS Open(MacAddress station)
    {
        Close();
        if (!IsPresent || !Reset(_registers))
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        SetStation(station);

        // All of multicast: the SNP drops what was not asked for.
        _registers.Write32(Mar0, uint.MaxValue);
        _registers.Write32(Mar4, uint.MaxValue);
        for (uint i = 0; i < TransmitCount; i++)
        {
            _registers.Write32(Tsad0 + (i * sizeof(uint)), (uint)(DeviceAddress + BuffersAt + (i * TransmitSize)));
        }

        _transmitNext = 0;
        _isPromiscuous = false;
        _isOpen = true;
        ReceiveErrors = 0;
        StartReceiver();
        _registers.Write32(TransmitConfig, TransmitConfigValue); // Not taken before the transmitter is on.
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
        }
    }

    /// <inheritdoc/>
    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        bool isPromiscuous = (filters & ReceiveFilters.Promiscuous) != 0;
        if (isPromiscuous != _isPromiscuous)
        {
            // A write of the register empties the ring in QEMU, so that it is written only where it must be.
            _isPromiscuous = isPromiscuous;
            StartReceiver();
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
        uint descriptor = Tsd0 + ((uint)_transmitNext * sizeof(uint));
        if ((_registers.Read32(descriptor) & TsdOwn) == 0)
        {
            return false; // All four are out.
        }

        Span<byte> buffer = new(At<byte>(BuffersAt) + (_transmitNext * TransmitSize), TransmitSize);
        frame.CopyTo(buffer);
        int length = Math.Max(frame.Length, ShortestFrame);
        buffer[frame.Length..length].Clear();
        Machine.DeviceBarrier(); // The frame is in memory before the card is told of it.
        _registers.Write32(descriptor, TsdWholeFrame | (uint)length);
        _transmitNext = (_transmitNext + 1) % TransmitCount;
        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        while (_isOpen && (_registers.Read8(Command) & CommandBufferEmpty) == 0)
        {
            Machine.DeviceReadBarrier(); // What is before the pointer is read after it.
            uint header = Volatile.Read(ref *(uint*)(At<byte>(0) + _next));
            int length = (int)(header >> 16);
            int frameSize = length - FcsSize;
            if ((header & (StatusOk | StatusErrors)) != StatusOk || !IsFrameSize(frameSize))
            {
                // Where the next frame begins is not known any more.
                ReceiveErrors++;
                StartReceiver();
                return default;
            }

            _recordSize = (HeaderSize + length + 3) & ~3;
            return InOnePiece((ushort)(_next + HeaderSize), frameSize);
        }

        RecoverFromOverflow();
        return default;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        _next = (ushort)(_next + _recordSize);
        _recordSize = 0;
        Machine.DeviceBarrier(); // The frame has been read before the card may write there.
        _registers.Write16(ReadPointer, (ushort)(_next - ReadPointerBias));
    }

    /// <inheritdoc/>
    public override bool IsLinkUp() => (_registers.Read8(MediaStatus) & MediaLinkDown) == 0;

    private static bool Reset(PciRegion registers)
    {
        registers.Write8(Command, CommandReset);
        if (!registers.WaitFor8(Command, CommandReset, 0, ResetTimeout))
        {
            return false;
        }

        registers.Write16(InterruptMask, 0);
        registers.Write16(InterruptStatus, ushort.MaxValue);
        return true;
    }

    /// <summary>The address as the EEPROM has it: a reset leaves one that somebody may have put in its place.</summary>
    private static bool TryReadAddress(PciRegion registers, out MacAddress address)
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

    /// <summary>Begins anew with an empty ring.</summary>
    private void StartReceiver()
    {
        _next = 0;
        _recordSize = 0;
        _registers.Write8(Command, CommandTransmit);
        _registers.Write16(InterruptStatus, ReceiveOverflow | FifoOverflow);
        _registers.Write32(Rbstart, (uint)DeviceAddress);
        _registers.Write8(Command, CommandTransmit | CommandReceive);
        _registers.Write32(ReceiveConfig, _isPromiscuous ? ReceiveConfigValue | ReceiveAll : ReceiveConfigValue);
        _registers.Write16(ReadPointer, unchecked((ushort)-ReadPointerBias));
    }

    /// <summary>A chip whose ring ran over may have stopped receiving; all that it had received has been read.</summary>
    private void RecoverFromOverflow()
    {
        if (!_isOpen)
        {
            return;
        }

        ushort status = _registers.Read16(InterruptStatus);
        if (status != ushort.MaxValue && (status & (ReceiveOverflow | FifoOverflow)) != 0)
        {
            ReceiveErrors++;
            StartReceiver();
        }
    }

    private ReadOnlySpan<byte> InOnePiece(ushort start, int size)
    {
        byte* ring = At<byte>(0);
        int wrapped = start + size - RingSize;
        if (wrapped > 0)
        {
            new ReadOnlySpan<byte>(ring, wrapped).CopyTo(new Span<byte>(ring + RingSize, RingTail));
        }

        return new ReadOnlySpan<byte>(ring + start, size);
    }
}
