using System;
using System.Buffers.Binary;

namespace NetBoot.Tests.Models.Devices;

/// <summary>An RTL8139 in C mode after Realtek's data sheet of the RTL8139C(L)+, as a polled driver meets it.</summary>
public sealed class SimulatedRtl8139 : SimulatedNic
{
    private const int Tsd0 = 0x10;
    private const int Tsad0 = 0x20;
    private const int Rbstart = 0x30;
    private const int Command = 0x37;
    private const int Capr = 0x38;
    private const int Cbr = 0x3A;
    private const int Imr = 0x3C;
    private const int Isr = 0x3E;
    private const int Tcr = 0x40;
    private const int Rcr = 0x44;
    private const int MissedPackets = 0x4C;
    private const int Eeprom = 0x50;
    private const int MediaStatus = 0x58;
    private const int TransmitSummary = 0x60;
    private const int RingSize = 0x1_0000;
    private const uint Own = 1 << 13;
    private const uint TransmitOk = 1 << 15;
    private const uint TransmitAborted = 1 << 30;

    private readonly byte[] _registers = new byte[256];
    private readonly byte[] _address;
    private int _transmitNext;

    public SimulatedRtl8139(string address = "525400123456")
        : base(0x10EC, 0x8139)
    {
        _address = Convert.FromHexString(address);
        SetBar(0, 0xC001);
        SetBar(1, 0x8000_0000);
        Reset();
    }

    public bool NeverLoads { get; set; }

    /// <summary>QEMU takes the ring's pointers back at a write of RCR; the chip when the receiver goes on.</summary>
    public bool IsQemu { get; set; }

    /// <summary>The next frame meets too many collisions: the transmitter stops until the driver clears the abort.</summary>
    public bool AbortsNext { get; set; }

    /// <summary>CBR runs ahead of what is there, as for a frame that is still coming in.</summary>
    public int Incoming { get; set; }

    public bool IsReceiving => (_registers[Command] & 8) != 0;

    public bool IsTransmitting => (_registers[Command] & 4) != 0;

    public uint this[int offset] => BinaryPrimitives.ReadUInt32LittleEndian(_registers.AsSpan(offset));

    public ushort ReadOffset => (ushort)(Word(Capr) + 16);

    public ushort WriteOffset
    {
        get => Word(Cbr);
        set => SetWord(Cbr, value);
    }

    /// <summary>The ring in memory, for a device that writes what it likes.</summary>
    public Span<byte> Ring => Dma(this[Rbstart], RingSize);

    /// <inheritdoc/>
    public override bool Receive(byte[] frame) => Receive(frame, 1);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="frame">Without FCS.</param>
    /// <param name="status">The header's status.</param>
    /// <param name="length">The header's length, when it is to be wrong.</param>
    public bool Receive(byte[] frame, ushort status, int? length = null)
    {
        bool stopped = (Word(Isr) & 0x50) != 0 && !IsQemu;
        if (!IsReceiving || !IsBusMaster || IsRemoved || !Accepts(frame))
        {
            return false;
        }

        int room = (ushort)(ReadOffset - WriteOffset);
        if (stopped || (room != 0 && frame.Length + 8 >= room))
        {
            Overflow(0x10);
            return false;
        }

        byte[] record = new byte[(frame.Length + 4 + 4 + 3) & ~3];
        BinaryPrimitives.WriteUInt16LittleEndian(record, status);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(2), (ushort)(length ?? frame.Length + 4));
        frame.CopyTo(record, 4);
        Span<byte> ring = Ring;
        for (int i = 0; i < record.Length; i++)
        {
            ring[(ushort)(WriteOffset + i)] = record[i];
        }

