using System;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>
/// NVSP on a channel: the versions, the receive buffer that host and guest share, and the RNDIS messages both ways.
/// </summary>
/// <remarks>
/// <para>Received messages stay where the host wrote them until their packet is completed. What is sent is written into a slot, which a
/// GPA-direct packet names: hosts cut a send buffer, which they also take, into sections of 6,144 bytes each, so that there would be a third
/// of the slots. A slot is the host's until its own completion comes, however late.</para>
/// <para>Life: Create - Start - Close - Open - Start - ... - Dispose; Start again also after the channel was established anew.</para>
/// </remarks>
internal sealed unsafe class NvspChannel : IDisposable
{
    /// <summary>Bytes that the host may write to.</summary>
    public const int ReceiveBufferSize = 1 << 20;

    /// <summary>Bytes of the largest message that may be sent.</summary>
    public const int MaximumMessageSize = RndisPacket.HeaderSize + Nic.MaximumFrameSize;

    /// <summary>Frames that have room outside of the receive buffer.</summary>
    public const int SpareCount = 64;

    /// <summary>How long the host may take to answer anything, in microseconds, and how often it is looked for.</summary>
    public const uint Timeout = 2_000_000;
    public const uint Step = 20;

    // With their control pages 26 pages, as many as the first message of a GPADL names.
    private const uint OutgoingRingPages = 8;
    private const uint IncomingRingPages = 16;

    // One run of memory: the receive buffer, the slots, the spares. No slot crosses a page.
    private const int SlotSize = 2048;
    private const int SlotCount = 128;
    private const int Slots = ReceiveBufferSize;
    private const int Spares = Slots + (SlotCount * SlotSize);
    private const int MemorySize = Spares + (SpareCount * SlotSize);

    private const ushort ReceiveBufferId = 0x4E42; // Any number, told to the host with the buffer.

    // A transaction is a running number with its slot in the low bits, or this where it has none. It is never 0.
    private const ulong NoSlot = 0xFF;
    private const int SlotBits = 8;

    private const int MaximumAnswerSize = 40;
    private const int ReceiveBatch = 256;

    private readonly VmbusChannel _channel;
    private readonly Pages _memory;
    private readonly ulong[] _transactions = new ulong[SlotCount]; // 0 where the slot is not the host's.
    private readonly byte[] _freeSlots = new byte[SlotCount];
    private readonly byte[] _answer = new byte[MaximumAnswerSize];
    private uint _receiveGpadl;
    private int _freeCount;
    private ulong _number;
    private ulong _awaited; // 0: nothing
    private int _answerLength;
    private ulong _owed;
    private bool _owes;
    private bool _owesRanges;
    private bool _isAnswering;
    private bool _isMemoryLost;
    private uint _generation;

    private NvspChannel(VmbusChannel channel, Pages memory)
    {
        _channel = channel;
        _memory = memory;
    }

    /// <summary>The version that was agreed on.</summary>
    public uint Version { get; private set; }

    /// <summary>Into how many pieces the host cuts the receive buffer: at most so many frames may wait there. At least 1.</summary>
    public int ReceiveSections { get; private set; } = 1;

    /// <summary>False after the channel was established anew underneath: everything has to be started again.</summary>
    public bool IsCurrent => _channel.Generation == _generation;

    /// <summary>Whether the host has taken the device away.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether the channel can be closed and opened again now: not while it is lost, and not at every TPL.</summary>
    public bool CanReopen =>
        !_isMemoryLost && !_channel.Poll().IsError && (!WaitsBelowNotify || Firmware.CurrentTpl < EFI_TPL.TPL_NOTIFY);

    /// <summary>See <see cref="VmbusChannel.WaitsBelowNotify"/>: Start too.</summary>
    public bool WaitsBelowNotify => _channel.WaitsBelowNotify;

