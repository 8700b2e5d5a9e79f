using System;
using System.Buffers.Binary;

namespace NetBoot.Tests.Models.Devices;

/// <summary>
/// An Am79C970A after AMD's data sheet (19436), in software style 2: as much as a polled driver meets, and the two ways in which QEMU's
/// model hands over descriptors that are not done or not in turn.
/// </summary>
public sealed class SimulatedPcnet : SimulatedNic
{
    private const ushort Own = 0x8000;
    private const ushort Start = 0x0200;
    private const ushort End = 0x0100;

    private readonly ushort[] _csr = new ushort[128];
    private readonly ushort[] _bcr = new ushort[32];
    private readonly byte[] _aprom = new byte[16];
    private int _rap;
    private uint _receiveRing;
    private uint _transmitRing;
    private int _receiveLength;
    private int _transmitLength;
    private int _receiveIndex;
    private int _transmitIndex;

    public SimulatedPcnet(string address = "525400123456", bool hasMemoryBar = true, uint chipId = 0x0262_1003)
        : base(0x1022, 0x2000)
    {
        Convert.FromHexString(address).CopyTo(_aprom, 0);
        SetBar(0, 0xC001);
        if (hasMemoryBar)
        {
            SetBar(1, 0x8000_0000);
        }

        _csr[88] = (ushort)chipId;
        _csr[89] = (ushort)(chipId >> 16);
        _bcr[2] = 0x0002;
        SoftwareReset();
    }

    /// <summary>QEMU's software reset goes back to word mode; the chip's does not.</summary>
    public bool ResetKeepsDoubleWords { get; set; }

    /// <summary>Whether 32-bit accesses are understood, and no others.</summary>
    public bool IsDoubleWord { get; set; }

    public bool NeverInitializes { get; set; }

    public bool NeverSuspends { get; set; }

    public bool HasNoStyle2 { get; set; }

    public bool IsReceiving => (_csr[0] & 0x20) != 0;

    public bool IsTransmitting => (_csr[0] & 0x10) != 0;

    /// <summary>How often the chip began at the base of its rings.</summary>
    public int Starts { get; private set; }

    /// <summary>A CSR, past RAP.</summary>
    public ref ushort Csr(int number) => ref _csr[number];

    /// <summary>A BCR, past RAP.</summary>
    public ref ushort Bcr(int number) => ref _bcr[number];

    /// <inheritdoc/>
    public override bool Receive(byte[] frame) => Receive(frame, Start | End);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="frame">Without FCS.</param>
    /// <param name="status">The descriptor's status.</param>
    /// <param name="count">The descriptor's message count, when it is to be wrong.</param>
    public bool Receive(byte[] frame, ushort status, int? count = null)
    {
        if (!Begin(frame))
        {
            return false;
        }

        Finish(status, count ?? frame.Length + 4);
        return true;
    }

