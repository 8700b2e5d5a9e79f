using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.Devices;

/// <summary>A virtio network device (virtio 1.2, 2, 4.1 and 5.1): modern, legacy or transitional.</summary>
public sealed class SimulatedVirtioNet : SimulatedNic
{
    public const ulong FeatureMtu = 1UL << 3;
    public const ulong FeatureMac = 1UL << 5;
    public const ulong FeatureStatus = 1UL << 16;
    public const ulong FeatureControlQueue = 1UL << 17;
    public const ulong FeatureControlReceive = 1UL << 18;
    public const ulong FeatureAnyLayout = 1UL << 27;
    public const ulong FeatureVersion1 = 1UL << 32;
    public const ulong FeatureAccessPlatform = 1UL << 33;

    private const byte NeedsReset = 0x40;
    private const uint CommonOffset = 0x0000;
    private const uint DeviceOffset = 0x2000;
    private const uint NotifyOffset = 0x3000;
    private const uint NotifyMultiplier = 4;

    private readonly bool _isModern;
    private readonly bool _isLegacy;
    private readonly byte[] _config = new byte[12];
    private uint _featureSelect;
    private uint _driverFeatureSelect;
    private int _selected;
    private byte _status;

    public SimulatedVirtioNet(bool modern = true, bool legacy = false, string address = "525400123456", int modernBar = 4)
        : base(0x1AF4, legacy ? (ushort)0x1000 : (ushort)0x1041)
    {
        _isModern = modern;
        _isLegacy = legacy;
        Features = FeatureMac | FeatureStatus | FeatureControlQueue | FeatureControlReceive | FeatureAnyLayout |
            (modern ? FeatureVersion1 : 0);
        Convert.FromHexString(address).CopyTo(_config, 0);
        if (legacy)
        {
            SetBar(0, 0xC001);
        }

        if (modern)
        {
            SetBar(modernBar, 0x8000_0004);
            SetBar(modernBar + 1, 0x0000_0008);
            AddModernCapability(0x40, 1, modernBar, CommonOffset, 0x38);
            AddModernCapability(0x50, 4, modernBar, DeviceOffset, 12);
            AddModernCapability(0x60, 2, modernBar, NotifyOffset, 0x100, NotifyMultiplier);
        }

        Queues = [new Queue(), new Queue(), new Queue()];
    }

    public ulong Features { get; set; }

    /// <summary>What the driver chose.</summary>
    public ulong DriverFeatures { get; private set; }

    public bool RefusesFeatures { get; set; }

    /// <summary>The device asks for no notification of the transmit queue (1) or of the receive queue (0).</summary>
    public bool[] SuppressesNotifications { get; } = new bool[3];

    public bool IgnoresControl { get; set; }

    public bool RefusesControl { get; set; }

    public int QueueSize
    {
        set
        {
            foreach (Queue queue in Queues)
            {
                queue.Size = value;
                queue.Maximum = value;
            }
        }
    }

    public Queue[] Queues { get; }

    public byte Status => _status;

    public int[] Notifications { get; } = new int[3];

    /// <summary>Class, command and data of each control command.</summary>
    public List<byte[]> Commands { get; } = [];

    /// <summary>The bytes before a frame.</summary>
    public int HeaderSize => (DriverFeatures & FeatureVersion1) != 0 ? 12 : 10;

    /// <summary>The device has met an error that only a reset ends (DEVICE_NEEDS_RESET), and does nothing more.</summary>
    public void Break() => _status |= NeedsReset;

    public ushort Mtu
    {
        set => BinaryPrimitives.WriteUInt16LittleEndian(_config.AsSpan(10), value);
    }

    /// <summary>Firmware's driver has the function, and its bus mastering stays on: only a reset keeps the device from memory.</summary>
    public bool IsTheFirmwares { get; set; }

    public bool IsRunning => (_status & (4 | NeedsReset)) == 4 && IsBusMaster && !IsRemoved;

    /// <inheritdoc/>
    public override bool Receive(byte[] frame) => Receive(frame, null);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="frame">Without FCS.</param>
    /// <param name="length">The used element's length, when it is to be wrong.</param>
    /// <param name="id">The used element's buffer, when it is to be wrong.</param>
    public bool Receive(byte[] frame, uint? length = null, uint? id = null)
    {
        Queue queue = Queues[0];
        if (!IsRunning || !queue.TryTake(this, out ushort head))
        {
            return false;
        }

        byte[] whole = new byte[HeaderSize + frame.Length];
        frame.CopyTo(whole, HeaderSize);
        int done = 0;
        foreach ((ulong address, uint size, bool isWritable) in queue.Chain(this, head))
        {
            if (!isWritable)
            {
                Faults.Add("receive buffer that the device may not write");
            }

            int part = Math.Min((int)size, whole.Length - done);
            whole.AsSpan(done, part).CopyTo(Dma(address, part));
            done += part;
        }

        queue.Return(this, id ?? head, length ?? (uint)whole.Length);
        return true;
    }

