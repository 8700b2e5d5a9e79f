using System;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// A controller of the family. Registers and sections: "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual"
/// (Intel 317453, here SDM), "82574 GbE Controller Family Datasheet" (Intel 317694), "82576 Gigabit Ethernet Controller Datasheet" (Intel
/// 320961) and "Ethernet Controller I210 Datasheet" (Intel 333016). Those with a copper PHY are known; fibre and backplane are not.
/// </summary>
public readonly struct E1000Model
{
    private E1000Model(string chip, E1000Generation generation)
    {
        Chip = chip;
        Generation = generation;
    }

    /// <summary>As Intel calls it.</summary>
    public string Chip { get; }

    /// <summary>What is its own.</summary>
    internal E1000Generation Generation { get; }

    /// <summary>Of all: vendor identifier in the upper half, device identifier in the lower.</summary>
    public static ReadOnlySpan<uint> Identifiers =>
    [
        0x8086_1004, 0x8086_1008, 0x8086_100C, 0x8086_100D, 0x8086_100E, 0x8086_100F, 0x8086_1010, 0x8086_1013, 0x8086_1014,
        0x8086_1018, 0x8086_101D, 0x8086_1026, 0x8086_1076, 0x8086_1077, 0x8086_1078, 0x8086_1079, 0x8086_107C, 0x8086_108A,
        0x8086_1099, 0x8086_10B5, 0x8086_10C9, 0x8086_10D3, 0x8086_10F6, 0x8086_1521, 0x8086_1533, 0x8086_157B,
    ];

    /// <summary>The model of a PCI function. False when it is none of the family's that are known.</summary>
    public static bool TryFind(ushort vendorId, ushort deviceId, out E1000Model model)
    {
        model = Find(((uint)vendorId << 16) | deviceId);
        return model.Chip is not null;
    }

    private static E1000Model Find(uint identifier) => identifier switch
    {
        0x8086_1004 => new("82543GC", E1000Generation.I82543),
        0x8086_1008 => new("82544EI", E1000Generation.I82544),
        0x8086_100C or 0x8086_100D => new("82544GC", E1000Generation.I82544),
        0x8086_100E => new("82540EM", E1000Generation.I82540),
        0x8086_100F => new("82545EM", E1000Generation.I82540),
        0x8086_1010 or 0x8086_101D => new("82546EB", E1000Generation.I82540),
        0x8086_1013 or 0x8086_1018 => new("82541EI", E1000Generation.I82541),
        0x8086_1014 or 0x8086_1078 => new("82541ER", E1000Generation.I82541),
        0x8086_1076 or 0x8086_1077 => new("82541GI", E1000Generation.I82541),
        0x8086_107C => new("82541PI", E1000Generation.I82541),
        0x8086_1026 => new("82545GM", E1000Generation.I82545Gm),
        0x8086_1079 or 0x8086_108A => new("82546GB", E1000Generation.I82545Gm),
        0x8086_1099 or 0x8086_10B5 => new("82546GB", E1000Generation.I82546GbQuad),
        0x8086_10C9 => new("82576", E1000Generation.I82576),
        0x8086_10D3 or 0x8086_10F6 => new("82574L", E1000Generation.I82574),
        0x8086_1521 => new("I350", E1000Generation.I350),
        0x8086_1533 or 0x8086_157B => new("I210", E1000Generation.I210),
        _ => default,
    };
}
