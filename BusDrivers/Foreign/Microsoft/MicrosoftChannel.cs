using System;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.BusDrivers.Vmbus.Host;
using NetBoot.BusDrivers.Vmbus.Rings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>
/// A channel of Hyper-V's own firmware, which shows pages, opens, closes and signals; the rings are ours. What the generations of its
/// protocol do each in its own way is in the classes derived from this.
/// </summary>
/// <remarks>
/// <para>The firmware waits for the host with events, for ever, at TPLs below TPL_NOTIFY only: Open and CreateGpadl answer EFI_ACCESS_DENIED above,
/// and DestroyGpadl that the memory is lost. So it is too while the channel is open, since hosts of today answer only when it is closed. While
/// it waits, other events run, among them one that connects what the host has offered late.</para>
/// <para>The firmware never loses its connection, and does not tell when the host takes a channel away.</para>
/// </remarks>
public abstract unsafe class MicrosoftChannel : VmbusChannel
{
    private readonly RingPair _rings = new();
    private Event? _interrupt;
    private byte* _memory;
    private uint _outgoingPages;
    private uint _incomingPages;
    private uint _ringGpadl;
    private bool _isOpen;
    private bool _isLost; // What it had when it was closed last, rings and all.

    private protected MicrosoftChannel(EFI_GUID interfaceType, EFI_GUID instance)
    {
        InterfaceType = interfaceType;
        InstanceId = instance;
    }

    /// <inheritdoc/>
    public sealed override EFI_GUID InterfaceType { get; }

    /// <inheritdoc/>
    public sealed override EFI_GUID InstanceId { get; }

    /// <inheritdoc/>
    public sealed override uint Generation => 0;

    /// <inheritdoc/>
    public sealed override bool WaitsBelowNotify => true;

    private protected abstract EFI_STATUS ShowPages(void* pages, uint bytes, bool isRing, out uint gpadl);
    private protected abstract bool HidePages(uint gpadl);
    private protected abstract EFI_STATUS OpenChannel(uint ringGpadl, uint incomingPage);
    private protected abstract void CloseChannel();
    private protected abstract EFI_STATUS RegisterIsr(EFI_EVENT handler);
    private protected abstract void SendInterrupt();

    /// <inheritdoc/>
    public sealed override EFI_STATUS Open(uint outgoingPages, uint incomingPages)
    {
        if (_isOpen)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        if (outgoingPages is 0 or > NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_MAXIMUM_RING_PAGES ||
            incomingPages is 0 or > NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_MAXIMUM_RING_PAGES)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (!CanWait)
        {
            return EFI_STATUS.EFI_ACCESS_DENIED;
        }

        EFI_STATUS status = PrepareMemory(outgoingPages, incomingPages);
        if (status.IsError)
        {
            return status;
        }

        _rings.Reset(_memory, outgoingPages, incomingPages);
        status = ShowPages(
            _memory, RingPair.SharedPages(outgoingPages, incomingPages) * Pages.PageSize, isRing: true, out _ringGpadl);
        if (status.IsError)
        {
            return status;
        }

        // Nothing is to be done when it is signalled, but the firmware signals it unseen.
        status = RegisterIsr(_interrupt!.Handle);
        if (!status.IsError)
        {
            status = OpenChannel(_ringGpadl, RingPair.IncomingPage(outgoingPages));
            _isOpen = !status.IsError;
        }

        if (status.IsError)
        {
            RegisterIsr(default);
            TakeBackRings();
        }

        return status;
    }

