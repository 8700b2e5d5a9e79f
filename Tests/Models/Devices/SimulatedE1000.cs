using System;
using System.Buffers.Binary;
using System.Linq;

namespace NetBoot.Tests.Models.Devices;

/// <summary>
/// Intel's Gigabit controllers, as much as a polled driver meets: 8254x (manual 317453; of the 82543, what FreeBSD's driver says), 82574
/// (317694, and the errata that Linux works around), I210 (333016), I350, and an 82576 (320961) that knows advanced descriptors alone, as
/// QEMU's. What a driver must not do with one of them is kept in <see cref="SimulatedPciDevice.Faults"/>.
/// </summary>
public sealed class SimulatedE1000 : SimulatedNic
{
    private const uint Ctrl = 0x0000;
    private const uint CtrlDuplicate = 0x0004;
    private const uint CtrlSetLinkUp = 1 << 6;
    private const uint CtrlReset = 1 << 26;
    private const uint Status = 0x0008;
    private const uint Eecd = 0x0010;
    private const uint Eerd = 0x0014;
    private const uint CtrlExt = 0x0018;
    private const uint CtrlExtReload = 1 << 13;
    private const uint Mdic = 0x0020;
    private const uint Rctl = 0x0100;
    private const uint Tctl = 0x0400;
    private const uint Phpm = 0x0E14;
    private const uint PhpmGoLinkDisconnect = 1 << 5;
    private const uint ExtcnfCtrl = 0x0F00;
    private const uint Rxpbsize = 0x2404;
    private const uint Txpbsize = 0x3404;
    private const uint QueueEnable = 1 << 25;
    private const uint MissedPackets = 0x4010;
    private const uint Mta = 0x5200;
    private const uint Ral0 = 0x5400;
    private const uint Rah0 = 0x5404;
    private const uint Manc = 0x5820;
    private const uint MancArp = 1 << 13;
    private const uint Swsm = 0x5B50;
    private const uint SwFwSync = 0x5B5C;
    private const uint MdioSoftware = 1 << 5; // EXTCNF_CTRL
    private const int LinkControl = 0xF0; // In configuration space: of the PCI Express capability at 0xE0.
    private const ushort LinkControlAspm = 3;

    private enum Chip
    {
        I82543,
        I82544,
        I82540,
        I82541,
        I82545Gm,
        I82546GbQuad,
        I82574,
        I82576,
        I350,
        I210,
    }

    private readonly uint[] _registers = new uint[0x20000 / 4];
    private readonly byte[] _address;
    private readonly int _port;
    private readonly Chip _chip;
    private readonly SimulatedMicrowire _eepromWires;
    private readonly SimulatedMdio _phyWires;
    private ulong _resetAt;
    private bool _isLoaded; // Whether the EEPROM's words have been since the reset.

    /// <param name="deviceId">Which controller it is.</param>
    /// <param name="address">The port's.</param>
    /// <param name="port">Of a controller with several.</param>
    public SimulatedE1000(ushort deviceId = 0x100E, string address = "525400123456", int port = 0)
        : base(0x8086, deviceId)
    {
        _chip = deviceId switch
        {
            0x1004 => Chip.I82543,
            0x1008 or 0x100C or 0x100D => Chip.I82544,
            0x1013 or 0x1014 or 0x1018 or 0x1076 or 0x1077 or 0x1078 or 0x107C => Chip.I82541,
            0x1026 or 0x1079 or 0x108A => Chip.I82545Gm,
            0x1099 or 0x10B5 => Chip.I82546GbQuad,
            0x10D3 or 0x10F6 => Chip.I82574,
            0x10C9 => Chip.I82576,
            0x1521 => Chip.I350,
            0x1533 or 0x157B => Chip.I210,
            _ => Chip.I82540,
        };
        _port = port;
        _address = Convert.FromHexString(address);
        _eepromWires = new SimulatedMicrowire(ReadEeprom);
        _phyWires = new SimulatedMdio(ReadPhy, WritePhy);
        SetBar(0, 0x8000_0000);
        if (_chip == Chip.I82574)
        {
            AddCapability(0xE0, 0x10, new byte[0x1E]);
            SetConfig16(LinkControl, LinkControlAspm | (1 << 6));
        }

        _registers[Rxpbsize / 4] = PowerOnRxpbsize;
        _registers[Txpbsize / 4] = PowerOnTxpbsize;
        HardReset();
        Load();
    }

    /// <summary>QEMU's models take the reset bit back and change nothing else.</summary>
    public bool ResetsNothing { get; set; }

    public bool HasAddressRegisters { get; set; } = true;