    /// <summary>The first half of what QEMU does: the data are there, OWN is gone, but neither ENP nor the length has been written.</summary>
    public bool Begin(byte[] frame)
    {
        if (!IsReceiving || !IsBusMaster || IsRemoved || (_csr[5] & 1) != 0 || !Accepts(frame))
        {
            return false;
        }

        Span<byte> descriptor = ReceiveDescriptor(_receiveIndex);
        if ((BinaryPrimitives.ReadUInt16LittleEndian(descriptor[6..]) & Own) == 0)
        {
            _csr[112]++;
            return false;
        }

        int room = Size(descriptor);
        frame.AsSpan(0, Math.Min(frame.Length, room)).CopyTo(Dma(BinaryPrimitives.ReadUInt32LittleEndian(descriptor), room));
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[6..], Start);
        return true;
    }

    /// <summary>The second half.</summary>
    public void Finish(ushort status, int count)
    {
        Span<byte> descriptor = ReceiveDescriptor(_receiveIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], (uint)count & 0xFFF);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[6..], status);
        PassOver(1);
    }

    /// <summary>Goes on in the receive ring without a frame.</summary>
    public void PassOver(int count) => _receiveIndex = (_receiveIndex + count) % _receiveLength;

    /// <summary>A receive descriptor in memory, for a device that writes what it likes.</summary>
    public Span<byte> ReceiveDescriptor(int index) => Dma(_receiveRing + (uint)(16 * index), 16);

    protected override ulong Read(int bar, uint offset, int width)
    {
        if (offset < 0x10)
        {
            return width == 4 && IsDoubleWord ? BinaryPrimitives.ReadUInt32LittleEndian(_aprom.AsSpan((int)offset)) : ulong.MaxValue;
        }

        switch (PortAt(offset, width))
        {
            case Port.Data:
                return _csr[_rap];
            case Port.Select:
                return (uint)_rap;
            case Port.Reset:
                SoftwareReset();
                return 0;
            case Port.BusData:
                bool isLit = _rap == 4 && (_bcr[4] & 0x40) != 0 && IsLinkUp;
                return _rap < 32 ? _bcr[_rap] | (isLit ? 0x8000u : 0) : 0;
            default:
                return ulong.MaxValue;
        }
    }

    protected override void Write(int bar, uint offset, int width, ulong wide)
    {
        ushort value = (ushort)wide;
        if (!IsDoubleWord && width == 4 && offset == 0x10)
        {
            IsDoubleWord = true;
            return;
        }

        switch (PortAt(offset, width))
        {
            case Port.Data:
                WriteCsr(value);
                break;
            case Port.Select:
                _rap = value & 0x7F;
                break;
            case Port.BusData when _rap == 20:
                _bcr[20] = (ushort)((value & 0xFF) == 2 && !HasNoStyle2 ? 0x0302 : 0x0200);
                break;
            case Port.BusData when _rap < 32:
                _bcr[_rap] = value;
                break;
            default:
                break;
        }
    }

    private enum Port
    {
        None,
        Data,
        Select,
        Reset,
        BusData,
    }

    private Port PortAt(uint offset, int width) => (IsDoubleWord, width, offset) switch
    {
        (true, 4, 0x10) or (false, 2, 0x10) => Port.Data,
        (true, 4, 0x14) or (false, 2, 0x12) => Port.Select,
        (true, 4, 0x18) or (false, 2, 0x14) => Port.Reset,
        (true, 4, 0x1C) or (false, 2, 0x16) => Port.BusData,
        _ => Port.None,
    };

    private void SoftwareReset()
    {
        _csr[0] = (ushort)(NeverResets ? 0x0033 : 0x0004);
        _csr[3] = 0;
        _csr[4] = 0x0115;
        _csr[5] = 0;
        _csr[112] = 0;
        _rap = 0;
        _receiveRing = 0;
        _transmitRing = 0;
        IsDoubleWord &= ResetKeepsDoubleWords;
    }

    private void WriteCsr(ushort value)
    {
        bool isOpen = (_csr[0] & 4) != 0 || (_csr[5] & 1) != 0;
        switch (_rap)
        {
            case 0:
                WriteControl(value);
                break;
            case 3 or 4:
                _csr[_rap] = value;
                break;
            case 5:
                _csr[5] = NeverSuspends ? (ushort)(value & ~1) : value;
                break;
            case 1 or 2 or (>= 8 and <= 15):
                if (isOpen)
                {
                    _csr[_rap] = value;
                }
                else
                {
                    Faults.Add($"CSR{_rap} written while running");
                }

                break;
            default:
                Faults.Add($"CSR{_rap} written");
                break;
        }
    }

    private void WriteControl(ushort value)
    {
        _csr[0] &= (ushort)~(value & 0x7F00);
        if ((value & 0x40) != 0)
        {
            Faults.Add("interrupts enabled");
        }

        if ((value & 4) != 0)
        {
            _csr[0] = 4;
            return;
        }

        if ((value & 1) != 0 && !NeverInitializes)
        {
            Initialize();
        }

        if ((value & 2) != 0)
        {
            _csr[0] = (ushort)((_csr[0] & ~4) | 0x32);
            _receiveIndex = 0;
            _transmitIndex = 0;
            Starts++;
        }

        if ((value & 8) != 0)
        {
            Transmit();
        }
    }

    private void Initialize()
    {
        if (_bcr[20] != 0x0302)
        {
            Faults.Add("initialized with 16-bit structures");
            return;
        }

        Span<byte> block = Dma(_csr[1] | ((uint)_csr[2] << 16), 28);
        _csr[15] = BinaryPrimitives.ReadUInt16LittleEndian(block);
        _receiveLength = 1 << (block[2] >> 4);
        _transmitLength = 1 << (block[3] >> 4);
        for (int i = 0; i < 3; i++)
        {
            _csr[12 + i] = BinaryPrimitives.ReadUInt16LittleEndian(block[(4 + (2 * i))..]);
        }

        for (int i = 0; i < 4; i++)
        {
            _csr[8 + i] = BinaryPrimitives.ReadUInt16LittleEndian(block[(12 + (2 * i))..]);
        }

        _receiveRing = BinaryPrimitives.ReadUInt32LittleEndian(block[20..]);
        _transmitRing = BinaryPrimitives.ReadUInt32LittleEndian(block[24..]);
        if (((_receiveRing | _transmitRing) & 15) != 0)
        {
            Faults.Add("a ring that is not aligned");
        }

        _csr[0] = 0x0101;
    }

    private void Transmit()
    {
        for (int i = 0; i < _transmitLength && IsTransmitting && IsBusMaster && !TransmitterHangs; i++)
        {
            Span<byte> descriptor = Dma(_transmitRing + (uint)(16 * _transmitIndex), 16);
            ushort status = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[6..]);
            if ((status & Own) == 0)
            {
                return;
            }

            if ((status & (Start | End)) != (Start | End))
            {
                Faults.Add("a frame in several transmit descriptors");
            }

            Sent.Add(Dma(BinaryPrimitives.ReadUInt32LittleEndian(descriptor), Size(descriptor)).ToArray());
            BinaryPrimitives.WriteUInt16LittleEndian(descriptor[6..], (ushort)(status & ~Own));
            _transmitIndex = (_transmitIndex + 1) % _transmitLength;
        }
    }

    /// <summary>The buffer's size: two's complement in 12 bits, under four ones.</summary>
    private int Size(Span<byte> descriptor)
    {
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[4..]);
        if (count >> 12 != 15)
        {
            Faults.Add("a byte count without its ones");
        }

        return 4096 - (count & 0xFFF);
    }

    private bool Accepts(byte[] frame)
    {
        if ((_csr[15] & 0x8000) != 0)
        {
            return true;
        }

        if ((frame[0] & 1) == 0)
        {
            Span<byte> own = stackalloc byte[6];
            for (int i = 0; i < 3; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(own[(2 * i)..], _csr[12 + i]);
            }

            return (_csr[15] & 0x2000) == 0 && own.SequenceEqual(frame.AsSpan(0, 6));
        }

        if (IsBroadcast(frame))
        {
            return (_csr[15] & 0x4000) == 0;
        }

        int hash = (int)(ReflectedCrc(frame.AsSpan(0, 6)) >> 26);
        return (_csr[8 + (hash >> 4)] & (1 << (hash & 15))) != 0;
    }
}
