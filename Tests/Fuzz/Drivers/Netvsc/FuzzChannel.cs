using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers.Netvsc;

/// <summary>
/// A channel without a bus. Whenever the driver looks for a packet, a byte of the input says what the host does then: what an honest one
/// does (0, and all that is below <see cref="Frame"/>, and when the input is at its end), or one of those below.
/// </summary>
internal sealed unsafe class FuzzChannel(FuzzReader reader) : VmbusChannel
{
    /// <summary>A frame comes, as an honest host sends it: length.</summary>
    public const byte Frame = 0xF0;

    /// <summary>A completion: low bits of its transaction, as many of its bytes, the bytes.</summary>
    public const byte Completed = 0xF1;

    /// <summary>The answer that an honest host would give, with other bytes: how many, bytes.</summary>
    public const byte Answer = 0xF2;

    /// <summary>A packet of ranges: how many; of each offset and size.</summary>
    public const byte Ranges = 0xF3;

    /// <summary>Bytes into the receive buffer: place (of 16 bytes), how many, bytes.</summary>
    public const byte Write = 0xF4;

    /// <summary>An in-band packet: how many bytes, bytes.</summary>
    public const byte InBand = 0xF5;

    /// <summary>The channel is established anew underneath.</summary>
    public const byte Renew = 0xF6;

    /// <summary>The next calls fail: 0 not ready, 1 gone for good, 2 device error, 3 time-out; in the upper bits how many calls.</summary>
    public const byte Fail = 0xF7;

    /// <summary>As <see cref="Ranges"/>, of another set of pages, and with another message: set, how many bytes, bytes.</summary>
    public const byte Foreign = 0xF8;

    private const uint SectionSize = 2048;

    private readonly Dictionary<uint, (nint Address, int Size)> _gpadls = [];
    private readonly Queue<(ulong Transaction, byte[] Payload)> _completions = [];
    private readonly Queue<byte[]> _messages = [];
    private readonly NETBOOT_VMBUS_TRANSFER_RANGE[] _ranges = new NETBOOT_VMBUS_TRANSFER_RANGE[byte.MaxValue];
    private byte[] _payload = [];
    private uint _generation;
    private uint _nextGpadl = 1;
    private ushort _set;
    private uint _receive;
    private bool _isLost;
    private int _failures;
    private EFI_STATUS _failure;

    public override EFI_GUID InterfaceType => NetvscNic.InterfaceType;
    public override EFI_GUID InstanceId => default;
    public override uint Generation => _generation;
    public bool IsOpen { get; private set; }

    /// <summary>Whether the host may write to memory that it was shown: it never said that it has let it go.</summary>
    public bool MayWrite => _isLost || _gpadls.Count != 0;

    /// <summary>Whether it never said that it is done with what was sent, so that nobody knows.</summary>
    public bool MayRead { get; private set; }

    public override EFI_STATUS Open(uint outgoingPages, uint incomingPages)
    {
        EFI_STATUS status = Status();
        IsOpen |= !status.IsError;
        return status;
    }

    public override bool Close()
    {
        EFI_STATUS status = Status();
        bool isDone = !status.IsError || status == EFI_STATUS.EFI_NOT_FOUND;
        MayRead |= IsOpen && !isDone;
        IsOpen = false;
        return isDone;
    }

    public override EFI_STATUS CreateGpadl(void* pages, nuint bytes, out uint gpadl)
    {
        gpadl = 0;
        EFI_STATUS status = Status();
        _isLost |= status == EFI_STATUS.EFI_TIMEOUT;
        if (!status.IsError)
        {
            gpadl = _nextGpadl++;
            _gpadls.Add(gpadl, ((nint)pages, (int)bytes));
        }

        return status;
    }

    public override bool DestroyGpadl(uint gpadl)
    {
        if (!_gpadls.Remove(gpadl))
        {
            return true; // It went with an earlier connection.
        }

        EFI_STATUS status = Status();
        bool isBack = !status.IsError || status == EFI_STATUS.EFI_NOT_FOUND;
        _isLost |= !isBack;
        return isBack;
    }

    public override EFI_STATUS Send(ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested)
    {
        EFI_STATUS status = Status();
        if (!status.IsError)
        {
            byte[] answer = AnswerTo(payload);
            if (completionRequested)
            {
                _completions.Enqueue((transaction, answer));
            }
        }

        return status;
    }

    public override EFI_STATUS SendGpaDirect(
        ReadOnlySpan<byte> payload, ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE> ranges, ulong transaction, bool completionRequested)
    {
        EFI_STATUS status = Status();
        if (!status.IsError)
        {
            TakeMessage(new ReadOnlySpan<byte>((void*)ranges[0].Address, (int)ranges[0].Size));
            _completions.Enqueue((transaction, []));
        }

        return status;
    }

    public override EFI_STATUS Complete(ulong transaction, ReadOnlySpan<byte> payload) => Status();

    public override EFI_STATUS Poll() => Status();