    /// <summary>Reports what was held back.</summary>
    public void CompleteTransmitted(IEnumerable<ushort>? order = null)
    {
        Queue queue = Queues[1];
        foreach (ushort head in order ?? queue.Held.ToArray())
        {
            queue.Return(this, head, 0);
        }

        queue.Held.Clear();
    }

    protected override bool MayReachMemory => IsTheFirmwares ? _status != 0 : base.MayReachMemory;

    protected override ulong Read(int bar, uint offset, int width) =>
        bar == 0 && _isLegacy ? ReadLegacy(offset, width) : ReadModern(offset, width);

    protected override void Write(int bar, uint offset, int width, ulong value)
    {
        if (bar == 0 && _isLegacy)
        {
            WriteLegacy(offset, (uint)value);
        }
        else
        {
            WriteModern(offset, (uint)value);
        }
    }

    private ulong ReadLegacy(uint offset, int width) => offset switch
    {
        0 => (uint)Features,
        12 => (ulong)Queues[_selected].Maximum,
        18 => _status,
        >= 20 => ReadConfig(offset - 20, width),
        _ => 0,
    };

    private void WriteLegacy(uint offset, uint value)
    {
        switch (offset)
        {
            case 4:
                DriverFeatures = value;
                break;
            case 8:
                Queue queue = Queues[_selected];
                queue.Descriptors = (ulong)value << 12;
                queue.Available = queue.Descriptors + (ulong)(16 * queue.Maximum);
                queue.Used = (queue.Available + (ulong)(6 + (2 * queue.Maximum)) + 4095) & ~4095UL;
                queue.Size = queue.Maximum;
                queue.IsEnabled = value != 0;
                break;
            case 14:
                _selected = (int)value;
                break;
            case 16:
                OnNotify((int)value);
                break;
            case 18:
                SetStatus((byte)value);
                break;
            default:
                break;
        }
    }

    private ulong ReadModern(uint offset, int width)
    {
        if (offset >= DeviceOffset)
        {
            return ReadConfig(offset - DeviceOffset, width);
        }

        return (offset - CommonOffset) switch
        {
            4 => (uint)(Features >> (int)(32 * _featureSelect)),
            0x14 => _status,
            0x16 => (ulong)_selected,
            0x18 => (ulong)Queues[_selected].Size,
            0x1E => (ulong)_selected,
            _ => 0,
        };
    }

    private void WriteModern(uint offset, uint value)
    {
        if (offset >= NotifyOffset)
        {
            if ((offset - NotifyOffset) / NotifyMultiplier != value)
            {
                Faults.Add("notification at another queue's address");
            }

            OnNotify((int)value);
            return;
        }

        Queue queue = Queues[_selected];
        switch (offset - CommonOffset)
        {
            case 0:
                _featureSelect = value;
                break;
            case 8:
                _driverFeatureSelect = value;
                break;
            case 0x0C:
                ulong mask = 0xFFFF_FFFFUL << (int)(32 * _driverFeatureSelect);
                DriverFeatures = (DriverFeatures & ~mask) | ((ulong)value << (int)(32 * _driverFeatureSelect));
                break;
            case 0x14:
                SetStatus((byte)value);
                break;
            case 0x16:
                _selected = (int)value;
                break;
            case 0x18:
                queue.Size = (int)value;
                break;
            case 0x1C:
                queue.IsEnabled = value != 0;
                break;
            case 0x20:
                queue.Descriptors = (queue.Descriptors & ~0xFFFF_FFFFUL) | value;
                break;
            case 0x24:
                queue.Descriptors = (uint)queue.Descriptors | ((ulong)value << 32);
                break;
            case 0x28:
                queue.Available = (queue.Available & ~0xFFFF_FFFFUL) | value;
                break;
            case 0x2C:
                queue.Available = (uint)queue.Available | ((ulong)value << 32);
                break;
            case 0x30:
                queue.Used = (queue.Used & ~0xFFFF_FFFFUL) | value;
                break;
            case 0x34:
                queue.Used = (uint)queue.Used | ((ulong)value << 32);
                break;
            default:
                break;
        }
    }

    private ulong ReadConfig(uint offset, int width)
    {
        _config[6] = IsLinkUp ? (byte)1 : (byte)0;
        ulong value = 0;
        for (int i = 0; i < width; i++)
        {
            value |= (ulong)(offset + i < _config.Length ? _config[offset + i] : 0xFF) << (8 * i);
        }

        return value;
    }

    private void SetStatus(byte value)
    {
        if (value == 0)
        {
            if (NeverResets)
            {
                _status |= NeedsReset;
                return;
            }

            foreach (Queue queue in Queues)
            {
                queue.Reset();
            }

            DriverFeatures = 0;
        }

        if ((value & 8) != 0 && (_status & 8) == 0 && (RefusesFeatures || (DriverFeatures & ~Features) != 0))
        {
            value &= 0xF7;
        }

        _status = value;
    }

