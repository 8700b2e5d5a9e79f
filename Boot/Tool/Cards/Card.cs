using System;
using System.Collections.Generic;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Cards;

/// <summary>A network card that QEMU emulates and one of our images drives.</summary>
/// <param name="device">QEMU's device name, with properties if need be: <c>virtio-net-pci,disable-modern=on</c>.</param>
public sealed class Card(string device)
{
    public string Device { get; } = device;

    /// <summary>Whom it belongs to; the family sets it.</summary>
    public CardFamily Family { get; internal set; } = null!;

    /// <summary>Its driver, as in artifacts: <c>e1000.efi</c>.</summary>
    public string DriverFile => Family.Image + ".efi";

    /// <summary>
    /// Whether its registers are those of other cards of the family. Then it is held against the specification of SNP, and left out where
    /// every set of registers is tried.
    /// </summary>
    public bool IsVariant { get; init; }

    /// <summary>Whether its device name needs no properties.</summary>
    public bool IsPlain => !Device.Contains(',', StringComparison.Ordinal);

    /// <summary>Whether it works only in a slot of conventional PCI, from which nothing is pulled.</summary>
    public bool IsConventional { get; init; }

    /// <summary>Or on a transport of virtio-mmio, which the board virt has.</summary>
    public bool IsPci { get; init; } = true;

    /// <summary>The machines that it is tried in.</summary>
    public IReadOnlyList<Architecture> Architectures { get; init; } = Architecture.All;

    /// <summary>Whether the oldest QEMU that we run (Debian 12's, 7.2) lacks it: it is tried in the nested labs, which have Debian 13's.</summary>
    public bool NeedsNewerQemu { get; init; }

    /// <summary>
    /// How often its driver comes and goes where a leak is looked for. edk2's pool gives out 128 bytes at the least (MdeModulePkg, Core/Dxe/Mem/Pool.c),
    /// so one block lost a round is more than a page after 50.
    /// </summary>
    public int CycleCount { get; init; } = 50;

    public override string ToString() => Device;
}
