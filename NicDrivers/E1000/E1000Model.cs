namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// A controller of the family, and what it does its own way. Registers and sections: "PCI/PCI-X Family of Gigabit Ethernet
/// Controllers Software Developer's Manual" (Intel 317453, here SDM), "82574 GbE Controller Family Datasheet" (Intel 317694) and "82576
/// Gigabit Ethernet Controller Datasheet" (Intel 320961).
/// </summary>
public readonly struct E1000Model(string name, E1000EepromLayout eeprom, bool isExpress, bool hasAdvancedQueues = false)
{
    // PCI identifiers: the vendor's in the upper half.
    public const uint I82544EI = 0x8086_1008;
    public const uint I82544GC = 0x8086_100C;
    public const uint I82540EM = 0x8086_100E;
    public const uint I82545EM = 0x8086_100F;
    public const uint I82576 = 0x8086_10C9;
    public const uint I82574L = 0x8086_10D3;

    /// <summary>As users know it.</summary>
    public readonly string Name = name;

    /// <summary>How the EEPROM read register is laid out, when there is one.</summary>
    public readonly E1000EepromLayout Eeprom = eeprom;

    /// <summary>
    /// PCI Express: bus mastering is stopped by a handshake before a reset, and there are two queues and extended descriptors to turn
    /// off.
    /// </summary>
    public readonly bool IsExpress = isExpress;

    /// <summary>
    /// As of the 82575: queues have registers elsewhere, are switched on one by one, and know descriptors of another layout, which QEMU's
    /// model takes for granted.
    /// </summary>
    public readonly bool HasAdvancedQueues = hasAdvancedQueues;

    /// <summary>Where the first receive queue's registers begin. SDM, 13.4.25; 82576 datasheet, 8.10.</summary>
    internal uint ReceiveQueue => HasAdvancedQueues ? 0xC000u : 0x2800;

    /// <summary>Where the first transmit queue's registers begin. SDM, 13.4.38; 82576 datasheet, 8.12.</summary>
    internal uint TransmitQueue => HasAdvancedQueues ? 0xE000u : 0x3800;

    /// <summary>The model of a PCI function. False when it is none of the family's that are known.</summary>
    public static bool TryFind(ushort vendorId, ushort deviceId, out E1000Model model)
    {
        model = Find(((uint)vendorId << 16) | deviceId);
        return model.Name is not null;
    }

    private static E1000Model Find(uint identifier) => identifier switch
    {
        I82544EI => new("Intel 82544EI Gigabit Ethernet", E1000EepromLayout.None, false),
        I82544GC => new("Intel 82544GC Gigabit Ethernet", E1000EepromLayout.None, false),
        I82540EM => new("Intel 82540EM Gigabit Ethernet", E1000EepromLayout.Wide, false),
        I82545EM => new("Intel 82545EM Gigabit Ethernet", E1000EepromLayout.Wide, false),
        I82576 => new("Intel 82576 Gigabit Ethernet", E1000EepromLayout.Narrow, true, hasAdvancedQueues: true),
        I82574L => new("Intel 82574L Gigabit Ethernet", E1000EepromLayout.Narrow, true),
        _ => default,
    };
}
