using System;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>A device behind a channel. All members are called with the host's lock held.</summary>
public abstract class VmbusDevice(Guid interfaceType, Guid instance)
{
    public Guid InterfaceType { get; } = interfaceType;

    public Guid Instance { get; } = instance;

    /// <summary>Of the offer: 1 enumerate interface, 0x10 pipe mode.</summary>
    public ushort OfferFlags { get; set; } = 1;

    /// <summary>Of the offer, at most 120 bytes.</summary>
    public byte[] UserDefined { get; set; } = [];

    /// <summary>The channel that it is offered on; null while it is not.</summary>
    public HostChannel? Channel { get; internal set; }

    protected internal virtual void Opened()
    {
    }

    /// <summary>The channel has been closed: all that the guest gave is gone.</summary>
    /// <param name="byGuest">By a message of the guest's, not by a new contact, an unload or a rescind.</param>
    protected internal virtual void Closed(bool byGuest)
    {
    }

    protected internal virtual void Receive(HostPacket packet)
    {
    }

    /// <summary>There is room in the ring again, or time has passed.</summary>
    protected internal virtual void Work()
    {
    }
}
