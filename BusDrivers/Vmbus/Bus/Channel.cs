using System;
using NetBoot.BusDrivers.Vmbus.Host;
using NetBoot.BusDrivers.Vmbus.Rings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>
/// A place for one channel that the host offers: its rings while it is open, and the handle that drivers find it on. Places are made with
/// the bus, since offers come at any time, and used again.
/// </summary>
internal sealed unsafe class Channel(VmbusDevice bus, Connection connection, GpadlTable gpadls)
{
    private readonly RingPair _rings = new();
    private byte* _memory;
    private uint _outgoingPages; // Of the memory that there is, open or not.
    private uint _incomingPages;
    private uint _ringGpadl; // 0 while the memory is only ours.
    private bool _isEstablished;
    private bool _isLost; // What the host had when it was closed last.
    private ChannelHandle _handle;

    /// <summary>What the host said last of it.</summary>
    public ChannelOffer Offer;

    /// <summary>Whether there is a channel in this place.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Whether its driver has it open; it stays so while the connection is lost.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether the host has taken it away for good, be it by forgetting it over a new connection.</summary>
    public bool IsRescinded { get; private set; }

    /// <summary>Whether the host waits to hear that we have forgotten it.</summary>
    private bool _isToBeReleased;

    /// <summary>Whether it was offered on the present connection.</summary>
    public bool IsOffered { get; private set; }

    /// <summary>Whether it is to have a handle: somebody has asked for it, or for all, and has not stopped it since.</summary>
    public bool IsWanted { get; set; }

    /// <summary>Whether there is a handle for it.</summary>
    public bool HasChild => _handle.IsInstalled;

    public EFI_HANDLE Child => _handle.Handle;
    public char* Name => _handle.Name;

    /// <summary>The bus that its entries belong to.</summary>
    public VmbusDevice Bus => bus;

    /// <summary>Puts a new channel here.</summary>
    public void Begin(in ChannelOffer offer)
    {
        Offer = offer;
        IsUsed = true;
        IsOffered = true;
        IsRescinded = false;
        IsWanted = false;
        _isToBeReleased = false;
    }

    /// <summary>The channel is offered again, on another connection.</summary>
    public void Resume(in ChannelOffer offer)
    {
        Offer = offer;
        IsOffered = true;
    }

    /// <summary>Whether the offer is of this device, over connections.</summary>
    public bool IsSameAs(in ChannelOffer offer) =>
        Offer.InstanceId == offer.InstanceId && Offer.InterfaceType == offer.InterfaceType &&
        Offer.SubChannelIndex == offer.SubChannelIndex;

    /// <summary>The connection is gone, and with it what was made on it.</summary>
    public void Lose()
    {
        IsOffered = false;
        _isEstablished = false;
    }

    /// <summary>The host has taken it away.</summary>
    /// <param name="isToBeReleased">Whether the host waits for our last word.</param>
    public void Rescind(bool isToBeReleased)
    {
        IsRescinded = true;
        _isToBeReleased = isToBeReleased;
    }

    /// <summary>Makes the handle.</summary>
    public EFI_STATUS Install(ReadOnlySpan<byte> parentPath) => _handle.Install(this, parentPath);

    /// <summary>Takes the handle away, with the drivers on it. On failure it is as it was.</summary>
    public EFI_STATUS Uninstall()
    {
        EFI_STATUS status = _handle.Uninstall();
        if (!status.IsError)
        {
            nuint tpl = Firmware.RaiseTpl(ChannelEntries.Tpl);
            Close();
            gpadls.DestroyAll(this);
            TakeBackRings();
            FreeRings();
            Firmware.RestoreTpl(tpl);
        }

        return status;
    }

    /// <summary>Empties the place; there is no handle. The host is told, when it waits for that.</summary>
    public void End()
    {
        if (_isToBeReleased && connection.Check())
        {
            connection.ReleaseChannel(Offer.Channel);
        }

        IsUsed = false;
        IsOffered = false;
    }

    /// <summary>Why the channel cannot be used: the connection is lost, or the channel gone.</summary>
    public EFI_STATUS Status =>
        IsRescinded ? EFI_STATUS.EFI_NOT_FOUND
        : connection.IsUp && IsOffered ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_NOT_READY;

    public EFI_STATUS Open(uint outgoingPages, uint incomingPages)
    {
        if (IsOpen)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        if (!IsRingSize(outgoingPages) || !IsRingSize(incomingPages))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = CheckConnection();
        if (status.IsError)
        {
            return status;
        }

        TakeBackRings();
        if (_memory == null || _outgoingPages != outgoingPages || _incomingPages != incomingPages)
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

        return Establish();
    }

