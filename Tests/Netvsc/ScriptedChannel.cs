using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Netvsc;

/// <summary>
/// A channel without a bus, with the least of an adapter behind it: it takes everything, and can be lost at any call. On a frame's way it
/// allocates nothing.
/// </summary>
internal sealed unsafe class ScriptedChannel : VmbusChannel
{
    private const int QueueSize = 256;

    private readonly Dictionary<uint, nint> _gpadls = [];
    private readonly ulong[] _completed = new ulong[QueueSize];
    private readonly byte[]?[] _answers = new byte[]?[QueueSize];
    private readonly NETBOOT_VMBUS_TRANSFER_RANGE[] _ranges = new NETBOOT_VMBUS_TRANSFER_RANGE[1];
    private readonly byte[] _data = new byte[NetBoot.NicDrivers.Netvsc.NvspMessage.Size];
    private readonly Queue<byte[]> _controls = [];
    private int _completedCount;
    private int _taken;
    private uint _generation;
    private uint _nextGpadl = 1;
    private uint _oldestGpadl;
    private ushort _set;
    private nint _receive;

    public ScriptedChannel() => NetBoot.NicDrivers.Netvsc.NvspMessage.WriteRndisPacket(_data, false);

    public override EFI_GUID InterfaceType => NetvscNic.InterfaceType;
    public override EFI_GUID InstanceId => default;
    public override uint Generation => _generation;

    /// <summary>A frame is received whenever there is nothing else, at most so many.</summary>
    public int FramesToReceive { get; set; }

    public int SentFrames { get; private set; }
    public int CompletedPackets { get; private set; }
    public int SetUps { get; private set; }
    public int Disposals { get; private set; }
    public bool IsOpen { get; private set; }
    public uint Filter { get; private set; }

    /// <summary>After so many calls the connection is lost, until <see cref="Restore"/>.</summary>
    public int CallsUntilLost { get; set; } = int.MaxValue;

    /// <summary>The host has taken the channel away.</summary>
    public bool IsGone { get; set; }

    /// <summary>What CreateGpadl answers.</summary>
    public EFI_STATUS GpadlStatus { get; set; }

    /// <summary>Whether the host keeps what it was shown, or what packets under way name.</summary>
    public bool KeepsGpadls { get; set; }
    public bool KeepsPackets { get; set; }

    /// <summary>Nothing is answered, whatever is sent.</summary>
    public bool IsMute { get; set; }

    /// <summary>What completing a packet answers.</summary>
    public EFI_STATUS CompletionStatus { get; set; }

    public int GpadlCount => _gpadls.Count;

    /// <summary>GPADLs that were taken back while the channel was open, for which many hosts have no answer.</summary>
    public int DestroyedWhileOpen { get; private set; }

    /// <summary>The connection is there again, with nothing on it.</summary>
    public void Restore()
    {
        CallsUntilLost = int.MaxValue;
        _completedCount = _taken = 0;
        _controls.Clear();
        _gpadls.Clear();
        _oldestGpadl = _nextGpadl;
        Filter = 0;
        _generation++;
    }

