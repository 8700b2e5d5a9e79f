using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.Devices;

/// <summary>
/// A DP8390 with memory behind a data port on PCI, after the data sheets of National's DP8390D and Realtek's RTL8029AS: as much as a polled
/// driver meets. The ring of the receiver is overwritten, wraps and stops as the data sheet says.
/// </summary>
public sealed class SimulatedNe2k : SimulatedNic
{
    private const int Base = 0x4000;

    private readonly byte[] _prom = new byte[32];
    private readonly byte[] _memory;
    private readonly byte[] _station = new byte[6];
    private readonly byte[] _multicast = new byte[8];
    private byte _command = 0x21;
    private byte _status;
    private byte _start, _stop, _boundary, _transmitPage, _receiveControl, _transmitControl, _dataConfiguration, _missed;
    private ushort _transmitCount, _remoteAddress, _remoteCount;
    private bool _hasOverflown;

    /// <param name="size">Of the card's memory, in KiB: 16 or 32. 16 appear again behind themselves.</param>
    public SimulatedNe2k(string address = "525400123456", int size = 32)
        : base(0x10EC, 0x8029)
    {
        _memory = new byte[size * 1024];
        byte[] bytes = Convert.FromHexString(address);
        for (int i = 0; i < 32; i++)
        {
            _prom[i] = i < 12 ? bytes[i / 2] : i >= 28 ? (byte)0x57 : (byte)0;
        }

        SetBar(0, 0xC001);
    }

    /// <summary>Whether the data port is 32 bits wide; else such an access moves 16.</summary>
    public bool IsWide { get; set; } = true;

    /// <summary>QEMU's model knows its address from the PROM alone.</summary>
    public bool ComparesWithProm { get; set; }

    /// <summary>Whether the medium is selected by the link test; QEMU's model is set to twisted pair.</summary>
    public bool TestsLink { get; set; } = true;

    /// <summary>Remote writes never report that they are done.</summary>
    public bool RemoteHangs { get; set; }

    /// <summary>What the current page register answers instead.</summary>
    public byte? CurrentLie { get; set; }

    /// <summary>The page that the next frame is written to.</summary>
    public byte Current { get; set; }

    public byte ReceiveControl => _receiveControl;

    public byte Mask { get; private set; } = 0xFF;

    public bool IsRunning => (_command & 1) == 0;

    public bool IsReceiving => IsRunning && (_receiveControl & 0x20) == 0 && _transmitControl == 0;

    public int RingPages => _stop - _start;

    /// <summary>Bytes that went through the data port, by the width of the access.</summary>
    public Dictionary<int, int> Moved { get; } = new() { [2] = 0, [4] = 0 };

    /// <summary>Ends a transmission that hangs: the frame goes out.</summary>
    public void EndTransmission()
    {
        TransmitterHangs = false;
        if ((_command & 4) != 0)
        {
            Transmit();
        }
    }

    /// <summary>The card's memory from one page on.</summary>
    public Span<byte> Page(int page) => _memory.AsSpan((page * 256 - Base) % _memory.Length);

    /// <summary>The receiver says that it got something.</summary>
    public void Announce() => _status |= 1;

    /// <inheritdoc/>
    public override bool Receive(byte[] frame) => Receive(frame, null);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="frame">Without FCS; shorter than 60 bytes is a runt that the medium's other end has padded.</param>
    /// <param name="header">Goes over the header that the chip writes.</param>
    public bool Receive(byte[] frame, Func<byte[], byte[]>? header)
    {
        if (!IsReceiving || IsRemoved || !Accepts(frame))
        {
            return false;
        }

        int length = Math.Max(frame.Length, 60);
        int pages = (length + 8 + 255) / 256;
        int free = _boundary - Current;
        free = free < 0 ? free + RingPages : free;
        if (_hasOverflown || pages > free)
        {
            _hasOverflown = true;
            _status |= 0x10;
            _missed = (byte)Math.Min(_missed + 1, 0xC0);
            return false;
        }

        int next = Current + pages;
        next = next >= _stop ? next - RingPages : next;
        byte[] head = [(byte)((frame[0] & 1) != 0 ? 0x21 : 1), (byte)next, (byte)(length + 4), (byte)((length + 4) >> 8)];
        byte[] all = [.. header is null ? head : header(head), .. frame, .. new byte[length - frame.Length], 0xFC, 0xFC, 0xFC, 0xFC];
        for (int i = 0; i < all.Length; i++)
        {
            int at = (Current * 256) + i;
            _memory[((at >= _stop * 256 ? at - (RingPages * 256) : at) - Base) % _memory.Length] = all[i];
        }

        Current = (byte)next;
        _status |= 1;
        return true;
    }

    protected override ulong Read(int bar, uint offset, int width)
    {
        if (offset == 0x10)
        {
            int moves = width == 4 && !IsWide ? 2 : width;
            ulong value = 0;
            for (int i = 0; i < moves; i++)
            {
                value |= (ulong)ReadByte() << (8 * i);
            }

            Moved[width] += moves;
            return value;
        }

        if (offset == 0x1F)
        {
            if (!NeverResets)
            {
                _command = 0x21;
                _status |= 0x80;
            }

            return 0;
        }

        if (offset == 0)
        {
            return _command;
        }

        return ((((uint)_command >> 6) << 4) + offset) switch
        {
            0x03 => _boundary,
            0x07 => _status,
            0x0F => Take(ref _missed),
            >= 0x11 and <= 0x16 => _station[offset - 1],
            0x17 => CurrentLie ?? Current,
            0x33 => TestsLink && !IsLinkUp ? 4u : 0u,
            0x35 => TestsLink ? 0u : 0x40u,
            _ => 0u,
        };
    }