    /// <summary>As the protocol's CloseChannel: nothing is allocated or freed.</summary>
    /// <returns>EFI_TIMEOUT when the host may still use the rings, and what they name.</returns>
    public EFI_STATUS Close()
    {
        bool isLost = !connection.Check();
        if (_isEstablished && !isLost)
        {
            connection.Close(Offer.Channel);
        }

        IsOpen = false;
        _isEstablished = false;
        if (!isLost)
        {
            TakeBackRings(); // Otherwise it shows whose they are when there is a connection again.
        }

        return _ringGpadl == 0 && !_isLost ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_TIMEOUT;
    }

    public EFI_STATUS CreateGpadl(ref byte* pages, nuint count, out uint number)
    {
        number = 0;
        if ((ulong)pages % PageMemory.PageSize != 0 || count == 0 || count > Connection.MaximumPages)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = CheckConnection();
        return status.IsError ? status : gpadls.Create(this, ref pages, count, out number);
    }

    public EFI_STATUS DestroyGpadl(uint number) => gpadls.Destroy(this, number);

    public EFI_STATUS Send(VmbusPacketType type, ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested)
    {
        EFI_STATUS status = CheckOpen();
        if (status.IsError)
        {
            return status;
        }

        status = _rings.Outgoing.Send(type, payload, transaction, completionRequested, out bool signal);
        SignalIf(signal);
        return status;
    }

    public EFI_STATUS SendGpaDirect(
        ReadOnlySpan<byte> payload, ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE> ranges, ulong transaction, bool completionRequested)
    {
        EFI_STATUS status = CheckOpen();
        if (status.IsError)
        {
            return status;
        }

        status = _rings.Outgoing.SendGpaDirect(payload, ranges, transaction, completionRequested, out bool signal);
        SignalIf(signal);
        return status;
    }

    public bool TryReceive(out VmbusPacket packet)
    {
        if (CheckOpen().IsError)
        {
            packet = default;
            return false;
        }

        bool isThere = _rings.Incoming.TryReceive(out packet, out bool signal);
        SignalIf(signal);
        return isThere;
    }

    /// <summary>How much of what the host sent made no sense.</summary>
    public ulong Malformed => _rings.Incoming.Malformed;

    /// <summary>Lets the driver see that what it had made on the channel is gone.</summary>
    public void Renew() => _handle.Renew();

    private static bool IsRingSize(uint pages) =>
        pages is >= NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_MINIMUM_RING_PAGES and <= NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_MAXIMUM_RING_PAGES;

    // On a new connection the first call of the driver's opens the channel again, over the rings that there are: the timer that has got the
    // connection back does not wait for the host.
    private EFI_STATUS CheckOpen()
    {
        EFI_STATUS status = Status;
        if (status.IsError || _isEstablished)
        {
            return status;
        }

        return IsOpen && !Establish().IsError ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_NOT_STARTED;
    }

    // Before the host is told anything: a word on somebody else's connection would be about a channel of theirs.
    private EFI_STATUS CheckConnection()
    {
        connection.Check();
        return Status;
    }

    private void SignalIf(bool signal)
    {
        if (signal)
        {
            connection.Signal(Offer);
        }
    }

    private EFI_STATUS Establish()
    {
        IsOpen = false;
        _ringGpadl = 0; // What it was on another connection.
        _rings.Reset(_memory, _outgoingPages, _incomingPages);
        EFI_STATUS status = connection.CreateGpadl(
            Offer.Channel, _memory, (int)RingPair.SharedPages(_outgoingPages, _incomingPages), out _ringGpadl);
        if (status.IsError)
        {
            _ringGpadl = 0;
            if (status == EFI_STATUS.EFI_TIMEOUT)
            {
                _memory = null; // The host may still come to it: it is nobody's any more.
            }

            return status;
        }

        status = connection.Open(Offer.Channel, _ringGpadl, RingPair.IncomingPage(_outgoingPages));
        if (status == EFI_STATUS.EFI_TIMEOUT)
        {
            connection.Close(Offer.Channel);
        }

        if (status.IsError)
        {
            TakeBackRings();
            return status;
        }

        IsOpen = true;
        _isEstablished = true;
        _isLost = false;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private void TakeBackRings()
    {
        if (_ringGpadl == 0)
        {
            return;
        }

        _isLost = !connection.TakeBack(Offer.Channel, _ringGpadl, IsRescinded);
        _ringGpadl = 0;
        if (_isLost)
        {
            _memory = null; // As above.
        }
    }

    private void FreeRings()
    {
        if (_memory != null)
        {
            PageMemory.Free(_memory, RingPair.AllPages(_outgoingPages, _incomingPages));
            _memory = null;
        }
    }
}