    /// <summary>Allocates the memory and opens the channel, which is from now on this object's.</summary>
    /// <returns>Null when memory is short, or the channel does not open: it is then disposed.</returns>
    public static NvspChannel? Create(VmbusChannel channel, out EFI_STATUS status)
    {
        Pages? memory = Pages.Allocate(MemorySize);
        if (memory is null)
        {
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
            channel.Dispose();
            return null;
        }

        memory.Slice(0, (int)memory.Size).Clear(); // The host sees it.
        NvspChannel created = new(channel, memory);
        status = created.Open();
        if (status.IsError)
        {
            created.Dispose();
            return null;
        }

        return created;
    }

    /// <summary>Opens the channel.</summary>
    public EFI_STATUS Open() => _channel.Open(OutgoingRingPages, IncomingRingPages);

    /// <summary>Agrees on a version and shares the receive buffer, on an open channel with nothing under way.</summary>
    /// <returns>EFI_UNSUPPORTED when there is no common version; EFI_TIMEOUT; EFI_DEVICE_ERROR when the host refuses, or keeps memory.</returns>
    public EFI_STATUS Start()
    {
        _generation = _channel.Generation;
        _isAnswering = true;
        _owes = false;
        ClearSlots(0);
        if (!TryTakeBack())
        {
            return EFI_STATUS.EFI_DEVICE_ERROR; // The host may still write there for somebody else.
        }

        EFI_STATUS status = Negotiate();
        if (!status.IsError)
        {
            status = Describe();
        }

        if (!status.IsError)
        {
            status = ShareReceiveBuffer();
        }

        if (!status.IsError)
        {
            ClearSlots(SlotCount);
        }

        return status;
    }

    /// <summary>
    /// Closes the channel, and nothing before that: a host that is told of it gives up all that it has, and some complete no revocation of a
    /// buffer. It neither allocates nor frees.
    /// </summary>
    public void Close()
    {
        ClearSlots(0);
        _channel.Close();
    }

    /// <summary>As <see cref="Close"/>, where the channel can be opened again: the memory is taken back, or lost.</summary>
    public void Reset()
    {
        ClearSlots(0);
        _isMemoryLost |= !_channel.Close() | !TryTakeBack();
    }

    /// <summary>Closes the channel, and gives the memory back if the host has.</summary>
    public void Dispose()
    {
        Reset();
        if (!_isMemoryLost)
        {
            _memory.Dispose();
        }

        _channel.Dispose();
    }

    /// <summary>Lets the bus see what the host has to say.</summary>
    /// <returns>False when the channel is gone, or for now not to be used.</returns>
    public bool Poll()
    {
        EFI_STATUS status = _channel.Poll();
        IsGone |= status == EFI_STATUS.EFI_NOT_FOUND;
        return !status.IsError && IsCurrent;
    }

    // Received

    /// <summary>Bytes of the receive buffer, or of a spare. The host may change those of the receive buffer while they are read.</summary>
    /// <param name="offset">Within <see cref="ReceiveBufferSize"/>, and so is what follows; or from <see cref="Spare"/>.</param>
    /// <param name="length">In bytes.</param>
    public Span<byte> Received(int offset, int length) => _memory.Slice((ulong)offset, length);

    /// <summary>Where a frame has room that does not fit the receive buffer any more.</summary>
    /// <param name="number">Any; each comes again after <see cref="SpareCount"/> others.</param>
    public static int Spare(uint number) => Spares + ((int)(number % SpareCount) * SlotSize);

    /// <summary>
    /// Takes the next transfer-page packet, which has to be completed. What else comes is dealt with: completions free slots, and in-band
    /// messages (a virtual function, an indirection table, anything unknown) are completed when they ask for it, and ignored.
    /// </summary>
    public bool TryReceive(out VmbusPacket packet)
    {
        for (int i = 0; i < ReceiveBatch && TrySettle() && _channel.TryReceive(out packet); i++)
        {
            switch (packet.Type)
            {
                case VmbusPacketType.TransferPages:
                    return true;
                case VmbusPacketType.Completion:
                    TakeCompletion(packet);
                    break;
                default:
                    Owe(packet);
                    break;
            }
        }

        packet = default;
        return false;
    }

