using System.Collections.Generic;
using NicDrivers.E1000;
using NicDrivers.Ne2k;
using NicDrivers.Pci;
using NicDrivers.Pcnet;
using NicDrivers.Rtl8139;
using NicDrivers.VirtioNet;
using NicDrivers.Vmxnet3;

namespace Boot.Tool;

/// <summary>The images that drive PCI NICs, and the drivers in them, which know their cards' identifiers.</summary>
public static class PciNics
{
    /// <summary>By the image's name without <c>.efi</c>.</summary>
    public static IReadOnlyDictionary<string, PciNicDriver> Drivers { get; } = new SortedDictionary<string, PciNicDriver>
    {
        ["e1000"] = new E1000Driver(),
        ["ne2k"] = new Ne2kDriver(),
        ["pcnet"] = new PcnetDriver(),
        ["rtl8139"] = new Rtl8139Driver(),
        ["virtio-net"] = new VirtioNetDriver(),
        ["vmxnet3"] = new Vmxnet3Driver(),
    };
}
