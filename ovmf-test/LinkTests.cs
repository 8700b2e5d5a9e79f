using System;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Links that are down when the machine is switched on, and come up later.</summary>
public sealed class LinkTests : FirmwareTest
{
    [Theory]
    [MemberData(nameof(CardRows.Images), MemberType = typeof(CardRows))]
    public async Task Link_ThatIsDownFromTheStart_ComesUp(string image)
    {
        Card[] cards = [.. CardCatalogue.Families.Single(each => each.Image == image).InterfacesOn(Architecture.X64)];
        GuestNic[] nics = [.. OnHub(cards).Select(each => new GuestNic { Model = each.Model, Network = each.Network, StartsWithoutLink = true })];
        VirtualMachine machine = await StartAgentAsync(
            Architecture.X64, "link", nics, [cards[0].DriverFile], [.. HubNetwork.UserNetworkArguments]);
        await machine.Serial.WaitForAsync($"agent: {cards.Length} NICs without a link");
        for (int i = 0; i < cards.Length; i++)
        {
            await machine.SetLinkAsync(i, isUp: true);
        }

        Assert.True(await ReadVerdictAsync(machine, TimeSpan.FromSeconds(60)) > cards.Length * 5);
    }
}
