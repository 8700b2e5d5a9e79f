using static NetBoot.NicDrivers.E1000.E1000Registers;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// What the controllers of one generation do their own way, as data: the driver looks here, and never asks which controller it has.
/// </summary>
/// <remarks>
/// Where data sheets are silent, Intel's own drivers speak: Linux (e1000_hw.c, 82571.c, e1000_82575.c), FreeBSD (e1000_82543.c,
/// e1000_82540.c). Of what those do, resets of the PHY and its set-up for long cables are left out, as iPXE leaves them out: a link that
/// is up stays up.
/// </remarks>
internal sealed class E1000Generation
{
    /// <summary>
    /// The PHY is another maker's chip, reached by pins, one of which keeps it in reset until it is driven high; the MAC learns neither speed
    /// nor duplex from it. FreeBSD, e1000_82543.c.
    /// </summary>
    public static readonly E1000Generation I82543 = new()
    {
        Eeprom = E1000EepromAccess.Wires,
        Phy = E1000PhyAccess.Wires,
        ReloadsOnDemand = true,
        ReloadTime = 2_000,
        ConfigurationTime = 5_000,
        AfterReset = [new(CtrlExt, 0, CtrlExtPhyResetOutput | CtrlExtPhyResetHigh)],
    };

    public static readonly E1000Generation I82544 = new()
    {
        Eeprom = E1000EepromAccess.Wires,
        ReloadsOnDemand = true,
        ReloadTime = 2_000,
    };

    /// <summary>82540EM, 82545EM, 82546EB. The management firmware's answers to ARP are turned off: they would be missing here.</summary>
    public static readonly E1000Generation I82540 = new()
    {
        ReloadTime = 5_000,
        AfterReset = [new(Manc, MancArp, 0)],
    };

    /// <summary>82545GM, 82546GB: reset by the control register's second address. FreeBSD, e1000_82540.c.</summary>
    public static readonly E1000Generation I82545Gm = new()
    {
        ResetRegister = CtrlDuplicate,
        ReloadTime = 5_000,
        AfterReset = [new(Manc, MancArp, 0)],
    };

    /// <summary>Cards with four ports: the bridge between them reports parity errors under relaxed ordering. FreeBSD, e1000_82540.c.</summary>
    public static readonly E1000Generation I82546GbQuad = new()
    {
        ResetRegister = CtrlDuplicate,
        ReloadTime = 5_000,
        AfterReset = [new(Manc, MancArp, 0), new(CtrlExt, 0, CtrlExtNoRelaxedOrdering)],
    };

    /// <summary>82541EI, ER, GI, PI.</summary>
    public static readonly E1000Generation I82541 = new()
    {
        Eeprom = E1000EepromAccess.NarrowRegister,
        ReloadTime = 20_000,
        AfterReset = [new(Manc, MancArp, 0)],
    };

    /// <summary>
    /// Bits that the data sheet calls reserved and Intel's drivers set all the same; the PHY is configured from the EEPROM for 25 ms after a
    /// reset; in the link's power-saving states transmission may stop. Linux, 82571.c and netdev.c.
    /// </summary>
    public static readonly E1000Generation I82574 = new()
    {
        IsExpress = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.OwnedRegister,
        FailsInSavingLink = true,
        ConfigurationTime = 25_000,
        AfterReset =
        [
            new(Ctrl, 1 << 29, 0),
            new(CtrlExt, 1 << 23, 1 << 22),
            new(TransmitArbitration, 0xFu << 27, 1 << 26),
            new(SecondTransmitQueueControl, 0, TxdctlReservedOne),
            new(Gcr, 0, (1 << 22) | GcrL1WithoutL0s),
            new(Gcr2, 0, 1 << 0),
        ],
    };

    public static readonly E1000Generation I82576 = new()
    {
        IsExpress = true,
        HasAdvancedQueues = true,
        LosesLinkInReset = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.GuardedRegister,
    };

    /// <summary>The PHY is off the wire until a driver says otherwise. I210 datasheet, 3.4.1 and 3.7.8.5; Linux, e1000_82575.c.</summary>
    public static readonly E1000Generation I350 = new()
    {
        IsExpress = true,
        HasAdvancedQueues = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.GuardedRegister,
        AfterReset = [new(Phpm, PhpmGoLinkDisconnect, 0)],
    };

    /// <summary>And the sizes of the packet buffers, which an operating system changes, outlive every reset. iPXE, intel.c.</summary>
    public static readonly E1000Generation I210 = new()
    {
        IsExpress = true,
        HasAdvancedQueues = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.GuardedRegister,
        BeforeReset = [new(Rxpbsize, uint.MaxValue, RxpbsizeOfI210), new(Txpbsize, uint.MaxValue, TxpbsizeOfI210)],
        AfterReset = [new(Phpm, PhpmGoLinkDisconnect, 0)],
    };

    /// <summary>
    /// PCI Express: bus mastering is stopped by a handshake before a reset, the end of the EEPROM's reading is told, and there are two queues
    /// and extended descriptors to turn off.
    /// </summary>
    public bool IsExpress { get; init; }

    /// <summary>
    /// As of the 82575: queues have registers elsewhere, are switched on one by one, and know descriptors of another layout, which QEMU's
    /// model takes for granted. There may be no EEPROM.
    /// </summary>
    public bool HasAdvancedQueues { get; init; }

    /// <summary>QEMU's model does, and negotiates for half a second, only when it is told to.</summary>
    public bool LosesLinkInReset { get; init; }

    /// <summary>ASPM is to be off.</summary>
    public bool FailsInSavingLink { get; init; }

    /// <summary>A reset leaves out the EEPROM, whose words are loaded by another. SDM, 13.4.6.</summary>
    public bool ReloadsOnDemand { get; init; }

    public E1000EepromAccess Eeprom { get; init; }

    public E1000PhyAccess Phy { get; init; }

    /// <summary>Where the reset bit is written: CTRL, or where else it is.</summary>
    public uint ResetRegister { get; init; } = Ctrl;

    /// <summary>How long the EEPROM's words are loaded after a reset, in microseconds, where nothing tells.</summary>
    public uint ReloadTime { get; init; }

    /// <summary>How long after that the PHY and the EEPROM are to be left alone, in microseconds.</summary>
    public uint ConfigurationTime { get; init; }

    public E1000Adjustment[]? BeforeReset { get; init; }

    public E1000Adjustment[]? AfterReset { get; init; }

    /// <summary>Where the first receive queue's registers begin. SDM, 13.4.25; 82576 datasheet, 8.10.</summary>
    public uint ReceiveQueue => HasAdvancedQueues ? 0xC000u : 0x2800;

    /// <summary>Where the first transmit queue's registers begin. SDM, 13.4.38; 82576 datasheet, 8.12.</summary>
    public uint TransmitQueue => HasAdvancedQueues ? 0xE000u : 0x3800;
}
