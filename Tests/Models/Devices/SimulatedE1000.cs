using System;
using System.Buffers.Binary;
using System.Linq;

namespace NetBoot.Tests.Models.Devices;

/// <summary>An 8254x or 82574 after Intel's manuals (317453, 317694), or an 82576 (320961) that knows advanced descriptors alone, as QEMU's: as much as a polled driver meets.</summary>
public sealed class SimulatedE1000 : SimulatedNic
{
    private const uint Ctrl = 0x0000;
    private const uint CtrlReset = 1 << 26;
    private const uint Status = 0x0008;
    private const uint Eecd = 0x0010;
    private const uint Eerd = 0x0014;
    private const uint Mdic = 0x0020;
    private const uint Rctl = 0x0100;
    private const uint Tctl = 0x0400;
    private const uint QueueEnable = 1 << 25;
    private const uint MissedPackets = 0x4010;
    private const uint Mta = 0x5200;
    private const uint Ral0 = 0x5400;
    private const uint Rah0 = 0x5404;

    private readonly uint[] _registers = new uint[0x20000 / 4];
    private readonly byte[] _address;
    private readonly bool _isExpress;
    private readonly bool _isAdvanced;

    public SimulatedE1000(ushort deviceId = 0x100E, string address = "525400123456")
        : base(0x8086, deviceId)
    {
        _isAdvanced = deviceId == 0x10C9;
        _isExpress = _isAdvanced || deviceId == 0x10D3;
        _address = Convert.FromHexString(address);
        SetBar(0, 0x8000_0000);
        HardReset();
    }

    /// <summary>QEMU's models take the reset bit back and change nothing else.</summary>
    public bool ResetsNothing { get; set; }

    public bool HasAddressRegisters { get; set; } = true;

    /// <summary>The PHY's control register.</summary>
    public ushort PhyControl { get; set; } = 0x1140;

    public bool IsReceiving => (_registers[Rctl / 4] & 2) != 0;

    public bool IsTransmitting => (_registers[Tctl / 4] & 2) != 0;

    public int ReceiveDescriptorCount => (int)_registers[Rdlen / 4] / 16;

    public uint this[uint offset] => _registers[offset / 4];