    public override bool TryReceive(out VmbusPacket packet)
    {
        packet = default;
        while (!Status().IsError)
        {
            byte what = reader.Byte();
            switch (what)
            {
                case Frame:
                    byte[] frame = new byte[RndisPacket.HeaderSize + (reader.Word() & 2047)];
                    RndisPacket.WriteHeader(frame, frame.Length - RndisPacket.HeaderSize);
                    packet = Transfer(frame);
                    return true;
                case Completed:
                    packet = new VmbusPacket { Type = VmbusPacketType.Completion, Transaction = reader.Long(), Payload = Payload(reader.Byte()) };
                    return true;
                case Answer when _completions.TryDequeue(out (ulong Transaction, byte[] Payload) answered):
                    packet = new VmbusPacket { Type = VmbusPacketType.Completion, Transaction = answered.Transaction, Payload = Payload(reader.Byte()) };
                    return true;
                case Ranges:
                    packet = Transfer(_set, RndisMessages(), reader.Byte());
                    return true;
                case Foreign:
                    packet = Transfer(reader.Word(), Payload(reader.Byte()), reader.Byte());
                    return true;
                case Write:
                    int at = reader.Word() * 16;
                    ReadOnlySpan<byte> bytes = reader.Take(reader.Byte());
                    bytes.CopyTo(ReceiveBuffer(at, bytes.Length));
                    break;
                case InBand:
                    packet = new VmbusPacket
                    {
                        Type = VmbusPacketType.InBand,
                        CompletionRequested = true,
                        Transaction = reader.Long(),
                        Payload = Payload(reader.Byte()),
                    };
                    return true;
                case Renew:
                    _generation++;
                    _gpadls.Clear();
                    _completions.Clear();
                    _messages.Clear();
                    break;
                case Fail:
                    byte how = reader.Byte();
                    _failures = (how >> 2) + 1;
                    _failure = (how & 3) switch
                    {
                        0 => EFI_STATUS.EFI_NOT_READY,
                        1 => EFI_STATUS.EFI_NOT_FOUND,
                        2 => EFI_STATUS.EFI_DEVICE_ERROR,
                        _ => EFI_STATUS.EFI_TIMEOUT,
                    };
                    break;
                default:
                    return TryBeHonest(out packet);
            }
        }

        return false;
    }

    private EFI_STATUS Status() => _failures > 0 && _failures-- > 0 ? _failure : EFI_STATUS.EFI_SUCCESS;

    private bool TryBeHonest(out VmbusPacket packet)
    {
        packet = default;
        if (_completions.TryDequeue(out (ulong Transaction, byte[] Payload) completed))
        {
            packet = new VmbusPacket { Type = VmbusPacketType.Completion, Transaction = completed.Transaction, Payload = completed.Payload };
            return true;
        }

        if (_messages.TryDequeue(out byte[]? message))
        {
            packet = Transfer(message);
            return true;
        }

        return false;
    }

    /// <summary>What completes a message of NVSP; what it brings is answered later.</summary>
    private byte[] AnswerTo(ReadOnlySpan<byte> payload)
    {
        switch ((NvspMessageType)Word(payload, 0))
        {
            case NvspMessageType.Init:
                return Words((uint)NvspMessageType.InitComplete, 0, 34, 1);
            case NvspMessageType.SendReceiveBuffer:
                _receive = Word(payload, 4);
                _set = (ushort)Word(payload, 8);
                return Words((uint)NvspMessageType.SendReceiveBufferComplete, 1, 1, 0, SectionSize, 512, 0);
            default:
                return [];
        }
    }

    private void TakeMessage(ReadOnlySpan<byte> message)
    {
        RndisMessageType type = (RndisMessageType)Word(message, 0);
        RndisOid oid = (RndisOid)Word(message, 12);
        if (type is RndisMessageType.Initialize or RndisMessageType.Query or RndisMessageType.Set)
        {
            byte[] value = type != RndisMessageType.Query ? []
                : oid == RndisOid.PermanentAddress ? [0, 0x15, 0x5D, 1, 2, 3]
                : oid == RndisOid.MaximumFrameSize ? Words(1500)
                : Words(0);
            _messages.Enqueue([.. Words(0x8000_0000 | (uint)type, 24 + (uint)value.Length, Word(message, 8), 0, (uint)value.Length, 16), .. value]);
        }
    }

    /// <summary>A message in the first section of the receive buffer.</summary>
    private VmbusPacket Transfer(ReadOnlySpan<byte> message)
    {
        message.CopyTo(ReceiveBuffer(0, message.Length));
        _ranges[0] = new NETBOOT_VMBUS_TRANSFER_RANGE { Offset = 0, Size = (uint)message.Length };
        return NewTransfer(_set, RndisMessages(), 1);
    }

    private VmbusPacket Transfer(ushort set, ReadOnlySpan<byte> payload, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ranges[i] = new NETBOOT_VMBUS_TRANSFER_RANGE { Offset = reader.Long(), Size = reader.Long() };
        }

        return NewTransfer(set, payload, count);
    }

    private VmbusPacket NewTransfer(ushort set, ReadOnlySpan<byte> payload, int count) => new()
    {
        Type = VmbusPacketType.TransferPages,
        CompletionRequested = true,
        Transaction = 77,
        Payload = payload,
        TransferPageSet = set,
        Ranges = _ranges.AsSpan(0, count),
    };

    private byte[] RndisMessages()
    {
        _payload = new byte[NvspMessage.Size];
        NvspMessage.WriteRndisPacket(_payload, isControl: false);
        return _payload;
    }

    /// <summary>Bytes of the input, with padding to a multiple of 8 as the ring has it.</summary>
    private byte[] Payload(int size)
    {
        _payload = new byte[(size + 7) & ~7];
        reader.Take(size).CopyTo(_payload);
        return _payload;
    }

    /// <summary>A place in the receive buffer; one of no account where there is none.</summary>
    private Span<byte> ReceiveBuffer(int at, int size) =>
        _gpadls.TryGetValue(_receive, out (nint Address, int Size) buffer) && at + size <= buffer.Size
            ? new Span<byte>((byte*)buffer.Address + at, size)
            : new byte[size];

    private static uint Word(ReadOnlySpan<byte> bytes, int at) =>
        bytes.Length >= at + sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : 0;

    private static byte[] Words(params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[words.Length * sizeof(uint)];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        }

        return bytes;
    }
}