    /// <summary>The PHY's control register.</summary>
    public ushort PhyControl { get; set; } = 0x1140;

    /// <summary>What the 82543's PHY has agreed on: resolved, full duplex, 100 Mbit/s.</summary>
    public ushort PhyStatus { get; set; } = 0x6C00;

    /// <summary>The management firmware keeps the PHY to itself.</summary>
    public bool FirmwareKeepsPhy { get; set; }

    /// <summary>The management firmware answers to ARP after a reset, and the host does not see it.</summary>
    public bool FirmwareAnswersArp { get; set; }

    public bool IsReceiving => (_registers[Rctl / 4] & 2) != 0;

    public bool IsTransmitting => (_registers[Tctl / 4] & 2) != 0;

    /// <summary>Whether a driver has taken something from the management firmware and not given it back.</summary>
    public bool HoldsLocks => ((_registers[SwFwSync / 4] & 0xFFFF) | (_registers[ExtcnfCtrl / 4] & MdioSoftware) | (_registers[Swsm / 4] & 3)) != 0;

    /// <summary>ASPM's bits of the link control register.</summary>
    public int LinkStates => Config[LinkControl] & LinkControlAspm;

    public int ReceiveDescriptorCount => (int)_registers[Rdlen / 4] / 16;

    public uint this[uint offset]
    {
        get => _registers[offset / 4];
        set => _registers[offset / 4] = value;
    }

