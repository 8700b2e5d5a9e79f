using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Ne2k;
using NetBoot.NicDrivers.Pcnet;
using NetBoot.NicDrivers.Rtl8139;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.NicDrivers.Vmxnet3;

namespace NetBoot.Boot.Tool.Cards;

/// <summary>
/// Every NIC that we drive, one line each: what its image is, what QEMU calls it, and what is peculiar to it. The tool's options, the bench
/// and all tests in firmware take their rows from here; those that need just any card name a <see cref="CardRole"/>.
/// </summary>
public static class CardCatalogue
{
    public static IReadOnlyList<CardFamily> Families { get; } =
    [
        new("e1000", new E1000Driver(),
            new("e1000"), new("e1000-82545em") { IsVariant = true }, new("e1000-82544gc") { IsVariant = true }, new("e1000e"),
            new("igb") { NeedsNewerQemu = true, CycleCount = 20 }) // each start waits half a second for the link of QEMU's model
        {
            Product = "Intel 82540EM Gigabit Ethernet",
            Rest = new RegistersAtRest(0, new(0x100, 2, 0), new(0x400, 2, 0), new(0xD0, ~0u, 0)), // RCTL and TCTL off, IMS: Intel 317453, 13.4
        },
        new("rtl8139", new Rtl8139Driver(), new Card("rtl8139"))
        {
            Product = "Realtek RTL8139 Fast Ethernet",
            BenchSize = 16,
            Rest = new RegistersAtRest(1, new(0x34, 0x0C00_0000, 0), new(0x3C, 0xFFFF, 0)), // CR's transmitter and receiver, IMR: RTL8139C(L)+, 5
        },
        new("ne2k", new Ne2kDriver(), new Card("ne2k_pci"))
        {
            Product = "Realtek RTL8029AS Ethernet",
            TellsLink = false,
            BenchSize = 16,
            Rest = new RegistersAtRest(0, new RegisterAtRest(0, 0xFF, 0x21, 1)), // page 0, no remote DMA, stopped: DP8390D, 10
        },
        new("pcnet", new PcnetDriver(), new Card("pcnet"))
        {
            Product = "AMD Am79C970A PCnet-PCI II",
            BenchSize = 16,
            Rest = new RegistersAtRest(1, new RegisterAtRest(0x10, 0xFFFF, 4, 2)), // in word mode, as after a reset, CSR0 with nothing but STOP: AMD 19436
        },
        new("virtio-net", new VirtioNetDriver(), // transitional, which may be driven as either of the next two; on the firmware's transport
            new("virtio-net-pci") { IsVariant = true }, new("virtio-net-pci,disable-legacy=on"),
            new("virtio-net-pci,disable-modern=on") { Architectures = [Architecture.X64], IsConventional = true },
            new("virtio-net-device") { Architectures = [Architecture.Aa64], IsPci = false })
        {
            Product = "Virtio network adapter",
            IsDrivenByFirmware = true,
            SizeLimit = 80,
            Rest = new VirtioStatusIsClear("virtio-net"), // virtio 1.2, 2.1
        },
        new("vmxnet3", new Vmxnet3Driver(), new Card("vmxnet3"))
        {
            Product = "VMware vmxnet3",
            Rest = new LastCommands("vmxnet3-b1", 0xCAFE_0000, 0xCAFE_0001, 0xCAFE_0002), // activated; quiesced and reset: Linux, vmxnet3_defs.h
        },
        new("netvsc", driver: null) { SizeLimit = 96 },
        new("netfront", driver: null) { SizeLimit = 80 },
    ];

    /// <summary>The families of which QEMU has cards.</summary>
    public static IEnumerable<CardFamily> Emulated => Families.Where(each => each.Cards.Count != 0);

    public static IEnumerable<Card> Cards => Families.SelectMany(each => each.Cards);

    /// <summary>What <see cref="Find"/> knows of PCI cards: the names of images, and QEMU's without properties.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Emulated.Select(each => each.Image).Concat(Cards.Where(each => each.IsPlain && each.IsPci).Select(each => each.Device)).Distinct()];

    /// <summary>A card of a role.</summary>
    public static Card Get(CardRole role) => role switch
    {
        CardRole.Undriven => Emulated.First(each => !each.IsDrivenByFirmware).Cards[0],
        CardRole.OtherUndriven => Emulated.Where(each => !each.IsDrivenByFirmware).ElementAt(1).Cards[0],
        CardRole.Driven => Emulated.First(each => each.IsDrivenByFirmware).Cards[0],
        CardRole.OnMmio => Cards.First(each => !each.IsPci),
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    /// <summary>A card by QEMU's device name with its properties, or by the name of its image.</summary>
    /// <returns>Null for what is not in the catalogue.</returns>
    public static Card? Find(string name) =>
        Cards.FirstOrDefault(each => each.Device == name) ?? Emulated.FirstOrDefault(each => each.Image == name)?.Cards[0];
}
