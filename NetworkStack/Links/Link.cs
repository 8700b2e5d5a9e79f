using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Links;

/// <summary>
/// A device that moves Ethernet frames. <see cref="SnpLink"/> is the real one; links stack, so that a tracer, a packet
/// capture or a fault injector wraps any other.
/// </summary>
/// <remarks>Single-threaded and polled: nothing arrives but in <see cref="Receive"/>.</remarks>
public abstract class Link
{
    /// <summary>The station address that frames are sent from and received for.</summary>
    public abstract MacAddress Address { get; }

    /// <summary>The address that the device was made with.</summary>
    public virtual MacAddress PermanentAddress => Address;

    /// <summary>The most bytes that follow the Ethernet header (1500 for plain Ethernet).</summary>
    public abstract int Mtu { get; }

    /// <summary>False while the device says that there is no carrier; true when it cannot tell.</summary>
    public abstract bool IsUp { get; }

    /// <summary>Makes the device ready to move frames. Open after Open changes nothing.</summary>
    public virtual Error? Open() => null;

    /// <summary>Gives the device back as it was. Close after Close changes nothing.</summary>
    public virtual void Close()
    {
    }

    /// <summary>Gives the device another station address until Close, or its own again; a closed one has it from Open on.</summary>
    /// <param name="address">Null for its own.</param>
    public virtual Error? SetAddress(MacAddress? address) =>
        new(EFI_STATUS.EFI_UNSUPPORTED, "the network device has one address only");

    /// <summary>Lets frames for groups through, besides those for the station and for all, until Close. A device may let through more.</summary>
    /// <param name="groups">All of them; sixteen at most.</param>
    public virtual void SetGroups(ReadOnlySpan<MacAddress> groups)
    {
    }

    /// <summary>Sends one whole Ethernet frame (header first, no FCS); the caller's bytes are free again on return.</summary>
    /// <returns>False when there is no room now; the frame is lost.</returns>
    public abstract bool Send(ReadOnlySpan<byte> frame);

    /// <summary>
    /// The next frame (header first, no FCS), or empty when there is none. The bytes are the link's own, and valid until the
    /// next Receive.
    /// </summary>
    public abstract ReadOnlySpan<byte> Receive();
}
