namespace NetBoot.Boot.Tool.Cards;

/// <summary>What a card is for, where any card of the kind would do.</summary>
public enum CardRole
{
    /// <summary>Firmware has no driver for it: only ours makes it work.</summary>
    Undriven,

    /// <summary>The same of another family.</summary>
    OtherUndriven,

    /// <summary>Firmware has a driver for it.</summary>
    Driven,

    /// <summary>Not on PCI, but on virtio-mmio, which only firmware's transport reaches.</summary>
    OnMmio,
}
