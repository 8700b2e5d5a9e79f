using System;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// A controller of the family. Registers and sections: "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual"
/// (Intel 317453, here SDM), "82574 GbE Controller Family Datasheet" (Intel 317694), "82576 Gigabit Ethernet Controller Datasheet" (Intel
/// 320961) and "Ethernet Controller I210 Datasheet" (Intel 333016). Those with a copper PHY are known; fibre and backplane are not.
/// </summary>
public sealed class E1000Model
{
    private const ushort Intel = 0x8086;

    private static readonly E1000Model[] s_all =
    [
        new(0x1004, "82543GC", E1000Generation.I82543),
        new(0x1008, "82544EI", E1000Generation.I82544),
        new(0x100C, "82544GC", E1000Generation.I82544),
        new(0x100D, "82544GC", E1000Generation.I82544),
        new(0x100E, "82540EM", E1000Generation.I82540),
        new(0x100F, "82545EM", E1000Generation.I82540),
        new(0x1010, "82546EB", E1000Generation.I82540),
        new(0x101D, "82546EB", E1000Generation.I82540),
        new(0x1013, "82541EI", E1000Generation.I82541),
        new(0x1014, "82541ER", E1000Generation.I82541),
        new(0x1018, "82541EI", E1000Generation.I82541),
        new(0x1076, "82541GI", E1000Generation.I82541),
        new(0x1077, "82541GI", E1000Generation.I82541),
        new(0x1078, "82541ER", E1000Generation.I82541),
        new(0x107C, "82541PI", E1000Generation.I82541),
        new(0x1026, "82545GM", E1000Generation.I82545Gm),
        new(0x1079, "82546GB", E1000Generation.I82545Gm),
        new(0x108A, "82546GB", E1000Generation.I82545Gm),
        new(0x1099, "82546GB", E1000Generation.I82546GbQuad),
        new(0x10B5, "82546GB", E1000Generation.I82546GbQuad),
        new(0x10C9, "82576", E1000Generation.I82576),
        new(0x10D3, "82574L", E1000Generation.I82574),
        new(0x10F6, "82574L", E1000Generation.I82574),
        new(0x1521, "I350", E1000Generation.I350),
        new(0x1533, "I210", E1000Generation.I210),
        new(0x157B, "I210", E1000Generation.I210),
    ];

    private static readonly uint[] s_identifiers = IdentifiersOf(s_all);

    private readonly ushort _deviceId;

    private E1000Model(ushort deviceId, string chip, E1000Generation generation)
    {
        _deviceId = deviceId;
        Chip = chip;
        Generation = generation;
    }

    /// <summary>As Intel calls it.</summary>
    public string Chip { get; }

    /// <summary>What is its own.</summary>
    internal E1000Generation Generation { get; }

    /// <summary>Of all: vendor identifier in the upper half, device identifier in the lower.</summary>
    public static ReadOnlySpan<uint> Identifiers => s_identifiers;

    /// <summary>The model of a PCI function. Null when it is none of the family's that are known.</summary>
    public static E1000Model? Find(ushort vendorId, ushort deviceId)
    {
        foreach (E1000Model model in s_all)
        {
            if (vendorId == Intel && deviceId == model._deviceId)
            {
                return model;
            }
        }

        return null;
    }

    private static uint[] IdentifiersOf(E1000Model[] models)
    {
        uint[] identifiers = new uint[models.Length];
        for (int i = 0; i < models.Length; i++)
        {
            identifiers[i] = ((uint)Intel << 16) | models[i]._deviceId;
        }

        return identifiers;
    }
}
