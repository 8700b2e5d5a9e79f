using System;
using System.Threading;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// The guest's side of the hypervisor, for as long as we own it: hypercalls, the message slot of VMBus, and the registers behind both.
/// TLFS, "Hypercall Interface" and "Inter-Partition Communication".
/// </summary>
/// <remarks>
/// The page of event flags is not enabled: channels are polled, and a loader that finds it enabled may believe that it is its own.
/// </remarks>
internal sealed unsafe class Hypervisor
{
    /// <summary>What a message, either way, carries at most.</summary>
    public const int MaximumMessageSize = 240;

    /// <summary>HV_STATUS_INVALID_CONNECTION_ID: also how a host throttles.</summary>
    public const uint InvalidConnectionId = 0x12;

    /// <summary>HV_STATUS_INSUFFICIENT_BUFFERS</summary>
    public const uint InsufficientBuffers = 0x13;

    private const ulong PostMessage = 0x5C;
    private const ulong SignalEvent = 0x5D;
    private const ulong Fast = 1 << 16;
    private const uint VmbusMessageType = 1;

    private const int VmbusSource = 2;
    private const int SlotSize = 256;
    private const int SlotHeaderSize = 16;
    private const int LengthOffset = 4;
    private const int FlagsOffset = 5;
    private const byte MessagePending = 1;
    private const int StaleMessages = 16;

    private const int PostHeaderSize = 16;
    private const ulong LowestVector = 0x10; // For firmware without interrupt handlers, which keeps interrupts off.
    private const int DataPages = 5;

    // What the page does where the hypervisor does not put its own code over ours: HV_STATUS_INVALID_HYPERCALL_CODE.
    private static ReadOnlySpan<byte> NoHypercall => [0xB8, 0x02, 0x00, 0x00, 0x00, 0xC3]; // mov eax, 2; ret

    private readonly ulong _foundGuest;
    private readonly ulong _foundHypercall;
    private readonly ulong _foundControl;
    private readonly ulong _foundMessages;
    private readonly ulong _foundInterrupt;
    private readonly int _vector;
    private readonly ulong _interrupt;
    private byte* _code;
    private byte* _data;

    private Hypervisor(byte* code, byte* data, int vector)
    {
        _code = code;
        _data = data;
        _vector = vector;
        _interrupt = vector == 0
            ? LowestVector | HypervisorRegister.AutoEoi | HypervisorRegister.Polling
            : (uint)vector | (HypervisorFeatures.NeedsEoi ? 0 : HypervisorRegister.AutoEoi);
        ulong guest = Processor.ReadMsr(HypervisorRegister.GuestOsId);
        _foundControl = Processor.ReadMsr(HypervisorRegister.SynicControl);
        _foundInterrupt = HypervisorRegister.Masked;
        if (guest == Ownership.OurGuestOsId)
        {
            return; // What is left of an image that did not end well points to memory that is not ours any more.
        }

        _foundGuest = guest;
        _foundHypercall = Processor.ReadMsr(HypervisorRegister.Hypercall);
        _foundMessages = Processor.ReadMsr(HypervisorRegister.MessagePage);
        _foundInterrupt = Processor.ReadMsr(HypervisorRegister.VmbusInterrupt);
    }

    private byte* MessageSlot => _data + VmbusSource * SlotSize;
    private byte* PostInput => _data + PageMemory.PageSize;

    /// <summary>Shared with hosts of the first version, and offered to all: who has to be signalled, and the monitor pages.</summary>
    public byte* InterruptPage => _data + 2 * PageMemory.PageSize;
    public byte* ParentToChildMonitor => _data + 3 * PageMemory.PageSize;
    public byte* ChildToParentMonitor => _data + 4 * PageMemory.PageSize;

    /// <summary>The number of this processor.</summary>
    public uint VpIndex { get; } = HypervisorFeatures.HasVpIndex ? (uint)Processor.ReadMsr(HypervisorRegister.VpIndex) : 0;

    /// <summary>Notes what the registers hold, and takes the memory; nothing is changed yet. Null when there is no memory.</summary>
    public static Hypervisor? Create()
    {
        byte* code = PageMemory.Allocate(1, EFI_MEMORY_TYPE.EfiBootServicesCode);
        byte* data = PageMemory.Allocate(DataPages);
        if (code == null || data == null)
        {
            PageMemory.Free(code, 1);
            PageMemory.Free(data, DataPages);
            return null;
        }

        NoHypercall.CopyTo(new Span<byte>(code, PageMemory.PageSize));
        return new Hypervisor(code, data, NullInterruptVector.Acquire(HypervisorFeatures.NeedsEoi));
    }

    /// <summary>Whether the connection is still ours: another loader that takes it moves the message page. One register is read.</summary>
    public bool IsOurs => Processor.ReadMsr(HypervisorRegister.MessagePage) == WithPage(_foundMessages, _data);

