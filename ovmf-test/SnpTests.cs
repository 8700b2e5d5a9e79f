using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The agent holds every SNP of a machine full of NICs against the specification.</summary>
public sealed class SnpTests : FirmwareTest
{
    [Theory]
    [MemberData(nameof(CardRows.Images), MemberType = typeof(CardRows))]
    public Task Snp_OnEveryCardOfADriver_FollowsTheSpecification(string image)
    {
        Card[] cards = [.. CardCatalogue.Families.Single(each => each.Image == image).CardsOn(Architecture.X64)];
        return CheckAsync(Architecture.X64, cards.Length == 1 ? [cards[0], cards[0]] : cards, cards[0].DriverFile); // one sends to the other
    }

    /// <summary>One card of each driver: a hub gives every frame to all, so that twice the cards are four times the work.</summary>
    [Fact]
    public Task Snp_OnAarch64_FollowsTheSpecification() => CheckAsync(
        Architecture.Aa64, [.. CardCatalogue.Emulated.SelectMany(each => each.InterfacesOn(Architecture.Aa64).Take(1))], "netboot-drivers.efi");

    private async Task CheckAsync(Architecture architecture, IReadOnlyList<Card> cards, string driver)
    {
        VirtualMachine machine = await StartAgentAsync(architecture, "snp", OnHub(cards), [driver], [.. HubNetwork.UserNetworkArguments]);
        await machine.Serial.WaitForAsync($"agent: {cards.Count} SNPs");
        Assert.True(await ReadVerdictAsync(machine, TimeSpan.FromSeconds(180)) > cards.Count * 50);
        Assert.Equal(cards.Count(each => each.Family.TellsLink), machine.Serial.Text.Split("tells its link").Length - 1);
    }
}