    private void OnNotify(int index)
    {
        Notifications[index]++;
        if (!IsRunning)
        {
            return;
        }

        Queue queue = Queues[index];
        while (index == 1 && queue.TryTake(this, out ushort head))
        {
            byte[] whole = queue.Gather(this, head);
            if (!whole.AsSpan(0, HeaderSize).SequenceEqual(new byte[HeaderSize]))
            {
                Faults.Add("header is not zero");
            }

            Sent.Add(whole[HeaderSize..]);
            if (TransmitterHangs)
            {
                queue.Held.Add(head);
            }
            else
            {
                queue.Return(this, head, 0);
            }
        }

        while (index == 2 && !IgnoresControl && queue.TryTake(this, out ushort head))
        {
            Commands.Add(queue.Gather(this, head));
            (ulong address, uint _, bool isWritable) = queue.Chain(this, head).Last();
            if (isWritable)
            {
                Dma(address, 1)[0] = RefusesControl ? (byte)1 : (byte)0;
            }

            queue.Return(this, head, 1);
        }

        for (int i = 0; i < Queues.Length; i++)
        {
            if (Queues[i].IsEnabled)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(Dma(Queues[i].Used, 2), SuppressesNotifications[i] ? (ushort)1 : (ushort)0);
            }
        }
    }

    private void AddModernCapability(byte at, byte type, int bar, uint offset, uint length, uint? multiplier = null)
    {
        byte[] body = new byte[multiplier is null ? 14 : 18];
        body[0] = (byte)(body.Length + 2);
        body[1] = type;
        body[2] = (byte)bar;
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(6), offset);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(10), length);
        if (multiplier is not null)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(14), multiplier.Value);
        }

        AddCapability(at, 9, body);
    }

    /// <summary>A split virtqueue from the device's side.</summary>
    public sealed class Queue
    {
        private ushort _next;
        private ushort _usedIndex;

        public int Maximum { get; set; } = 256;
        public int Size { get; set; } = 256;
        public ulong Descriptors { get; set; }
        public ulong Available { get; set; }
        public ulong Used { get; set; }
        public bool IsEnabled { get; set; }

        /// <summary>Taken and not yet returned.</summary>
        public List<ushort> Held { get; } = [];

        /// <summary>How many buffers the driver has shown and the device has not taken.</summary>
        public int CountAvailable(SimulatedPciDevice device) =>
            (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(device.Dma(Available + 2, 2)) - _next);

        /// <summary>Moves the used index, whatever lies behind it.</summary>
        public void JumpUsedIndex(SimulatedPciDevice device, int by)
        {
            _usedIndex = (ushort)(_usedIndex + by);
            BinaryPrimitives.WriteUInt16LittleEndian(device.Dma(Used + 2, 2), _usedIndex);
        }

        public void Return(SimulatedPciDevice device, uint id, uint length)
        {
            Span<byte> element = device.Dma(Used + 4 + (ulong)(8 * (_usedIndex % Size)), 8);
            BinaryPrimitives.WriteUInt32LittleEndian(element, id);
            BinaryPrimitives.WriteUInt32LittleEndian(element[4..], length);
            JumpUsedIndex(device, 1);
        }

        internal bool TryTake(SimulatedPciDevice device, out ushort head)
        {
            head = 0;
            if (!IsEnabled || CountAvailable(device) == 0)
            {
                return false;
            }

            head = BinaryPrimitives.ReadUInt16LittleEndian(device.Dma(Available + 4 + (ulong)(2 * (_next % Size)), 2));
            _next++;
            return true;
        }

        internal List<(ulong Address, uint Length, bool IsWritable)> Chain(SimulatedPciDevice device, ushort head)
        {
            List<(ulong, uint, bool)> chain = [];
            for (bool more = true; more && chain.Count < Size;) // A loop may be in it.
            {
                Span<byte> descriptor = device.Dma(Descriptors + (ulong)(16 * head), 16);
                ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[12..]);
                chain.Add((
                    BinaryPrimitives.ReadUInt64LittleEndian(descriptor),
                    BinaryPrimitives.ReadUInt32LittleEndian(descriptor[8..]),
                    (flags & 2) != 0));
                head = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[14..]);
                more = (flags & 1) != 0;
            }

            return chain;
        }

        internal byte[] Gather(SimulatedPciDevice device, ushort head)
        {
            List<byte> bytes = [];
            foreach ((ulong address, uint length, bool isWritable) in Chain(device, head))
            {
                if (!isWritable)
                {
                    bytes.AddRange(device.Dma(address, (int)length));
                }
            }

            return [.. bytes];
        }

        internal void Reset()
        {
            _next = 0;
            _usedIndex = 0;
            Size = Maximum;
            IsEnabled = false;
            Held.Clear();
        }
    }
}
