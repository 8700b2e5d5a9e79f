using static NetBoot.NicDrivers.E1000.E1000Registers;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// What the controllers of one generation do their own way, as data: the driver looks here, and never asks which controller it has.
/// </summary>
/// <remarks>
/// Of what Intel's drivers do, resets of the PHY and its set-up for long cables are left out, as iPXE leaves them out: a link that is up
/// stays up. No field is a reference, so that the compiler makes the objects, and no code runs for them.
/// </remarks>
internal sealed class E1000Generation
{
    /// <summary>The PHY is another maker's chip, on pins of the MAC, which learns neither speed nor duplex from it.</summary>
    public static readonly E1000Generation I82543 = new()
    {
        Eeprom = E1000EepromAccess.Wires,
        Phy = E1000PhyAccess.Wires,
        ReloadsOnDemand = true,
        ReloadTime = 2_000,
        ConfigurationTime = 5_000,
        Adjustments = E1000Adjustment.PhyOutOfReset,
    };

    public static readonly E1000Generation I82544 = new()
    {
        Eeprom = E1000EepromAccess.Wires,
        ReloadsOnDemand = true,
        ReloadTime = 2_000,
    };

    /// <summary>82540EM, 82545EM, 82546EB.</summary>
    public static readonly E1000Generation I82540 = new()
    {
        ReloadTime = 5_000,
        Adjustments = E1000Adjustment.NoArpByFirmware,
    };

    /// <summary>82545GM, 82546GB: reset by the control register's second address. FreeBSD, e1000_82540.c.</summary>
    public static readonly E1000Generation I82545Gm = new()
    {
        ResetRegister = CtrlDuplicate,
        ReloadTime = 5_000,
        Adjustments = E1000Adjustment.NoArpByFirmware,
    };

    /// <summary>Cards with four ports.</summary>
    public static readonly E1000Generation I82546GbQuad = new()
    {
        ResetRegister = CtrlDuplicate,
        ReloadTime = 5_000,
        Adjustments = E1000Adjustment.NoArpByFirmware | E1000Adjustment.NoRelaxedOrdering,
    };

    /// <summary>82541EI, ER, GI, PI.</summary>
    public static readonly E1000Generation I82541 = new()
    {
        Eeprom = E1000EepromAccess.NarrowRegister,
        ReloadTime = 20_000,
        Adjustments = E1000Adjustment.NoArpByFirmware,
    };

    /// <summary>
    /// The PHY is configured from the EEPROM for 25 ms after a reset; in the link's power-saving states transmission may stop. Linux,
    /// 82571.c and netdev.c.
    /// </summary>
    public static readonly E1000Generation I82574 = new()
    {
        IsExpress = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.OwnedRegister,
        FailsInSavingLink = true,
        ConfigurationTime = 25_000,
        Adjustments = E1000Adjustment.Reserved82574,
    };

    public static readonly E1000Generation I82576 = new()
    {
        IsExpress = true,
        HasAdvancedQueues = true,
        LosesLinkInReset = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.GuardedRegister,
    };

    public static readonly E1000Generation I350 = new()
    {
        IsExpress = true,
        HasAdvancedQueues = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.GuardedRegister,
        Adjustments = E1000Adjustment.PhyOnTheWire,
    };

    public static readonly E1000Generation I210 = new()
    {
        IsExpress = true,
        HasAdvancedQueues = true,
        Eeprom = E1000EepromAccess.NarrowRegister,
        Phy = E1000PhyAccess.GuardedRegister,
        Adjustments = E1000Adjustment.PhyOnTheWire | E1000Adjustment.PacketBuffers,
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

    public E1000Adjustment Adjustments { get; init; }

    /// <summary>Where the first receive queue's registers begin. SDM, 13.4.25; 82576 datasheet, 8.10.</summary>
    public uint ReceiveQueue => HasAdvancedQueues ? 0xC000u : 0x2800;

    /// <summary>Where the first transmit queue's registers begin. SDM, 13.4.38; 82576 datasheet, 8.12.</summary>
    public uint TransmitQueue => HasAdvancedQueues ? 0xE000u : 0x3800;
}
