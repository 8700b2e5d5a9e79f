using System.Collections.Generic;
using System.Linq;
using Boot.Tool.Qemu;

namespace OvmfTest;

/// <summary>The NICs that we have drivers for, as QEMU names them.</summary>
internal static class Cards
{
    /// <summary>Every variant of the e1000 family that e1000.efi drives.</summary>
    public static readonly string[] E1000 = ["e1000", "e1000-82545em", "e1000-82544gc", "e1000e"];

    /// <summary>The NE2000 on PCI; it cannot tell whether there is a link.</summary>
    public static readonly string[] Ne2k = ["ne2k_pci", "ne2k_pci"];

    /// <summary>Virtio over PCI: modern and legacy (transitional), modern alone, legacy alone.</summary>
    public static readonly string[] Virtio =
    [
        "virtio-net-pci,disable-legacy=off,disable-modern=off", "virtio-net-pci,disable-legacy=on", "virtio-net-pci,disable-modern=on",
    ];

    /// <summary>NICs on a hub with each other and slirp.</summary>
    public static IReadOnlyList<GuestNic> OnHub(IEnumerable<string> models) => [.. models.Select(model => new GuestNic { Model = model, Network = new HubNetwork() })];
}
