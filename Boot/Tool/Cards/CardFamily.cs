using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.NicDrivers.Pci;

namespace NetBoot.Boot.Tool.Cards;

/// <summary>What one image drives: a line of <see cref="CardCatalogue"/>.</summary>
public sealed class CardFamily
{
    /// <param name="image">The image of its driver, without <c>.efi</c>: <c>virtio-net</c>.</param>
    /// <param name="driver">The driver, which knows the PCI identifiers; null where the bus is another.</param>
    /// <param name="cards">What QEMU has of it; the first is what its name alone stands for. None where QEMU has no model or no bus for it.</param>
    public CardFamily(string image, PciNicDriver? driver, params IReadOnlyList<Card> cards)
    {
        Image = image;
        Driver = driver;
        Cards = cards;
        foreach (Card card in cards)
        {
            card.Family = this;
        }
    }

    public string Image { get; }

    public PciNicDriver? Driver { get; }

    public IReadOnlyList<Card> Cards { get; }

    /// <summary>What the driver calls the first card.</summary>
    public string Product { get; init; } = "";

    /// <summary>Whether OVMF and AAVMF bring a driver of their own.</summary>
    public bool IsDrivenByFirmware { get; init; }

    /// <summary>Whether the cards can tell that there is no link.</summary>
    public bool TellsLink { get; init; } = true;

    /// <summary>What shows that a card is at rest once an operating system runs.</summary>
    public RestEvidence? Rest { get; init; }

    /// <summary>Less than this is the size of the image, in KiB, for either processor.</summary>
    public int SizeLimit { get; init; } = 72;

    /// <summary>How much the bench downloads over it, in MiB: some seconds' worth.</summary>
    public int BenchSize { get; init; } = 64;

    /// <summary>The cards with registers of their own that a machine of this kind takes.</summary>
    public IEnumerable<Card> InterfacesOn(Architecture architecture) => CardsOn(architecture).Where(each => !each.IsVariant);

    /// <summary>The cards that a machine of this kind takes.</summary>
    public IEnumerable<Card> CardsOn(Architecture architecture) =>
        Cards.Where(each => !each.NeedsNewerQemu && each.Architectures.Any(kind => kind.Name == architecture.Name));

    public override string ToString() => Image;
}