    /// <summary>Whether the packet's ranges are RNDIS messages in the receive buffer.</summary>
    public static bool IsRndis(in VmbusPacket packet) =>
        packet.TransferPageSet == ReceiveBufferId && NvspMessage.Is(packet.Payload, NvspMessageType.SendRndisPacket);

    /// <summary>Completes a packet that was received. False when there is no room in the ring for now.</summary>
    public bool TryComplete(ulong transaction)
    {
        Span<byte> message = stackalloc byte[NvspMessage.RndisPacketCompleteSize];
        NvspMessage.WriteRndisPacketComplete(message);
        return _channel.Complete(transaction, message) != EFI_STATUS.EFI_NOT_READY;
    }

    // One at a time: nothing more is taken until it is completed.
    private void Owe(in VmbusPacket packet)
    {
        _owed = packet.Transaction;
        _owes = packet.CompletionRequested;
        _owesRanges = packet.Type == VmbusPacketType.TransferPages;
    }

    private bool TrySettle()
    {
        if (_owes)
        {
            _owes = _owesRanges ? !TryComplete(_owed) : _channel.Complete(_owed, default) == EFI_STATUS.EFI_NOT_READY;
        }

        return !_owes;
    }

    private void TakeCompletion(in VmbusPacket packet)
    {
        ulong slot = packet.Transaction & NoSlot;
        if (packet.Transaction == 0)
        {
            return; // Nothing of ours, though a slot that is not the host's has the same.
        }

        if (slot < SlotCount && _transactions[slot] == packet.Transaction)
        {
            Free((int)slot);
        }
        else if (packet.Transaction == _awaited)
        {
            _awaited = 0;
            _answerLength = Math.Min(packet.Payload.Length, MaximumAnswerSize);
            packet.Payload.Slice(0, _answerLength).CopyTo(_answer);
        }
    }

    // Sent

    /// <summary>Takes a slot for a message, to be sent or returned. False when the host has them all.</summary>
    public bool TryTakeSlot(out int slot)
    {
        if (_freeCount == 0)
        {
            slot = 0;
            return false;
        }

        slot = _freeSlots[--_freeCount];
        return true;
    }

    /// <summary>The <see cref="MaximumMessageSize"/> bytes of a slot that was taken.</summary>
    public Span<byte> Slot(int slot) => _memory.Slice((ulong)SlotOffset(slot), MaximumMessageSize);

    /// <summary>Gives back a slot that was taken, and not sent.</summary>
    public void Return(int slot) => Free(slot);

    /// <summary>Sends the message that was written into a slot, which is then the host's. False when that cannot be now.</summary>
    public bool TrySend(int slot, int length, bool isControl)
    {
        Span<byte> message = stackalloc byte[NvspMessage.Size];
        NvspMessage.WriteRndisPacket(message, isControl);
        NETBOOT_VMBUS_GPA_RANGE range = new() { Address = (ulong)_memory.Address + (uint)SlotOffset(slot), Size = (uint)length };
        ulong transaction = NextTransaction((uint)slot);
        EFI_STATUS status = _channel.SendGpaDirect(message, new ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE>(&range, 1), transaction, true);
        if (status.IsError)
        {
            IsGone |= status == EFI_STATUS.EFI_NOT_FOUND;
            return false;
        }

        _transactions[slot] = transaction;
        return true;
    }

    private static int SlotOffset(int slot) => Slots + (slot * SlotSize);

    private void Free(int slot)
    {
        _transactions[slot] = 0;
        _freeSlots[_freeCount++] = (byte)slot;
    }

    private void ClearSlots(int count)
    {
        _freeCount = 0;
        for (int slot = 0; slot < SlotCount; slot++)
        {
            _transactions[slot] = 0;
        }

        for (int slot = count - 1; slot >= 0; slot--)
        {
            Free(slot);
        }
    }

