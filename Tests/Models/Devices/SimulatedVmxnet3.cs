using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.Devices;

/// <summary>A vmxnet3 of revision 1 with one queue each way, after VMware's public driver (Linux, vmxnet3_defs.h).</summary>
public sealed class SimulatedVmxnet3 : SimulatedNic
{
    private const uint First = 1u << 31; // A generation bit of a receive descriptor and of completions.

    private readonly Dictionary<uint, uint> _registers = [];
    private readonly ulong _permanent;
    private ulong _station;
    private uint _answer;
    private uint _transmitNext;
    private uint _transmitCompletion;
    private uint _receiveCompletion;
    private ulong _outOfBuffers;

    public SimulatedVmxnet3(string address = "525400123456", uint revisions = 3)
        : base(0x15AD, 0x07B0)
    {
        byte[] bytes = [.. Convert.FromHexString(address), 0, 0];
        _permanent = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Revisions = revisions;
        SetBar(0, 0x8000_0000);
        SetBar(1, 0x8000_1000);
    }

    public uint Revisions { get; }

    public List<uint> Commands { get; } = [];

    public bool IsActive { get; private set; }

    public bool RefusesToActivate { get; set; }

    /// <summary>Tells of every second frame only that it is sent: that one and the one before.</summary>
    public bool CompletesInPairs { get; set; }

    public bool WantsProducer { get; set; }

    public uint LastProducer { get; private set; }

    /// <summary>The index of the receive descriptor that is next.</summary>
    public uint ReceiveNext { get; set; }

    public Span<byte> Shared => Dma(_registers.GetValueOrDefault(0x10u) | ((ulong)_registers.GetValueOrDefault(0x18u) << 32), 720);

    public override bool IsLinkUp
    {
        get => base.IsLinkUp;
        set
        {
            base.IsLinkUp = value;
            if (IsActive && IsBusMaster)
            {
                AddEvents(4);
            }
        }
    }

    /// <summary>Stops both queues over an error of the driver's.</summary>
    public void Fail()
    {
        TransmitterHangs = true;
        AddEvents(3);
    }

    /// <inheritdoc/>
    public override bool Receive(byte[] frame) => Receive(frame, 0);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="frame">Without FCS.</param>
    /// <param name="skip">Buffers left unused before it.</param>
    public bool Receive(byte[] frame, uint skip)
    {
        if (!IsActive || IsRemoved || !IsBusMaster || !Accepts(frame))
        {
            return false;
        }

        ReceiveNext += skip;
        ulong address = 0;
        Span<byte> descriptor = Descriptor(ReceiveQueue(16), ReceiveNext, ReceiveSize);
        uint control = descriptor.IsEmpty ? 0 : U32(descriptor, 8);
        if (descriptor.IsEmpty || (control & First) != 0 != IsFirst(ReceiveNext, ReceiveSize) || (control & 0x3FFF) < frame.Length)
        {
            _outOfBuffers++;
            return false;
        }

        address = BinaryPrimitives.ReadUInt64LittleEndian(descriptor);
        frame.CopyTo(Dma(address, frame.Length));
        Complete(ReceiveNext % ReceiveSize | (3u << 14), (uint)frame.Length);
        ReceiveNext++;
        return true;
    }