    protected override void Write(int bar, uint offset, int width, ulong value)
    {
        if (offset == 0x10)
        {
            int moves = width == 4 && !IsWide ? 2 : width;
            for (int i = 0; i < moves; i++)
            {
                WriteByte((byte)(value >> (8 * i)));
            }

            Moved[width] += moves;
            return;
        }

        if (offset > 0x10)
        {
            return; // The reset port: the end of the reset.
        }

        byte data = (byte)value;
        if (offset == 3 && (_command >> 6) == 0 && _hasOverflown && IsReceiving)
        {
            Faults.Add("the ring is emptied after an overflow without the recovery");
        }

        if (offset == 0)
        {
            WriteCommand(data);
            return;
        }

        switch (((_command >> 6) << 4) + (int)offset)
        {
            case 0x01: _start = data; break;
            case 0x02: _stop = data; break;
            case 0x03: _boundary = data; break;
            case 0x04: _transmitPage = data; break;
            case 0x05: _transmitCount = (ushort)((_transmitCount & 0xFF00) | data); break;
            case 0x06: _transmitCount = (ushort)((_transmitCount & 0xFF) | (data << 8)); break;
            case 0x07: _status &= (byte)~(data & 0x7F); break;
            case 0x08: _remoteAddress = (ushort)((_remoteAddress & 0xFF00) | data); break;
            case 0x09: _remoteAddress = (ushort)((_remoteAddress & 0xFF) | (data << 8)); break;
            case 0x0A: _remoteCount = (ushort)((_remoteCount & 0xFF00) | data); break;
            case 0x0B: _remoteCount = (ushort)((_remoteCount & 0xFF) | (data << 8)); break;
            case 0x0C: _receiveControl = data; break;
            case 0x0D: _transmitControl = data; break;
            case 0x0E: _dataConfiguration = data; break;
            case 0x0F: Mask = data; break;
            case >= 0x11 and <= 0x16: _station[offset - 1] = data; break;
            case 0x17: Current = data; break;
            case >= 0x18 and <= 0x1F: _multicast[offset - 8] = data; break;
            default: break;
        }
    }

    private void WriteCommand(byte data)
    {
        if ((data & 0x38) == 0 || (data & 3) is 0 or 3)
        {
            Faults.Add($"command {data:x2}");
        }

        bool wasSending = (_command & 4) != 0;
        bool stops = (data & 1) != 0;
        _command = (byte)((data & ~4) | (wasSending && !stops ? 4 : 0));
        if (stops)
        {
            _status |= (byte)(NeverResets ? 0 : 0x80);
            return;
        }

        _status &= 0x7F;
        _hasOverflown &= (_status & 0x10) != 0;
        if ((data & 4) != 0)
        {
            _command |= 4;
            if (!TransmitterHangs)
            {
                Transmit();
            }
        }
    }

    private void Transmit()
    {
        _command &= 0xFB;
        _status |= 2;
        if (_transmitControl != 0)
        {
            return;
        }

        if (_transmitCount is < 60 or > 1518 || _transmitPage < 0x40)
        {
            Faults.Add($"transmission of {_transmitCount} bytes at page {_transmitPage:x2}");
            return;
        }

        Sent.Add(Page(_transmitPage)[.._transmitCount].ToArray());
    }

    private byte ReadByte()
    {
        int remote = (_command >> 3) & 7;
        if (remote != 1 || _remoteCount == 0 || (_dataConfiguration & 1) == 0)
        {
            return 0xFF;
        }

        int address = Step();
        if (address < _prom.Length)
        {
            return _prom[address];
        }

        return address is >= Base and < Base + 0x8000 ? _memory[(address - Base) % _memory.Length] : (byte)0xFF;
    }

    private void WriteByte(byte value)
    {
        int remote = (_command >> 3) & 7;
        if (remote != 2 || _remoteCount == 0)
        {
            Faults.Add("write to the data port without a remote write");
            return;
        }

        int address = Step();
        if (address is >= Base and < Base + 0x8000)
        {
            _memory[(address - Base) % _memory.Length] = value;
        }
    }

    // Remote DMA does not wrap at the ring's end: a driver that needs it reads beyond.
    private int Step()
    {
        int address = _remoteAddress++;
        _remoteCount--;
        if (_remoteCount == 0 && !(RemoteHangs && ((_command >> 3) & 7) == 2))
        {
            _status |= 0x40;
        }

        return address;
    }

    private bool Accepts(byte[] frame)
    {
        if ((_receiveControl & 0x10) != 0)
        {
            return true;
        }

        if (IsBroadcast(frame))
        {
            return (_receiveControl & 4) != 0;
        }

        if ((frame[0] & 1) != 0)
        {
            int hash = UpperCrcBits(frame.AsSpan(0, 6));
            return (_receiveControl & 8) != 0 && (_multicast[hash >> 3] & (1 << (hash & 7))) != 0;
        }

        for (int i = 0; i < 6; i++)
        {
            if (frame[i] != (ComparesWithProm ? _prom[2 * i] : _station[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static byte Take(ref byte counter)
    {
        byte value = counter;
        counter = 0;
        return value;
    }
}