    private ulong NextTransaction(ulong slot) => (++_number << SlotBits) | slot;

    // Beginning and end

    // Versions 6 and 6.1 add nothing that is of use here (PacketDirect, segment coalescing); hosts that know them know 5.
    private EFI_STATUS Negotiate()
    {
        ReadOnlySpan<uint> versions = [0x50000, 0x40000, 0x30002, 0x00002]; // 5, 4, 2 and 1.
        Span<byte> message = stackalloc byte[NvspMessage.Size];
        foreach (uint version in versions)
        {
            NvspMessage.WriteInit(message, version);
            if (!TryRequest(message, out ReadOnlySpan<byte> answer))
            {
                return EFI_STATUS.EFI_TIMEOUT;
            }

            if (NvspMessage.IsInitAccepted(answer))
            {
                Version = version;
                return EFI_STATUS.EFI_SUCCESS;
            }
        }

        return EFI_STATUS.EFI_UNSUPPORTED;
    }

    // Both go before the buffer; neither has an answer.
    private EFI_STATUS Describe()
    {
        const uint SecondVersion = 0x30002;
        const uint Mtu = 1514;
        Span<byte> message = stackalloc byte[NvspMessage.Size];
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        if (Version >= SecondVersion)
        {
            NvspMessage.WriteNdisConfig(message, Mtu);
            status = _channel.Send(message, NextTransaction(NoSlot), false);
        }

        if (!status.IsError)
        {
            NvspMessage.WriteNdisVersion(message, 6, 1);
            status = _channel.Send(message, NextTransaction(NoSlot), false);
        }

        return status;
    }

    private EFI_STATUS ShareReceiveBuffer()
    {
        EFI_STATUS status = _channel.CreateGpadl(_memory.Address, ReceiveBufferSize, out uint gpadl);
        if (status.IsError)
        {
            _isMemoryLost |= status == EFI_STATUS.EFI_TIMEOUT; // The host may have it, without a number that it could be taken back by.
            return status;
        }

        _receiveGpadl = gpadl;
        Span<byte> message = stackalloc byte[NvspMessage.Size];
        NvspMessage.WriteReceiveBuffer(message, gpadl, ReceiveBufferId);
        if (!TryRequest(message, out ReadOnlySpan<byte> answer))
        {
            return EFI_STATUS.EFI_TIMEOUT;
        }

        bool isTaken = NvspMessage.IsReceiveBufferAccepted(answer, out uint sections);
        ReceiveSections = (int)Math.Clamp(sections, 1, NetvscReceiveQueue.Capacity);
        return isTaken ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;
    }

    // Sends a message and waits for its completion. The answer is valid until the next one. A host that leaves one unanswered is asked
    // nothing more.
    private bool TryRequest(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> answer)
    {
        answer = default;
        ulong transaction = NextTransaction(NoSlot);
        bool isSent = false;
        _awaited = transaction;
        for (uint waited = 0; _isAnswering && waited <= Timeout; waited += Step)
        {
            if (!isSent)
            {
                EFI_STATUS status = _channel.Send(message, transaction, true);
                if (status.IsError && status != EFI_STATUS.EFI_NOT_READY)
                {
                    break;
                }

                isSent = !status.IsError;
            }

            for (int i = 0; i < ReceiveBatch && TryReceive(out VmbusPacket packet); i++)
            {
                Owe(packet); // Nobody is there to read it.
            }

            if (_awaited == 0)
            {
                answer = new ReadOnlySpan<byte>(_answer, 0, _answerLength);
                return true;
            }

            if (!Poll())
            {
                break;
            }

            Firmware.Stall(Step);
        }

        _awaited = 0;
        _isAnswering = false;
        return false;
    }

    private bool TryTakeBack()
    {
        _isMemoryLost |= _receiveGpadl != 0 && !_channel.DestroyGpadl(_receiveGpadl);
        _receiveGpadl = 0;
        return !_isMemoryLost;
    }
}
