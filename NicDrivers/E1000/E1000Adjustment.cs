using System;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// What generations need to have otherwise than a reset leaves it. Where data sheets are silent, Intel's own drivers speak.
/// </summary>
[Flags]
internal enum E1000Adjustment : byte
{
    None = 0,

    /// <summary>The management firmware does not answer to ARP: those requests would be missing here. Linux, e1000_hw.c.</summary>
    NoArpByFirmware = 1 << 0,

    /// <summary>A pin keeps the 82543's PHY in reset until it is driven high. FreeBSD, e1000_82543.c.</summary>
    PhyOutOfReset = 1 << 1,

    /// <summary>Under a bridge on the card, relaxed ordering ends in parity errors. FreeBSD, e1000_82540.c.</summary>
    NoRelaxedOrdering = 1 << 2,

    /// <summary>Bits that the 82574's data sheet calls reserved, for its errata. Linux, 82571.c.</summary>
    Reserved82574 = 1 << 3,

    /// <summary>The PHY may be off the wire until a driver says otherwise. I210 datasheet, 3.4.1 and 3.7.8.5; Linux, e1000_82575.c.</summary>
    PhyOnTheWire = 1 << 4,

    /// <summary>
    /// The sizes of the I210's packet buffers, which an operating system changes, outlive every reset, and are to be set back before it. iPXE,
    /// intel.c.
    /// </summary>
    PacketBuffers = 1 << 5,
}
