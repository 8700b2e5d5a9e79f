namespace NetBoot.NicDrivers.E1000;

/// <summary>How the PHY's registers are reached, and who else does.</summary>
internal enum E1000PhyAccess
{
    /// <summary>By the MDI control register (MDIC). SDM, 13.4.8.</summary>
    Register,

    /// <summary>By MDIC, once the management firmware has let go of it (EXTCNF_CTRL). Linux, 82571.c.</summary>
    OwnedRegister,

    /// <summary>By MDIC, under semaphores that are shared with the management firmware (SWSM, SW_FW_SYNC). I210 datasheet, 4.6.11 and 8.7.</summary>
    GuardedRegister,

    /// <summary>By the two wires of the management interface (IEEE 802.3, 22.2.4), which are pins of CTRL. FreeBSD, e1000_82543.c.</summary>
    Wires,
}