    /// <summary>Writes a completion of a received frame, whatever it says.</summary>
    public void Complete(uint index, uint length)
    {
        Span<byte> completion = Descriptor(ReceiveQueue(32), _receiveCompletion, ReceiveSize);
        BinaryPrimitives.WriteUInt32LittleEndian(completion, index);
        BinaryPrimitives.WriteUInt32LittleEndian(completion[8..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(completion[12..], IsFirst(_receiveCompletion, ReceiveSize) ? First : 0);
        _receiveCompletion++;
    }

    /// <summary>Writes a completion of a sent frame, whatever it says.</summary>
    public void CompleteTransmit(uint index)
    {
        Span<byte> completion = Descriptor(TransmitQueue(32), _transmitCompletion, TransmitSize);
        BinaryPrimitives.WriteUInt32LittleEndian(completion, index);
        BinaryPrimitives.WriteUInt32LittleEndian(completion[12..], IsFirst(_transmitCompletion, TransmitSize) ? First : 0);
        _transmitCompletion++;
    }

    protected override ulong Read(int bar, uint offset, int width) => (bar, offset) switch
    {
        (1, 0) => Revisions,
        (1, 8) => 1,
        (1, 0x20) => _answer,
        (1, 0x28) => (uint)_station,
        (1, 0x30) => (uint)(_station >> 32),
        _ => 0,
    };

    protected override void Write(int bar, uint offset, int width, ulong wide)
    {
        uint value = (uint)wide;
        if (width != 4)
        {
            Faults.Add($"access of {width} bytes");
        }

        switch (bar, offset)
        {
            case (0, 0x600):
                Transmit(value);
                break;
            case (0, 0x800):
                LastProducer = value;
                break;
            case (1, 0x20):
                Execute(value);
                break;
            case (1, 0x28):
                _station = (_station & ~0xFFFF_FFFFul) | value;
                break;
            case (1, 0x30):
                _station = (uint)_station | ((ulong)(ushort)value << 32);
                break;
            case (1, 0x40):
                BinaryPrimitives.WriteUInt32LittleEndian(Shared[696..], U32(Shared, 696) & ~value);
                break;
            case (1, 0x10 or 0x18):
                _registers[offset] = value;
                break;
            default:
                break;
        }
    }

    private uint ReceiveSize => (uint)ReceiveQueue(56) & 0x1FFF;

    private uint TransmitSize => (uint)TransmitQueue(56) & 0x1FFF;

    private ulong TransmitQueue(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Queues[offset..]);

    private ulong ReceiveQueue(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Queues[(256 + offset)..]);

    private Span<byte> Queues => Dma(BinaryPrimitives.ReadUInt64LittleEndian(Shared[40..]), 512);

    private Span<byte> Descriptor(ulong ring, uint counter, uint count) => Dma(ring + (16 * (counter % count)), 16);

    private static bool IsFirst(uint counter, uint count) => counter / count % 2 == 0;

    private static uint U32(Span<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private void AddEvents(uint events) => BinaryPrimitives.WriteUInt32LittleEndian(Shared[696..], U32(Shared, 696) | events);

    private void Execute(uint command)
    {
        Commands.Add(command);
        _answer = 0;
        switch (command)
        {
            case 0xCAFE_0000:
                Activate();
                break;
            case 0xCAFE_0001 or 0xCAFE_0002 when NeverResets:
                break;
            case 0xCAFE_0001 or 0xCAFE_0002:
                IsActive = false;
                _station = _permanent;
                break;
            case 0xF00D_0001:
                if (IsActive)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(Queues[(256 + 152)..], _outOfBuffers);
                }

                break;
            case 0xF00D_0002:
                _answer = (10_000u << 16) | (IsLinkUp ? 1u : 0);
                break;
            case 0xF00D_0003:
                _answer = (uint)_permanent;
                break;
            case 0xF00D_0004:
                _answer = (uint)(_permanent >> 32);
                break;
            default:
                break;
        }
    }

    private void Activate()
    {
        if (RefusesToActivate || U32(Shared, 0) != 0xBABE_FEE1)
        {
            _answer = 1;
            return;
        }

        if (TransmitQueue(16) % 512 != 0 || TransmitQueue(32) % 512 != 0 || ReceiveQueue(16) % 512 != 0 || ReceiveQueue(32) % 512 != 0 ||
            TransmitSize % 32 != 0 || ReceiveSize % 32 != 0 || TransmitSize * ReceiveSize == 0)
        {
            Faults.Add("a ring is not aligned");
        }

        if (Shared[62] != 1 || Shared[63] != 1 || U32(Shared, 52) != 512 || (U32(Shared, 108) & 1) == 0)
        {
            Faults.Add("queues or interrupts");
        }

        IsActive = true;
        TransmitterHangs = false;
        _transmitNext = 0;
        _transmitCompletion = 0;
        ReceiveNext = 0;
        _receiveCompletion = 0;
        _outOfBuffers = 0;
        Queues[256] = (byte)(WantsProducer ? 1 : 0);
    }

    private void Transmit(uint producer)
    {
        while (IsActive && IsBusMaster && !TransmitterHangs && _transmitNext % TransmitSize != producer)
        {
            Span<byte> descriptor = Descriptor(TransmitQueue(16), _transmitNext, TransmitSize);
            uint control = U32(descriptor, 8);
            if ((control & 0x4000) != 0 != IsFirst(_transmitNext, TransmitSize) || (U32(descriptor, 12) & 0x3000) != 0x3000)
            {
                Faults.Add("a descriptor that is not the device's");
                return;
            }

            Sent.Add(Dma(BinaryPrimitives.ReadUInt64LittleEndian(descriptor), (int)control & 0x3FFF).ToArray());
            if (!CompletesInPairs || _transmitNext % 2 == 1)
            {
                CompleteTransmit(_transmitNext % TransmitSize);
            }

            _transmitNext++;
        }
    }

    private bool Accepts(byte[] frame)
    {
        uint mode = U32(Shared, 120);
        if ((mode & 16) != 0)
        {
            return true;
        }

        Span<byte> destination = frame.AsSpan(0, 6);
        if (IsBroadcast(frame))
        {
            return (mode & 4) != 0;
        }

        if ((frame[0] & 1) == 0)
        {
            Span<byte> station = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(station, _station);
            return (mode & 1) != 0 && destination.SequenceEqual(station[..6]);
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(Shared[124..]);
        Span<byte> table = (mode & 2) == 0 || length == 0 ? default : Dma(BinaryPrimitives.ReadUInt64LittleEndian(Shared[128..]), length);
        for (int i = 0; i < table.Length; i += 6)
        {
            if (destination.SequenceEqual(table.Slice(i, 6)))
            {
                return true;
            }
        }

        return (mode & 8) != 0;
    }
}