    /// <inheritdoc/>
    public override bool Receive(byte[] frame) => Receive(frame, 0x03);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="frame">Without FCS.</param>
    /// <param name="status">The descriptor's status.</param>
    /// <param name="errors">The descriptor's errors, as a legacy one has them.</param>
    /// <param name="length">The descriptor's length, when it is to be wrong.</param>
    public bool Receive(byte[] frame, byte status = 0x03, byte errors = 0, int? length = null)
    {
        if (!IsReceiving || !IsOn(Rdbal) || !IsBusMaster || IsRemoved || !IsFit || !Accepts(frame))
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
        if (IsAdvanced)
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
    public void MarkDone(int index) => ReceiveDescriptor(index)[IsAdvanced ? 8 : 12] = 1;

    /// <summary>The offset of the register that tells which descriptors are the device's.</summary>
    public uint ReceiveTail => Rdt;

    protected override ulong Read(int bar, uint offset, int width)
    {
        switch (offset)
        {
            case Status:
                uint master = IsExpress && (_registers[Ctrl / 4] & 4) == 0 ? 1u << 19 : 0;
                return (HasLink ? 2u : 0u) | master | ((uint)_port << 2);
            case Eecd:
                uint done = IsExpress ? 1u << 9 : 0;
                return (_registers[Eecd / 4] & 0x37) | (_eepromWires.Output ? 1u << 3 : 0) | done;
            case Ctrl when _chip == Chip.I82543 && (_registers[Ctrl / 4] & (1 << 24)) == 0:
                return (_registers[Ctrl / 4] & ~(1u << 20)) | (_phyWires.Output ? 1u << 20 : 0);
            case Ral0 or Rah0 when !IsLoaded:
                return 0;
            case MissedPackets:
                uint missed = _registers[MissedPackets / 4];
                _registers[MissedPackets / 4] = 0;
                return missed;
            case Swsm when IsAdvanced:
                uint semaphore = _registers[Swsm / 4];
                _registers[Swsm / 4] |= 1; // By whoever finds it clear.
                return semaphore;
            default:
                return _registers[offset / 4];
        }
    }

    protected override void Write(int bar, uint offset, int width, ulong wide)
    {
        uint value = (uint)wide;
        switch (offset)
        {
            case Ctrl or CtrlDuplicate:
                WriteControl(offset, value);
                break;
            case CtrlExt when (value & CtrlExtReload) != 0:
                _registers[CtrlExt / 4] = value & ~CtrlExtReload;
                Load();
                break;
            case Eecd:
                _registers[Eecd / 4] = value;
                _eepromWires.Drive((value & 2) != 0, (value & 1) != 0, (value & 4) != 0);
                break;
            case Eerd:
                StartEepromRead(value);
                break;
            case Mdic:
                AccessPhy(value);
                break;
            case ExtcnfCtrl when FirmwareKeepsPhy:
                _registers[ExtcnfCtrl / 4] = value & ~MdioSoftware;
                break;
            case SwFwSync when (_registers[Swsm / 4] & 2) == 0:
                Faults.Add("the table of owners without its semaphore");
                break;
            case Rctl or Tctl:
                _registers[offset / 4] = value;
                if ((value & 2) != 0)
                {
                    CheckSetUp();
                }

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

    private bool IsExpress => _chip >= Chip.I82574;

    private bool IsAdvanced => _chip >= Chip.I82576;

    private bool IsTold => _chip is Chip.I82543 or Chip.I82544; // What the EEPROM has is loaded when it is told to.

    private uint PowerOnRxpbsize => _chip == Chip.I210 ? 0xA2u : 0;

    private uint PowerOnTxpbsize => _chip == Chip.I210 ? 0x0400_0014u : 0;

    private uint Rdbal => IsAdvanced ? 0xC000u : 0x2800;

    private uint Rdlen => Rdbal + 8;

    private uint Rdh => Rdbal + 0x10;

    private uint Rdt => Rdbal + 0x18;

    private uint Tdbal => IsAdvanced ? 0xE000u : 0x3800;

    private uint Tdlen => Tdbal + 8;

    private uint Tdh => Tdbal + 0x10;

    private uint Tdt => Tdbal + 0x18;

    private bool IsOn(uint queue) => !IsAdvanced || (_registers[(queue + 0x28) / 4] & QueueEnable) != 0;

    /// <summary>In microseconds since the reset.</summary>
    private ulong Age => Clock is null ? ulong.MaxValue : Clock() - _resetAt;

    private bool IsLoaded => _isLoaded && Age >= _chip switch
    {
        Chip.I82543 or Chip.I82544 => 2_000UL,
        Chip.I82541 => 20_000UL,
        Chip.I82540 or Chip.I82545Gm or Chip.I82546GbQuad => 5_000UL,
        _ => 0UL,
    };

    /// <summary>Pin SDP4 of the 82543, which keeps its PHY in reset until it is driven high.</summary>
    private bool IsPhyReset => _chip == Chip.I82543 && (_registers[CtrlExt / 4] & 0x110) != 0x110;

    private bool HasLink => IsLinkUp && !IsPhyReset && (_registers[Phpm / 4] & PhpmGoLinkDisconnect) == 0 &&
        (_chip == Chip.I82576 || (_registers[Ctrl / 4] & CtrlSetLinkUp) != 0);

    /// <summary>Whether frames get through the MAC at all.</summary>
    private bool IsFit => _chip switch
    {
        // Duplex in bit 0, speed in bits 9 and 8, both forced.
        Chip.I82543 => !IsPhyReset && (_registers[Ctrl / 4] & 0x1B01) == (0x1800u | (uint)((PhyStatus >> 14) << 8) | (uint)((PhyStatus >> 13) & 1)),
        Chip.I210 => _registers[Rxpbsize / 4] == PowerOnRxpbsize && _registers[Txpbsize / 4] == PowerOnTxpbsize,
        _ => true,
    };

    private void WriteControl(uint offset, uint value)
    {
        uint resets = _chip is Chip.I82545Gm or Chip.I82546GbQuad ? CtrlDuplicate : Ctrl;
        if ((value & CtrlReset) != 0 && offset == resets)
        {
            _registers[Ctrl / 4] = value;
            if (_chip == Chip.I82574 && !FirmwareKeepsPhy && (_registers[ExtcnfCtrl / 4] & MdioSoftware) == 0)
            {
                Faults.Add("a reset while the management firmware may be at the PHY");
            }

            if (!NeverResets)
            {
                Reset();
            }

            return;
        }

        _registers[Ctrl / 4] = value;
        if (_chip == Chip.I82543 && !IsPhyReset && (value & (1 << 25)) != 0)
        {
            _phyWires.Drive((value & (1 << 21)) != 0, (value & (1 << 24)) == 0 ? null : (value & (1 << 20)) != 0);
        }
    }

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
        uint rxpbsize = _registers[Rxpbsize / 4];
        uint txpbsize = _registers[Txpbsize / 4];
        Array.Clear(_registers);
        _registers[Rxpbsize / 4] = rxpbsize;
        _registers[Txpbsize / 4] = txpbsize;
        _resetAt = Clock?.Invoke() ?? 0;
        _isLoaded = false;
        _registers[Manc / 4] = FirmwareAnswersArp ? MancArp : 0;
        _registers[Phpm / 4] = _chip is Chip.I350 or Chip.I210 ? PhpmGoLinkDisconnect : 0;
        _registers[SwFwSync / 4] = IsAdvanced && FirmwareKeepsPhy ? 0x66_0000u : 0;

        if (!IsTold)
        {
            Load();
        }
    }

    /// <summary>The address comes from the EEPROM.</summary>
    private void Load()
    {
        if (HasAddressRegisters)
        {
            _registers[Ral0 / 4] = BinaryPrimitives.ReadUInt32LittleEndian(_address);
            _registers[Rah0 / 4] = BinaryPrimitives.ReadUInt16LittleEndian(_address.AsSpan(4)) | (1u << 31);
        }

        _isLoaded = true;
    }

    /// <summary>Each port has its words; or one set, which the second port turns the last bit of.</summary>
    private ushort ReadEeprom(int word)
    {
        int own = IsAdvanced && _port > 0 ? 0x40 * (_port + 1) : 0;
        if (word < own || word > own + 2)
        {
            return 0xFFFF;
        }

        ushort data = BinaryPrimitives.ReadUInt16LittleEndian(_address.AsSpan(2 * (word - own)));
        return !IsAdvanced && word == 2 ? (ushort)(data ^ (_port << 8)) : data;
    }

    private void StartEepromRead(uint value)
    {
        CheckConfigured("EEPROM");
        if (IsTold)
        {
            return;
        }

        (int addressShift, uint done) = _chip is Chip.I82541 || IsExpress ? (2, 2u) : (8, 16u);
        int word = (int)(value & 0xFFFF) >> addressShift;
        _registers[Eerd / 4] = (value & 0xFFFC) | done | ((uint)ReadEeprom(word) << 16);
    }

    private ushort ReadPhy(int register) => register switch
    {
        0 => PhyControl,
        17 => PhyStatus,
        _ => 0,
    };

    private void WritePhy(int register, ushort value)
    {
        if (register == 0)
        {
            PhyControl = value;
        }
    }

    private void AccessPhy(uint value)
    {
        CheckConfigured("PHY");
        bool isLocked = _chip switch
        {
            Chip.I82574 => (_registers[ExtcnfCtrl / 4] & MdioSoftware) != 0,
            Chip.I82576 or Chip.I350 or Chip.I210 => (_registers[SwFwSync / 4] & (uint)(_port switch { 0 => 2, 1 => 4, 2 => 0x20, _ => 0x40 })) != 0,
            _ => true,
        };
        if (!isLocked)
        {
            Faults.Add("the PHY while the management firmware may be at it");
        }

        if (_chip == Chip.I82543)
        {
            return; // There is no such register.
        }

        int register = (int)(value >> 16) & 0x1F;
        if ((value & (1 << 26)) != 0)
        {
            WritePhy(register, (ushort)value);
        }

        _registers[Mdic / 4] = (value & 0xFFFF_0000) | ReadPhy(register) | (1 << 28);
    }

    /// <summary>Linux, 82571.c: the PHY is set up from the EEPROM for 25 ms after a reset.</summary>
    private void CheckConfigured(string what)
    {
        if (_chip == Chip.I82574 && Age < 25_000)
        {
            Faults.Add($"the {what} {Age} us after a reset");
        }
    }

    private void CheckSetUp()
    {
        switch (_chip)
        {
            case Chip.I82546GbQuad when (_registers[CtrlExt / 4] & (1 << 17)) == 0:
                Faults.Add("relaxed ordering below a bridge");
                break;
            case Chip.I82574:
                Require(Ctrl, 1 << 29, 0);
                Require(CtrlExt, 3 << 22, 1 << 22);
                Require(0x3840, 0x1Fu << 26, 1 << 26); // TARC0
                Require(0x3928, 1 << 22, 1 << 22); // TXDCTL1
                Require(0x5B00, (1 << 22) | (1 << 27), (1 << 22) | (1 << 27)); // GCR
                Require(0x5B64, 1, 1); // GCR2
                if (LinkStates != 0)
                {
                    Faults.Add("ASPM");
                }

                break;
            default:
                break;
        }
    }

    private void Require(uint offset, uint mask, uint value)
    {
        if (!ResetsNothing && (_registers[offset / 4] & mask) != value)
        {
            Faults.Add($"register {offset:x} is {_registers[offset / 4]:x}");
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
            if (IsAdvanced && (descriptor[10] != 0x30 || (descriptor[11] & 0x20) == 0 || BinaryPrimitives.ReadUInt32LittleEndian(descriptor[12..]) != length << 14))
            {
                Faults.Add("a descriptor that is not advanced");
            }

            if (IsFit)
            {
                Sent.Add(Dma(BinaryPrimitives.ReadUInt64LittleEndian(descriptor), length).ToArray());
            }

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
        if ((_registers[Manc / 4] & MancArp) != 0 && frame.AsSpan(12).StartsWith<byte>([8, 6]))
        {
            return false;
        }

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
