namespace NicDrivers.E1000;

/// <summary>
/// A controller of the family, and what it does its own way. Registers and sections: "PCI/PCI-X Family of Gigabit Ethernet
/// Controllers Software Developer's Manual" (Intel 317453, here SDM), "82574 GbE Controller Family Datasheet" (Intel 317694) and "82576
/// Gigabit Ethernet Controller Datasheet" (Intel 320961).
/// </summary>
public readonly struct E1000Model(ushort deviceId, string name, E1000EepromLayout eeprom, bool isExpress, bool hasAdvancedQueues = false)
{
    /// <summary>The vendor of all of them.</summary>
    public const ushort IntelVendorId = 0x8086;

    /// <summary>The vendor's number for it.</summary>
    public readonly ushort DeviceId = deviceId;

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

    /// <summary>Where the first receive queue's registers begin. SDM 13.4.25; 82576 datasheet 8.10.</summary>
    internal uint ReceiveQueue => HasAdvancedQueues ? 0xC000u : 0x2800;

    /// <summary>Where the first transmit queue's registers begin. SDM 13.4.38; 82576 datasheet 8.12.</summary>
    internal uint TransmitQueue => HasAdvancedQueues ? 0xE000u : 0x3800;

    /// <summary>The model of a PCI function. False when it is none of the family's that are known.</summary>
    public static bool TryFind(ushort vendorId, ushort deviceId, out E1000Model model)
    {
        model = vendorId == IntelVendorId ? Find(deviceId) : default;
        return model.Name is not null;
    }

    private static E1000Model Find(ushort deviceId) => deviceId switch
    {
        0x1008 => new(deviceId, "Intel 82544EI Gigabit Ethernet", E1000EepromLayout.None, false),
        0x100C => new(deviceId, "Intel 82544GC Gigabit Ethernet", E1000EepromLayout.None, false),
        0x100E => new(deviceId, "Intel 82540EM Gigabit Ethernet", E1000EepromLayout.Wide, false),
        0x100F => new(deviceId, "Intel 82545EM Gigabit Ethernet", E1000EepromLayout.Wide, false),
        0x10C9 => new(deviceId, "Intel 82576 Gigabit Ethernet", E1000EepromLayout.Narrow, true, hasAdvancedQueues: true),
        0x10D3 => new(deviceId, "Intel 82574L Gigabit Ethernet", E1000EepromLayout.Narrow, true),
        _ => default,
    };
}
