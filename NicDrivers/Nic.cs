using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers;

/// <summary>
/// What a NIC driver supplies to the SNP that all NICs share: open, close, transmit, poll, filter, link. Nothing here is
/// called from two TPLs at once, and only the constructor and <see cref="Dispose"/> allocate or free.
/// </summary>
/// <remarks>
/// Life: constructor (allocates DMA memory, reads the permanent address) - Open - Close - Open - ... - Dispose. The SNP keeps
/// the state machine of its specification; a NIC is only ever open or closed.
/// </remarks>
public abstract class Nic : IDisposable
{
    /// <summary>An Ethernet header, in bytes.</summary>
    public const int MinimumFrameSize = 14;

    /// <summary>What an Ethernet frame carries, in bytes.</summary>
    public const int MaximumMtu = 1500;

    /// <summary>Ethernet header, VLAN tag and 1500 bytes: what every ring takes in either direction, without the FCS.</summary>
    public const int MaximumFrameSize = 1518;

    /// <summary>The device as users know it: "Intel 82540EM Gigabit Ethernet".</summary>
    public abstract string Model { get; }

    /// <summary>The address that the hardware came with.</summary>
    public abstract MacAddress PermanentAddress { get; }

    /// <summary>
    /// Whether the MAC node of the device path is all zeros, for firmware whose boot entries are written before the address is known.
    /// </summary>
    public virtual bool IsPathAnonymous => false;

    /// <summary>
    /// The largest payload behind an Ethernet header that the device's network carries, in bytes: 1500, or less where a virtual
    /// network says so.
    /// </summary>
    public virtual int Mtu => MaximumMtu;

    /// <summary>False when link state cannot be told; <see cref="IsLinkUp"/> is then always true.</summary>
    public virtual bool ReportsLink => true;

    /// <summary>
    /// How long a link that is down may be one that is being negotiated, from Open on or since it was lost, in microseconds; 0 where nothing is
    /// negotiated.
    /// </summary>
    public virtual uint NegotiationTime => 0;

    /// <summary>What auto-negotiation takes (IEEE 802.3, 28.3.2 and 40.4.5.2: breaking the link, pages, training), twice.</summary>
    protected const uint CopperNegotiationTime = 5_000_000;

    /// <summary>Frames that the receive ring holds, so that a reader knows how much may arrive between two polls.</summary>
    public abstract int ReceiveRingSize { get; }

    /// <summary>Frames that the hardware or the ring checks dropped since Open (overruns, bad lengths, errors).</summary>
    public virtual ulong ReceiveErrors { get; protected set; }

    /// <summary>Resets the hardware, makes the rings ready and starts with every receive filter off.</summary>
    /// <param name="station">The address to receive unicast frames for.</param>
    public abstract EFI_STATUS Open(MacAddress station);

    /// <summary>
    /// Whether a device that failed may need a lower TPL than <see cref="Open"/> is called at: then <see cref="Repair"/> is called after that.
    /// </summary>
    public virtual bool NeedsRepair => false;

    /// <summary>
    /// Makes a device that could not be opened fit to be opened again, at TPL_CALLBACK; all else may be called in between. As legal as
    /// <see cref="Close"/>.
    /// </summary>
    public virtual void Repair()
    {
    }

    /// <summary>
    /// Stops DMA and leaves the device reset. Legal in every state and at ExitBootServices: neither allocates nor frees, waits
    /// only for bounded times.
    /// </summary>
    public abstract void Close();

    /// <summary>
    /// Closes for good, at ExitBootServices, after a fault and before the NIC is disposed: the hardware is as quiet as it can be. As
    /// legal as <see cref="Close"/>; for a NIC that keeps nothing on while it is closed, the same.
    /// </summary>
    public virtual void Quiesce() => Close();

    /// <summary>
    /// Sets which frames are received. The hardware may let more through (a hash, a promiscuous mode): the SNP drops what was not asked
    /// for. So every NIC offers every filter.
    /// </summary>
    /// <param name="filters">Any of them.</param>
    /// <param name="multicast">At most 16 addresses; used with <see cref="ReceiveFilters.Multicast"/>.</param>
    public abstract void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast);

    /// <summary>
    /// Changes the address to receive unicast frames for, while open. Frames that were received stay, the link stays up. A device that
    /// cannot change it receives more than asked for instead (see <see cref="SetFilter"/>).
    /// </summary>
    public abstract void SetStation(MacAddress station);

    /// <summary>
    /// Copies one frame (<see cref="MinimumFrameSize"/> to <see cref="MaximumFrameSize"/> bytes, Ethernet header first, no FCS) into the
    /// transmit ring and starts it; the caller's buffer is free again on return. False when the ring is full.
    /// </summary>
    public abstract bool TryTransmit(ReadOnlySpan<byte> frame);

    /// <summary>
    /// The oldest frame received (Ethernet header first, no FCS, <see cref="MinimumFrameSize"/> to <see cref="MaximumFrameSize"/> bytes),
    /// or empty when there is none. The memory is the ring's own, and is valid until <see cref="Release"/>. Bad descriptors and
    /// lengths are counted and skipped here.
    /// </summary>
    public abstract ReadOnlySpan<byte> Peek();

    /// <summary>Gives the buffer of the frame that <see cref="Peek"/> returned back to the hardware.</summary>
    public abstract void Release();

    /// <summary>The link's present state.</summary>
    public abstract bool IsLinkUp();

    /// <summary>Closes, then gives back all memory.</summary>
    public abstract void Dispose();

    /// <summary>Whether a frame may have this many bytes.</summary>
    protected static bool IsFrameSize(int length) => length is >= MinimumFrameSize and <= MaximumFrameSize;
}