    /// <inheritdoc/>
    public sealed override bool Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            CloseChannel();
        }

        return TakeBackRings();
    }

    /// <inheritdoc/>
    public sealed override EFI_STATUS CreateGpadl(void* pages, nuint bytes, out uint gpadl)
    {
        gpadl = 0;
        if (pages == null || (nuint)pages % Pages.PageSize != 0 || bytes == 0 || bytes % Pages.PageSize != 0 || bytes > uint.MaxValue)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        return CanWait ? ShowPages(pages, (uint)bytes, isRing: false, out gpadl) : EFI_STATUS.EFI_ACCESS_DENIED;
    }

    /// <inheritdoc/>
    public sealed override bool DestroyGpadl(uint gpadl) => !_isOpen && CanWait && HidePages(gpadl);

    /// <inheritdoc/>
    public sealed override EFI_STATUS Send(ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested) =>
        Send(VmbusPacketType.InBand, payload, transaction, completionRequested);

    /// <inheritdoc/>
    public sealed override EFI_STATUS SendGpaDirect(
        ReadOnlySpan<byte> payload, ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE> ranges, ulong transaction, bool completionRequested)
    {
        if (!_isOpen)
        {
            return EFI_STATUS.EFI_NOT_STARTED;
        }

        EFI_STATUS status = _rings.Outgoing.SendGpaDirect(payload, ranges, transaction, completionRequested, out bool signal);
        SignalIf(signal);
        return status;
    }

    /// <inheritdoc/>
    public sealed override EFI_STATUS Complete(ulong transaction, ReadOnlySpan<byte> payload) =>
        Send(VmbusPacketType.Completion, payload, transaction, completionRequested: false);

    /// <inheritdoc/>
    public sealed override bool TryReceive(out VmbusPacket packet)
    {
        if (!_isOpen)
        {
            packet = default;
            return false;
        }

        bool isReceived = _rings.Incoming.TryReceive(out packet, out bool signal);
        SignalIf(signal);
        return isReceived;
    }

    /// <inheritdoc/>
    public sealed override EFI_STATUS Poll() => EFI_STATUS.EFI_SUCCESS;

    /// <summary>Closes the channel. The rings' memory is given back if the host has.</summary>
    public sealed override void Dispose()
    {
        if (Close())
        {
            FreeRings();
        }

        if (_interrupt is not null)
        {
            RegisterIsr(default);
            _interrupt.Dispose();
            _interrupt = null;
        }
    }

    private EFI_STATUS Send(VmbusPacketType type, ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested)
    {
        if (!_isOpen)
        {
            return EFI_STATUS.EFI_NOT_STARTED;
        }

        EFI_STATUS status = _rings.Outgoing.Send(type, payload, transaction, completionRequested, out bool signal);
        SignalIf(signal);
        return status;
    }

    private void SignalIf(bool signal)
    {
        if (signal)
        {
            SendInterrupt();
        }
    }

    // Memory and event are kept from one opening to the next.
    private EFI_STATUS PrepareMemory(uint outgoingPages, uint incomingPages)
    {
        TakeBackRings();
        if (_interrupt is null)
        {
            _interrupt = Event.Create(0, out EFI_STATUS status);
            if (_interrupt is null)
            {
                return status;
            }
        }

        if (_memory == null || outgoingPages != _outgoingPages || incomingPages != _incomingPages)
        {
            FreeRings();
            _memory = PageMemory.Allocate(RingPair.AllPages(outgoingPages, incomingPages));
            if (_memory == null)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            _outgoingPages = outgoingPages;
            _incomingPages = incomingPages;
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private static bool CanWait => Firmware.CurrentTpl < EFI_TPL.TPL_NOTIFY;

    // Where the TPL is too high the rings wait for the next opening, or for the end. What the host does not give back is nobody's any more.
    private bool TakeBackRings()
    {
        if (_ringGpadl != 0 && CanWait)
        {
            _isLost = !HidePages(_ringGpadl);
            _ringGpadl = 0;
            if (_isLost)
            {
                _memory = null;
            }
        }

        return _ringGpadl == 0 && !_isLost;
    }

    private void FreeRings()
    {
        PageMemory.Free(_memory, RingPair.AllPages(_outgoingPages, _incomingPages));
        _memory = null;
    }
}
