using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// A card is pulled from its slot while it receives (QEMU's device_del). Firmware does nothing about that: the driver finds ones in the
/// card's configuration space, and ones or zeros (QEMU) in its registers, and is to end every call in time.
/// </summary>
public sealed class HotUnplugTests : FirmwareTest
{
    [Theory]
    [MemberData(nameof(CardRows.Pluggable), MemberType = typeof(CardRows))]
    public Task Card_ThatIsPulledWhileItReceives_EndsEveryCallInTime(string nic)
    {
        Card card = CardCatalogue.Find(nic)!;
        return PullAsync([card], card.DriverFile);
    }

    [Fact]
    public Task Card_ThatIsPulledFromAmongEight_LeavesTheOthersAtWork()
    {
        Card[] cards = [.. CardCatalogue.Emulated.SelectMany(each => each.InterfacesOn(Architecture.X64))];
        Assert.Equal(8, cards.Length);
        return PullAsync(cards, "netboot-drivers.efi");
    }

    /// <summary>The first of the cards is pulled.</summary>
    private async Task PullAsync(IReadOnlyList<Card> cards, string driver)
    {
        GuestNic[] nics = [.. cards.Select((card, i) => new GuestNic { Model = card.Device, Network = new HubNetwork(), IsPluggable = i == 0 })];
        VirtualMachine machine = await StartAgentAsync(Architecture.X64, "unplug", nics, [driver], [.. HubNetwork.UserNetworkArguments]);
        await machine.Serial.WaitForAsync($"agent: {cards.Count} NICs receive");
        await machine.PullAsync(0);
        await machine.Serial.WaitForAsync("agent: the card is gone");
        Assert.True(await ReadVerdictAsync(machine, TimeSpan.FromSeconds(120)) > 15);
    }
}