    /// <summary>Enables hypercalls and messages, also when somebody has taken them away. False when the hypervisor will not.</summary>
    public bool Enable()
    {
        new Span<byte>(_data, DataPages * PageMemory.PageSize).Clear();
        Processor.WriteMsr(HypervisorRegister.GuestOsId, Ownership.OurGuestOsId);
        ulong hypercall = WithPage(_foundHypercall, _code);
        Processor.WriteMsr(HypervisorRegister.Hypercall, hypercall);
        if (Processor.ReadMsr(HypervisorRegister.Hypercall) != hypercall)
        {
            return false;
        }

        Processor.WriteMsr(HypervisorRegister.MessagePage, WithPage(_foundMessages, _data));
        Processor.WriteMsr(HypervisorRegister.VmbusInterrupt, _interrupt);
        Processor.WriteMsr(HypervisorRegister.SynicControl, _foundControl | HypervisorRegister.Enable);
        // A hypervisor may have kept what was in its page when somebody else had it.
        byte* message = stackalloc byte[MaximumMessageSize];
        for (int i = 0; i < StaleMessages && TryTakeMessage(new Span<byte>(message, MaximumMessageSize)); i++)
        {
        }

        return true;
    }

    /// <summary>
    /// Leaves the hypervisor to an operating system: all as after a reset but SCONTROL, since Windows, which enables it itself, is known to
    /// wait for ever when it was turned off before. Nothing is freed.
    /// </summary>
    public void Reset()
    {
        Processor.WriteMsr(HypervisorRegister.VmbusInterrupt, HypervisorRegister.Masked);
        Processor.WriteMsr(HypervisorRegister.MessagePage, 0);
        Processor.WriteMsr(HypervisorRegister.Hypercall, 0);
        Processor.WriteMsr(HypervisorRegister.GuestOsId, 0);
    }

    /// <summary>Puts back what the registers held, unless somebody else has them now.</summary>
    /// <param name="wasReset">Whether <see cref="Reset"/> was called since, so that they still count as ours.</param>
    public void PutBack(bool wasReset)
    {
        if (wasReset ? Processor.ReadMsr(HypervisorRegister.GuestOsId) != 0 : !IsOurs)
        {
            return;
        }

        Processor.WriteMsr(HypervisorRegister.VmbusInterrupt, _foundInterrupt);
        Processor.WriteMsr(HypervisorRegister.MessagePage, _foundMessages);
        Processor.WriteMsr(HypervisorRegister.SynicControl, _foundControl);
        Processor.WriteMsr(HypervisorRegister.Hypercall, _foundHypercall);
        Processor.WriteMsr(HypervisorRegister.GuestOsId, _foundGuest);
    }

    /// <summary>Gives the vector back, and the memory.</summary>
    /// <param name="keepData">The host may still write to the pages that it was shown: they stay where they are, for ever.</param>
    public void Free(bool keepData)
    {
        NullInterruptVector.Release(_vector);
        PageMemory.Free(_code, 1);
        _code = null;
        if (!keepData)
        {
            PageMemory.Free(_data, DataPages);
        }

        _data = null;
    }

    /// <summary>Posts a message to a port of the host. The status is the hypercall's.</summary>
    /// <param name="connection">The port, as the host numbers it.</param>
    /// <param name="message">At most 240 bytes.</param>
    public uint Post(uint connection, ReadOnlySpan<byte> message)
    {
        uint* header = (uint*)PostInput;
        header[0] = connection;
        header[1] = 0;
        header[2] = VmbusMessageType;
        header[3] = (uint)message.Length;
        Span<byte> payload = new(PostInput + PostHeaderSize, MaximumMessageSize);
        message.CopyTo(payload);
        payload.Slice(message.Length).Clear();
        return (ushort)Processor.HyperVCall(_code, PostMessage, (ulong)PostInput, 0);
    }

    /// <summary>Signals an event to a port of the host.</summary>
    public void Signal(uint connection) => Processor.HyperVCall(_code, SignalEvent | Fast, connection, 0);

    /// <summary>Takes the message that waits in VMBus's slot, if there is one, and makes room for the next.</summary>
    /// <param name="message">240 bytes; what the message does not fill is zero.</param>
    public bool TryTakeMessage(Span<byte> message)
    {
        byte* slot = MessageSlot;
        ref uint type = ref *(uint*)slot;
        uint found = Volatile.Read(ref type);
        if (found == 0)
        {
            return false;
        }

        int length = Math.Min((int)Volatile.Read(ref slot[LengthOffset]), MaximumMessageSize);
        new ReadOnlySpan<byte>(slot + SlotHeaderSize, length).CopyTo(message);
        message.Slice(found == VmbusMessageType ? length : 0).Clear();
        // First the slot is free, then it is asked whether another message waits for that: one that comes in between is not missed.
        Volatile.Write(ref type, 0);
        Interlocked.MemoryBarrier();
        if ((Volatile.Read(ref slot[FlagsOffset]) & MessagePending) != 0)
        {
            Processor.WriteMsr(HypervisorRegister.EndOfMessage, 0);
        }

        return true;
    }

    private static ulong WithPage(ulong found, byte* page) =>
        (found & HypervisorRegister.Reserved) | (ulong)page | HypervisorRegister.Enable;
}