    private EFI_STATUS Status()
    {
        if (IsGone)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        if (CallsUntilLost == 0)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        CallsUntilLost -= CallsUntilLost == int.MaxValue ? 0 : 1;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public override EFI_STATUS Open(uint outgoingPages, uint incomingPages)
    {
        EFI_STATUS status = Status();
        IsOpen |= !status.IsError;
        return status;
    }

    public override bool Close()
    {
        IsOpen = false;
        return !KeepsPackets;
    }

    public override EFI_STATUS CreateGpadl(void* pages, nuint bytes, out uint gpadl)
    {
        gpadl = 0;
        EFI_STATUS status = Status();
        if (status.IsError || GpadlStatus.IsError)
        {
            return status.IsError ? status : GpadlStatus;
        }

        gpadl = _nextGpadl++;
        _gpadls.Add(gpadl, (nint)pages);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public override bool DestroyGpadl(uint gpadl)
    {
        DestroyedWhileOpen += IsOpen ? 1 : 0;
        return (gpadl < _oldestGpadl || _gpadls.Remove(gpadl)) && !KeepsGpadls;
    }

    public override EFI_STATUS Send(ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested)
    {
        EFI_STATUS status = Status();
        if (status.IsError)
        {
            return status;
        }

        byte[]? answer = null;
        switch (Word(payload, 0))
        {
            case 1:
                SetUps++;
                answer = Words(2, 0, 34, 1);
                break;
            case 101:
                _receive = _gpadls[Word(payload, 4)];
                _set = (ushort)Word(payload, 8);
                answer = Words(102, 1, 1, 0, 2048, 512, 0);
                break;
        }

        Answer(completionRequested, transaction, answer);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private void Answer(bool isWanted, ulong transaction, byte[]? answer)
    {
        if (isWanted && !IsMute)
        {
            int at = _completedCount++ % QueueSize;
            _completed[at] = transaction;
            _answers[at] = answer;
        }
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        uint type = Word(message, 0);
        if (type == 1)
        {
            SentFrames++;
            return;
        }

        if (type is 2 or 4 or 5 && !IsMute)
        {
            uint oid = Word(message, 12);
            if (type == 5 && oid == 0x1010E)
            {
                Filter = Word(message, 28);
            }

            byte[] value = type != 4 ? [] : oid is 0x1010101 ? [0, 0x15, 0x5D, 1, 2, 3] : oid == 0x10106 ? [0xDC, 5, 0, 0] : new byte[4];
            _controls.Enqueue([.. Words(0x8000_0000 | type, 24u + (uint)value.Length, Word(message, 8), 0, (uint)value.Length, 16), .. value]);
        }
    }

    public override EFI_STATUS SendGpaDirect(
        ReadOnlySpan<byte> payload, ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE> ranges, ulong transaction, bool completionRequested)
    {
        EFI_STATUS status = Status();
        if (!status.IsError)
        {
            Take(new ReadOnlySpan<byte>((void*)ranges[0].Address, (int)ranges[0].Size));
            Answer(completionRequested, transaction, null);
        }

        return status;
    }

    public override EFI_STATUS Complete(ulong transaction, ReadOnlySpan<byte> payload)
    {
        EFI_STATUS status = Status();
        status = status.IsError ? status : CompletionStatus;
        CompletedPackets += status.IsError ? 0 : 1;
        return status;
    }

    public override bool TryReceive(out VmbusPacket packet)
    {
        packet = default;
        if (Status().IsError)
        {
            return false;
        }

        if (_taken != _completedCount)
        {
            int at = _taken++ % QueueSize;
            packet = new VmbusPacket { Type = VmbusPacketType.Completion, Transaction = _completed[at], Payload = _answers[at] };
            return true;
        }

        if (_controls.TryDequeue(out byte[]? control))
        {
            control.CopyTo(new Span<byte>((byte*)_receive, control.Length));
            packet = Transfer(0, control.Length);
            return true;
        }

        if (FramesToReceive > 0)
        {
            FramesToReceive--;
            if (_receive == 0)
            {
                packet = Transfer(0, 0); // There is no place for it yet.
                return true;
            }

            RndisPacket.WriteHeader(new Span<byte>((byte*)_receive + 4096, 2048), 1514);
            packet = Transfer(4096, RndisPacket.HeaderSize + 1514);
            return true;
        }

        return false;
    }

    private VmbusPacket Transfer(uint offset, int length)
    {
        _ranges[0] = new NETBOOT_VMBUS_TRANSFER_RANGE { Offset = offset, Size = (uint)length };
        return new VmbusPacket
        {
            Type = VmbusPacketType.TransferPages,
            CompletionRequested = true,
            Transaction = 77,
            Payload = _data,
            TransferPageSet = _set,
            Ranges = _ranges,
        };
    }

    public override EFI_STATUS Poll() => Status();

    public override void Dispose()
    {
        base.Dispose();
        Disposals++;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static byte[] Words(params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return bytes;
    }
}
