using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers.Netvsc;

/// <summary>The channel of a network adapter.</summary>
internal sealed class NetvscFuzzChannel(FuzzReader reader) : FuzzChannel(reader)
{
    /// <summary>A frame comes, as an honest host sends it: length.</summary>
    public const byte Frame = 0xF0;

    /// <summary>A packet of ranges: how many; of each offset and size.</summary>
    public const byte Ranges = 0xF3;

    /// <summary>Bytes into the receive buffer: place (of 16 bytes), how many, bytes.</summary>
    public const byte Write = 0xF4;

    /// <summary>As <see cref="Ranges"/>, of another set of pages, and with another message: set, how many bytes, bytes.</summary>
    public const byte Foreign = 0xF8;

    private const uint SectionSize = 2048;

    private readonly Queue<byte[]> _messages = [];
    private readonly NETBOOT_VMBUS_TRANSFER_RANGE[] _ranges = new NETBOOT_VMBUS_TRANSFER_RANGE[byte.MaxValue];
    private ushort _set;
    private uint _receive;

    public override EFI_GUID InterfaceType => NetvscNic.InterfaceType;

    protected override bool TryDo(byte step, ref VmbusPacket packet)
    {
        switch (step)
        {
            case Frame:
                byte[] frame = new byte[RndisPacket.HeaderSize + (Reader.Word() & 2047)];
                RndisPacket.WriteHeader(frame, frame.Length - RndisPacket.HeaderSize);
                packet = Transfer(frame);
                return true;
            case Ranges:
                packet = Transfer(_set, RndisMessages(), Reader.Byte());
                return true;
            case Foreign:
                packet = Transfer(Reader.Word(), Bytes(Reader.Byte()), Reader.Byte());
                return true;
            case Write:
                int at = Reader.Word() * 16;
                ReadOnlySpan<byte> bytes = Reader.Take(Reader.Byte());
                bytes.CopyTo(Shown(_receive, at, bytes.Length));
                return true;
            default:
                return false;
        }
    }

    protected override bool TryBring(out VmbusPacket packet)
    {
        packet = default;
        if (_messages.TryDequeue(out byte[]? message))
        {
            packet = Transfer(message);
            return true;
        }

        return false;
    }

    protected override void BeRenewed()
    {
        base.BeRenewed();
        _messages.Clear();
    }

    /// <summary>A message of RNDIS is answered later; one of NVSP is completed with its answer.</summary>
    protected override byte[] AnswerTo(ReadOnlySpan<byte> payload, ulong transaction, Span<byte> data)
    {
        if (!data.IsEmpty)
        {
            TakeMessage(data);
            return [];
        }

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
        message.CopyTo(Shown(_receive, 0, message.Length));
        _ranges[0] = new NETBOOT_VMBUS_TRANSFER_RANGE { Offset = 0, Size = (uint)message.Length };
        return NewTransfer(_set, RndisMessages(), 1);
    }

    private VmbusPacket Transfer(ushort set, byte[] payload, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ranges[i] = new NETBOOT_VMBUS_TRANSFER_RANGE { Offset = Reader.Long(), Size = Reader.Long() };
        }

        return NewTransfer(set, payload, count);
    }

    private VmbusPacket NewTransfer(ushort set, byte[] payload, int count) => new()
    {
        Type = VmbusPacketType.TransferPages,
        CompletionRequested = true,
        Transaction = 77,
        Payload = payload,
        TransferPageSet = set,
        Ranges = _ranges.AsSpan(0, count),
    };

    private static byte[] RndisMessages()
    {
        byte[] message = new byte[NvspMessage.Size];
        NvspMessage.WriteRndisPacket(message, isControl: false);
        return message;
    }

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
