using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>
/// A channel without a bus. Whenever the driver looks for a packet, a byte of the input says what the host does then: what an honest one
/// does (each that names no step, and when the input is at its end), or one of the steps below, or of the device's own.
/// </summary>
internal abstract unsafe class FuzzChannel(FuzzReader reader) : VmbusChannel
{
    /// <summary>A completion: low bits of its transaction, as many of its bytes, the bytes.</summary>
    public const byte Completed = 0xF1;

    /// <summary>The answer that an honest host would give, with other bytes: how many, bytes.</summary>
    public const byte Answer = 0xF2;

    /// <summary>An in-band packet: low bits of its transaction, how many bytes, bytes.</summary>
    public const byte InBand = 0xF5;

    /// <summary>The channel is established anew underneath.</summary>
    public const byte Renew = 0xF6;

    /// <summary>The next calls fail: 0 not ready, 1 gone for good, 2 device error, 3 time-out; in the upper bits how many calls.</summary>
    public const byte Fail = 0xF7;

    private readonly Queue<(ulong Transaction, byte[] Payload)> _answers = [];
    private readonly Dictionary<uint, (nint Address, int Size)> _gpadls = [];
    private uint _generation;
    private uint _nextGpadl = 1;
    private bool _isLost;
    private int _failures;
    private EFI_STATUS _failure;

    public override EFI_GUID InstanceId => default;
    public override uint Generation => _generation;
    public bool IsOpen { get; private set; }

    /// <summary>Whether the host may write to memory that it was shown: it never said that it has let it go.</summary>
    public bool MayWrite => _isLost || _gpadls.Count != 0;

    /// <summary>Whether it never said that it is done with what was sent, so that nobody knows.</summary>
    public bool MayRead { get; private set; }

    protected FuzzReader Reader => reader;

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
            byte[] answer = AnswerTo(payload, transaction, default);
            if (completionRequested)
            {
                _answers.Enqueue((transaction, answer));
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
            _answers.Enqueue((transaction, AnswerTo(payload, transaction, new Span<byte>((void*)ranges[0].Address, (int)ranges[0].Size))));
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
            byte step = reader.Byte();
            switch (step)
            {
                case Completed:
                    packet = NewCompletion(reader.Long(), Bytes(reader.Byte()));
                    return true;
                case Answer when TryTakeAnswer(out ulong transaction, out _):
                    packet = NewCompletion(transaction, Bytes(reader.Byte()));
                    return true;
                case InBand:
                    packet = new VmbusPacket
                    {
                        Type = VmbusPacketType.InBand,
                        CompletionRequested = true,
                        Transaction = reader.Long(),
                        Payload = Bytes(reader.Byte()),
                    };
                    return true;
                case Renew:
                    BeRenewed();
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
                    if (!TryDo(step, ref packet))
                    {
                        return TryBeHonest(out packet);
                    }

                    if (packet.Type != default)
                    {
                        return true;
                    }

                    break;
            }
        }

        return false;
    }

    /// <summary>The device takes a packet.</summary>
    /// <param name="payload">What is in it.</param>
    /// <param name="transaction">What its completion names.</param>
    /// <param name="data">The memory that it names; empty when it names none.</param>
    /// <returns>What an honest host completes it with.</returns>
    protected abstract byte[] AnswerTo(ReadOnlySpan<byte> payload, ulong transaction, Span<byte> data);

    /// <summary>Does a step of the device's own.</summary>
    /// <param name="step">What the input names.</param>
    /// <param name="packet">What comes of it, if anything does.</param>
    /// <returns>False when it is none.</returns>
    protected abstract bool TryDo(byte step, ref VmbusPacket packet);

    /// <summary>What an honest host sends when it has answered everything.</summary>
    protected virtual bool TryBring(out VmbusPacket packet)
    {
        packet = default;
        return false;
    }

    /// <summary>Establishes the channel anew: nothing that was sent will be completed.</summary>
    protected virtual void BeRenewed()
    {
        _generation++;
        _gpadls.Clear();
        _answers.Clear();
    }

    /// <summary>A completion goes out.</summary>
    protected virtual void OnCompleting(ulong transaction)
    {
    }

    /// <summary>The oldest answer that an honest host still owes. False when there is none.</summary>
    protected bool TryTakeAnswer(out ulong transaction, out byte[] payload)
    {
        bool isThere = _answers.TryDequeue(out (ulong Transaction, byte[] Payload) answer);
        (transaction, payload) = answer;
        return isThere;
    }

    protected VmbusPacket NewCompletion(ulong transaction, byte[] payload)
    {
        OnCompleting(transaction);
        return new VmbusPacket { Type = VmbusPacketType.Completion, Transaction = transaction, Payload = payload };
    }

    /// <summary>A place in memory that the host was shown; one of no account where there is none.</summary>
    protected Span<byte> Shown(uint gpadl, int at, int size) =>
        _gpadls.TryGetValue(gpadl, out (nint Address, int Size) shown) && at + size <= shown.Size
            ? new Span<byte>((byte*)shown.Address + at, size)
            : new byte[size];

    /// <summary>Bytes of the input, with padding to a multiple of 8 as the ring has it.</summary>
    protected byte[] Bytes(int size)
    {
        byte[] bytes = new byte[(size + 7) & ~7];
        reader.Take(size).CopyTo(bytes);
        return bytes;
    }

    protected static uint Word(ReadOnlySpan<byte> bytes, int at) =>
        bytes.Length >= at + sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : 0;

    private EFI_STATUS Status() => _failures > 0 && _failures-- > 0 ? _failure : EFI_STATUS.EFI_SUCCESS;

    private bool TryBeHonest(out VmbusPacket packet)
    {
        if (!TryTakeAnswer(out ulong transaction, out byte[] payload))
        {
            return TryBring(out packet);
        }

        packet = NewCompletion(transaction, payload);
        return true;
    }
}
