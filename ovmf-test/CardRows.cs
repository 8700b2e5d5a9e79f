using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Rows for theories, from the catalogue: QEMU's device names, and images without <c>.efi</c>.</summary>
public static class CardRows
{
    /// <summary>Every image that drives cards of QEMU's.</summary>
    public static TheoryData<string> Images => [.. CardCatalogue.Emulated.Select(each => each.Image)];

    /// <summary>The first card of each image.</summary>
    public static TheoryData<string> First => Of(CardCatalogue.Emulated.Select(each => each.Cards[0]));

    /// <summary>Every card with registers of its own.</summary>
    public static TheoryData<string> Interfaces => Of(CardCatalogue.Emulated.SelectMany(each => each.InterfacesOn(Architecture.X64)));

    /// <summary>Those of them that can be pulled from a slot of PCI Express.</summary>
    public static TheoryData<string> Pluggable =>
        Of(CardCatalogue.Emulated.SelectMany(each => each.InterfacesOn(Architecture.X64)).Where(each => !each.IsConventional));

    /// <summary>The first of those of each image.</summary>
    public static TheoryData<string> FirstInterfaces => Of(CardCatalogue.Emulated.Select(each => each.InterfacesOn(Architecture.X64).First()));

    /// <summary>Cards as they come: the first of each image, and what QEMU has as a device of its own beside it.</summary>
    public static TheoryData<string> Plain => Of(CardCatalogue.Emulated.SelectMany(PlainOf));

    /// <summary>Cards that only newer QEMUs have.</summary>
    public static TheoryData<string> OfNewerQemu => Of(CardCatalogue.Cards.Where(each => each.NeedsNewerQemu));

    /// <summary>The cards of a family as they come.</summary>
    public static IEnumerable<Card> PlainOf(CardFamily family) =>
        family.CardsOn(Architecture.X64).Where(each => each == family.Cards[0] || (each.IsPlain && !each.IsVariant));

    private static TheoryData<string> Of(IEnumerable<Card> cards) => [.. cards.Select(each => each.Device)];
}
