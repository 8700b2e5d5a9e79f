using NetBoot.Boot.Tool.Cards;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>One network card of a machine, and what it is plugged into.</summary>
public sealed class GuestNic
{
    /// <summary>QEMU's device name, with properties if need be: <c>virtio-net-pci,disable-modern=on</c>.</summary>
    public string Model { get; init; } = CardCatalogue.Get(CardRole.Undriven).Device;

    /// <summary>Whether it has a PCI slot, and room for an option ROM.</summary>
    internal bool IsPci => CardCatalogue.Find(Model) is not { IsPci: false };

    public MacText? Mac { get; init; }

    /// <summary>The other end; null leaves the cable out (the link is down).</summary>
    public NetworkBackend? Network { get; init; } = new UserNetwork();

    /// <summary>Whether the link is down when the machine is switched on: <see cref="VirtualMachine.SetLinkAsync"/>.</summary>
    public bool StartsWithoutLink { get; init; }

    /// <summary>Whether it is in a slot of its own (a PCI Express root port), from which it can be pulled: <see cref="VirtualMachine.PullAsync"/>.</summary>
    public bool IsPluggable { get; init; }

    /// <summary>The card's place in the firmware's boot order; null leaves that to the firmware.</summary>
    public int? BootIndex { get; init; }

    /// <summary>Whether QEMU's own option ROM (an iPXE with its driver) is on the card. Ours is what is on trial, hence: no.</summary>
    public bool OptionRom { get; init; }

    /// <summary>An option ROM for the card.</summary>
    public string? RomFile { get; init; }

    /// <summary>Whether every frame is written to a capture file.</summary>
    public bool Capture { get; init; }
}