    /// <inheritdoc/>
    public override bool Receive(byte[] frame) => Receive(frame, 0x03);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="frame">Without FCS.</param>
    /// <param name="status">The descriptor's status.</param>
    /// <param name="errors">The descriptor's errors, as a legacy one has them.</param>
    /// <param name="length">The descriptor's length, when it is to be wrong.</param>
    public bool Receive(byte[] frame, byte status = 0x03, byte errors = 0, int? length = null)
    {
        if (!IsReceiving || !IsOn(Rdbal) || !IsBusMaster || IsRemoved || !Accepts(frame))
        {
            return false;
        }

        if (_registers[Rdh / 4] == _registers[Rdt / 4])
        {
            _registers[MissedPackets / 4]++;
            return false;
        }

        Span<byte> descriptor = ReceiveDescriptor((int)_registers[Rdh / 4]);
        frame.CopyTo(Dma(BinaryPrimitives.ReadUInt64LittleEndian(descriptor), Math.Min(frame.Length, 2048)));
        if (_isAdvanced)
        {
            descriptor[..8].Fill(0xA5); // type and hash
            BinaryPrimitives.WriteUInt16LittleEndian(descriptor[12..], (ushort)(length ?? frame.Length));
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], status | ((errors & 0x60u) << 24) | ((errors & 0x97) == 0 ? 0 : 1u << 31));
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(descriptor[8..], (ushort)(length ?? frame.Length));
            descriptor[13] = errors;
            descriptor[12] = status;
        }

        _registers[Rdh / 4] = (_registers[Rdh / 4] + 1) % (uint)ReceiveDescriptorCount;
        return true;
    }

    /// <summary>A receive descriptor in memory, for a device that writes what it likes.</summary>
    public Span<byte> ReceiveDescriptor(int index) => Dma(Base(Rdbal) + (ulong)(16 * index), 16);

    /// <summary>The device says that it has used a descriptor, but not for a whole frame.</summary>
    public void MarkDone(int index) => ReceiveDescriptor(index)[_isAdvanced ? 8 : 12] = 1;

    /// <summary>The offset of the register that tells which descriptors are the device's.</summary>
    public uint ReceiveTail => Rdt;

    protected override ulong Read(int bar, uint offset, int width)
    {
        switch (offset)
        {
            case Status:
                uint master = _isExpress && (_registers[Ctrl / 4] & 4) == 0 ? 1u << 19 : 0;
                return (IsLinkUp ? 2u : 0u) | master;
            case Eecd:
                return 1 << 9;
            case MissedPackets:
                uint missed = _registers[MissedPackets / 4];
                _registers[MissedPackets / 4] = 0;
                return missed;
            default:
                return _registers[offset / 4];
        }
    }

    protected override void Write(int bar, uint offset, int width, ulong wide)
    {
        uint value = (uint)wide;
        switch (offset)
        {
            case Ctrl when (value & CtrlReset) != 0:
                _registers[Ctrl / 4] = value;
                if (!NeverResets)
                {
                    Reset();
                }

                break;
            case Eerd:
                (int addressShift, uint done) = _isExpress ? (2, 2u) : (8, 16u);
                int word = (int)(value >> addressShift) & 0xFF;
                uint data = word < 3 ? (uint)(_address[2 * word] | (_address[(2 * word) + 1] << 8)) : 0;
                _registers[Eerd / 4] = (value & 0xFFFC) | done | (data << 16);
                break;
            case Mdic:
                if ((value & (1 << 26)) != 0)
                {
                    PhyControl = (ushort)value;
                }

                _registers[Mdic / 4] = (value & 0xFFFF_0000) | PhyControl | (1 << 28);
                break;
            default:
                _registers[offset / 4] = value;
                if (offset == Tdt)
                {
                    Transmit();
                }

                break;
        }
    }

    private uint Rdbal => _isAdvanced ? 0xC000u : 0x2800;

    private uint Rdlen => Rdbal + 8;

    private uint Rdh => Rdbal + 0x10;

    private uint Rdt => Rdbal + 0x18;

    private uint Tdbal => _isAdvanced ? 0xE000u : 0x3800;

    private uint Tdlen => Tdbal + 8;

    private uint Tdh => Tdbal + 0x10;

    private uint Tdt => Tdbal + 0x18;

    private bool IsOn(uint queue) => !_isAdvanced || (_registers[(queue + 0x28) / 4] & QueueEnable) != 0;

    private void Reset()
    {
        if (ResetsNothing)
        {
            _registers[Ctrl / 4] &= ~CtrlReset;
            return;
        }

        HardReset();
    }

    private void HardReset()
    {
        Array.Clear(_registers);
        if (HasAddressRegisters)
        {
            _registers[Ral0 / 4] = BinaryPrimitives.ReadUInt32LittleEndian(_address);
            _registers[Rah0 / 4] = BinaryPrimitives.ReadUInt16LittleEndian(_address.AsSpan(4)) | (1u << 31);
        }
    }

    private ulong Base(uint low) => _registers[low / 4] | ((ulong)_registers[(low / 4) + 1] << 32);

    private void Transmit()
    {
        uint count = _registers[Tdlen / 4] / 16;
        while (IsTransmitting && IsOn(Tdbal) && IsBusMaster && count != 0 && _registers[Tdh / 4] != _registers[Tdt / 4])
        {
            Span<byte> descriptor = Dma(Base(Tdbal) + (16 * _registers[Tdh / 4]), 16);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[8..]);
            if (_isAdvanced && (descriptor[10] != 0x30 || (descriptor[11] & 0x20) == 0 || BinaryPrimitives.ReadUInt32LittleEndian(descriptor[12..]) != length << 14))
            {
                Faults.Add("a descriptor that is not advanced");
            }

            Sent.Add(Dma(BinaryPrimitives.ReadUInt64LittleEndian(descriptor), length).ToArray());
            if (TransmitterHangs)
            {
                return;
            }

            if ((descriptor[11] & 8) != 0)
            {
                descriptor[12] |= 1;
            }

            _registers[Tdh / 4] = (_registers[Tdh / 4] + 1) % count;
        }
    }

    private bool Accepts(byte[] frame)
    {
        uint control = _registers[Rctl / 4];
        if ((control & (1 << 3)) != 0)
        {
            return true;
        }

        if ((frame[0] & 1) == 0)
        {
            return Enumerable.Range(0, 16).Any(IsOwn);
        }

        int hash = (frame[4] >> 4) | (frame[5] << 4);
        return (IsBroadcast(frame) && (control & (1 << 15)) != 0) || (_registers[(Mta / 4) + (hash >> 5)] & (1u << (hash & 31))) != 0;

        bool IsOwn(int i)
        {
            uint low = _registers[(Ral0 / 4) + (2 * i)];
            uint high = _registers[(Rah0 / 4) + (2 * i)];
            return (high & (1u << 31)) != 0 && low == BinaryPrimitives.ReadUInt32LittleEndian(frame) &&
                (ushort)high == BinaryPrimitives.ReadUInt16LittleEndian(frame.AsSpan(4));
        }
    }
}
