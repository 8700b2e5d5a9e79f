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
    private const int DataPages = 5;

    private readonly HypervisorAccess _access;
    private readonly ulong _source;
    private bool _hasFound;
    private ulong _foundGuest;
    private ulong _foundHypercall;
    private ulong _foundControl;
    private ulong _foundMessages;
    private ulong _foundSource = HypervisorRegister.Masked;
    private byte* _code; // Null where calls need no page.
    private byte* _data;

    private Hypervisor(HypervisorAccess access, byte* code, byte* data)
    {
        _access = access;
        _code = code;
        _data = data;
        _source = access.AcquireSource();
    }

    private byte* MessageSlot => _data + VmbusSource * SlotSize;
    private byte* PostInput => _data + PageMemory.PageSize;

    /// <summary>Shared with hosts of the first version, and offered to all: who has to be signalled, and the monitor pages.</summary>
    public byte* InterruptPage => _data + 2 * PageMemory.PageSize;
    public byte* ParentToChildMonitor => _data + 3 * PageMemory.PageSize;
    public byte* ChildToParentMonitor => _data + 4 * PageMemory.PageSize;

    /// <summary>The number of this processor, once <see cref="Enable"/> has been called.</summary>
    public uint VpIndex { get; private set; }

    /// <summary>Takes the memory, and an interrupt; no register is changed yet. Null when there is no memory.</summary>
    public static Hypervisor? Create()
    {
        HypervisorAccess access = HypervisorAccess.Current;
        ReadOnlySpan<byte> content = access.CallPageContent;
        byte* code = content.IsEmpty ? null : PageMemory.Allocate(1, EFI_MEMORY_TYPE.EfiBootServicesCode);
        byte* data = PageMemory.Allocate(DataPages);
        if ((code == null && !content.IsEmpty) || data == null)
        {
            PageMemory.Free(code, 1);
            PageMemory.Free(data, DataPages);
            return null;
        }

        content.CopyTo(new Span<byte>(code, content.Length));
        return new Hypervisor(access, code, data);
    }

    /// <summary>Whether the connection is still ours: another loader that takes it moves the message page. One register is read.</summary>
    public bool IsOurs => _access.Read(HypervisorRegister.MessagePage) == WithPage(_foundMessages, _data);

    /// <summary>Enables hypercalls and messages, also when somebody has taken them away. False when the hypervisor will not.</summary>
    public bool Enable()
    {
        new Span<byte>(_data, DataPages * PageMemory.PageSize).Clear();
        Identify();
        if (!EnableCalls())
        {
            return false;
        }

        _access.Write(HypervisorRegister.MessagePage, WithPage(_foundMessages, _data));
        _access.Write(HypervisorRegister.VmbusInterrupt, _source);
        _access.Write(HypervisorRegister.SynicControl, _foundControl | HypervisorRegister.Enable);
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
        _access.Write(HypervisorRegister.VmbusInterrupt, HypervisorRegister.Masked);
        _access.Write(HypervisorRegister.MessagePage, 0);
        LeaveCalls(0, 0);
    }

    /// <summary>Puts back what the registers held, unless somebody else has them now.</summary>
    /// <param name="wasReset">Whether <see cref="Reset"/> was called since, so that they still count as ours.</param>
    public void PutBack(bool wasReset)
    {
        if (wasReset ? _access.Read(HypervisorRegister.GuestOsId) != 0 : !IsOurs)
        {
            return;
        }

        _access.Write(HypervisorRegister.GuestOsId, Ownership.OurGuestOsId); // Only a guest that has one writes the others.
        _access.Write(HypervisorRegister.VmbusInterrupt, _foundSource);
        _access.Write(HypervisorRegister.MessagePage, _foundMessages);
        _access.Write(HypervisorRegister.SynicControl, _foundControl);
        LeaveCalls(_foundHypercall, _foundGuest);
    }

    /// <summary>Gives the interrupt back, and the memory.</summary>
    /// <param name="keepData">The host may still write to the pages that it was shown: they stay where they are, for ever.</param>
    public void Free(bool keepData)
    {
        _access.ReleaseSource(_source);
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
        return (ushort)_access.Call(_code, PostMessage, (ulong)PostInput);
    }

    /// <summary>Signals an event to a port of the host.</summary>
    public void Signal(uint connection) => _access.Call(_code, SignalEvent | Fast, connection);

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
            _access.Write(HypervisorRegister.EndOfMessage, 0);
        }

        return true;
    }

    // Says who we are, and notes once what the other registers hold: on AArch64 one must have said so to read them.
    private void Identify()
    {
        ulong guest = _access.Read(HypervisorRegister.GuestOsId);
        _access.Write(HypervisorRegister.GuestOsId, Ownership.OurGuestOsId);
        if (_hasFound)
        {
            return;
        }

        _hasFound = true;
        VpIndex = _access.VpIndex;
        _foundControl = _access.Read(HypervisorRegister.SynicControl);
        if (guest == Ownership.OurGuestOsId)
        {
            return; // What is left of an image that did not end well points to memory that is not ours any more.
        }

        _foundGuest = guest;
        _foundHypercall = _code == null ? 0 : _access.Read(HypervisorRegister.Hypercall);
        _foundMessages = _access.Read(HypervisorRegister.MessagePage);
        _foundSource = _access.Read(HypervisorRegister.VmbusInterrupt);
    }

    // Where calls need no page, it is enough to have said who one is.
    private bool EnableCalls()
    {
        if (_code == null)
        {
            return _access.Read(HypervisorRegister.GuestOsId) == Ownership.OurGuestOsId;
        }

        ulong hypercall = WithPage(_foundHypercall, _code);
        _access.Write(HypervisorRegister.Hypercall, hypercall);
        return _access.Read(HypervisorRegister.Hypercall) == hypercall;
    }

    private void LeaveCalls(ulong hypercall, ulong guest)
    {
        if (_code != null)
        {
            _access.Write(HypervisorRegister.Hypercall, hypercall);
        }

        _access.Write(HypervisorRegister.GuestOsId, guest);
    }

    private static ulong WithPage(ulong found, byte* page) =>
        (found & HypervisorRegister.Reserved) | (ulong)page | HypervisorRegister.Enable;
}