        WriteOffset = (ushort)(WriteOffset + record.Length);
        SetWord(Isr, (ushort)(Word(Isr) | 1));
        return true;
    }

    /// <summary>The FIFO (0x40) or the ring (0x10) ran over: a frame is lost, and the receiver waits to be started anew.</summary>
    public void Overflow(ushort cause)
    {
        SetWord(Isr, (ushort)(Word(Isr) | cause));
        BinaryPrimitives.WriteUInt32LittleEndian(_registers.AsSpan(MissedPackets), this[MissedPackets] + 1);
    }

    protected override ulong Read(int bar, uint offset, int width)
    {
        switch ((int)offset)
        {
            case Command:
                return (uint)(_registers[Command] | (ReadOffset == WriteOffset ? 1 : 0));
            case Cbr:
                return (ushort)(WriteOffset + Incoming);
            case MediaStatus:
                return IsLinkUp ? 0xD0u : 0xD4u;
            case TransmitSummary:
                uint summary = 0;
                for (int i = 0; i < 4; i++)
                {
                    uint status = this[Tsd0 + (4 * i)];
                    summary |= (((status & Own) != 0 ? 1u : 0) | ((status & TransmitAborted) != 0 ? 0x10u : 0) |
                        ((status & TransmitOk) != 0 ? 0x1000u : 0)) << i;
                }

                return summary;
            default:
                return BinaryPrimitives.ReadUInt64LittleEndian(_registers.AsSpan((int)offset));
        }
    }

    protected override void Write(int bar, uint offset, int width, ulong wide)
    {
        uint value = (uint)wide;
        switch ((int)offset)
        {
            case 0x00 or 0x04 when _registers[Eeprom] != 0xC0:
                Faults.Add("the address is locked");
                return;
            case Command:
                WriteCommand((byte)value);
                return;
            case Isr:
                SetWord(Isr, (ushort)(Word(Isr) & ~value));
                return;
            case Tcr:
                if (!IsTransmitting)
                {
                    Faults.Add("TCR while the transmitter is off");
                }

                if ((value & 1) != 0)
                {
                    Transmit();
                }

                return;
            case MissedPackets:
                value = 0;
                break;
            case Eeprom when value == 0x40:
                if (NeverLoads)
                {
                    break;
                }

                _address.CopyTo(_registers, 0);
                value = 0;
                break;
            default:
                break;
        }

        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        bytes[..width].CopyTo(_registers.AsSpan((int)offset));
        if (offset == Rcr && IsQemu)
        {
            ResetRing();
        }
        else if (offset is >= Tsd0 and < Tsad0)
        {
            Transmit();
        }
    }

    private ushort Word(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_registers.AsSpan(offset));

    private void SetWord(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_registers.AsSpan(offset), value);

    private void WriteCommand(byte value)
    {
        if ((value & 0x10) != 0)
        {
            _registers[Command] = 0x10;
            if (!NeverResets)
            {
                Reset();
            }

            return;
        }

        if ((value & 8) != 0 && !IsReceiving && !IsQemu)
        {
            ResetRing();
        }

        _registers[Command] = (byte)(value & 0x0C);
    }

    private void Reset()
    {
        // Addresses, filters and the EEPROM's registers stay.
        _registers.AsSpan(Tsd0, Eeprom - Tsd0).Clear();
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_registers.AsSpan(Tsd0 + (4 * i)), Own);
        }

        _transmitNext = 0;
        ResetRing();
    }

    private void ResetRing()
    {
        SetWord(Cbr, 0);
        SetWord(Capr, 0xFFF0);
    }

    private void Transmit()
    {
        Span<byte> status = _registers.AsSpan(Tsd0 + (4 * _transmitNext), 4);
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(status);
        while (IsTransmitting && IsBusMaster && !TransmitterHangs && (value & Own) == 0)
        {
            int length = (int)value & 0x1FFF;
            if (AbortsNext)
            {
                AbortsNext = false;
                BinaryPrimitives.WriteUInt32LittleEndian(status, (value & 0x1FFF) | TransmitAborted);
                TransmitterHangs = true;
                return;
            }

            Sent.Add(Dma(this[Tsad0 + (4 * _transmitNext)], length).ToArray());
            BinaryPrimitives.WriteUInt32LittleEndian(status, (value & ~TransmitAborted) | Own | TransmitOk);
            _transmitNext = (_transmitNext + 1) % 4;
            status = _registers.AsSpan(Tsd0 + (4 * _transmitNext), 4);
            value = BinaryPrimitives.ReadUInt32LittleEndian(status);
        }
    }

    private bool Accepts(byte[] frame)
    {
        uint control = this[Rcr];
        if ((control & 1) != 0)
        {
            return true;
        }

        if ((frame[0] & 1) == 0)
        {
            return (control & 2) != 0 && frame.AsSpan(0, 6).SequenceEqual(_registers.AsSpan(0, 6));
        }

        if (IsBroadcast(frame))
        {
            return (control & 8) != 0;
        }

        int hash = UpperCrcBits(frame.AsSpan(0, 6));
        return (control & 4) != 0 && (_registers[8 + (hash >> 3)] & (1 << (hash & 7))) != 0;
    }
}
