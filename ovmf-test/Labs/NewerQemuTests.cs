using System;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest.Labs;

/// <summary>Cards that QEMU has as of 8.0 or later: in Debian 13's QEMU and OVMF.</summary>
[Collection("NestedLab")]
[Trait("Kind", "Lab")]
public sealed class NewerQemuTests(NestedLabFixture fixture) : NetworkBootTest
{
    private Architecture Machine => fixture.Lab.Root.Emulated;

    [Theory]
    [MemberData(nameof(CardRows.OfNewerQemu), MemberType = typeof(CardRows))]
    public async Task Snp_FollowsTheSpecification(string nic)
    {
        // One only, beside an older one: QEMU gives the virtual functions of two igb on one bus the same addresses.
        Card card = CardCatalogue.Find(nic)!;
        Card older = card.Family.InterfacesOn(Architecture.X64).Last();
        VirtualMachine machine = await StartAgentAsync(Machine, "snp", OnHub([card, older]), [card.DriverFile], [.. HubNetwork.UserNetworkArguments]);
        await machine.Serial.WaitForAsync("agent: 2 SNPs");
        Assert.True(await ReadVerdictAsync(machine, TimeSpan.FromSeconds(180)) > 100);
    }

    [Theory]
    [MemberData(nameof(CardRows.OfNewerQemu), MemberType = typeof(CardRows))]
    public Task Driver_AfterLoadsConnectsReconnectsAndUnloads_LeavesAllMemory(string nic) => CycleAsync(Machine, CardCatalogue.Find(nic)!);

    [Theory]
    [MemberData(nameof(CardRows.OfNewerQemu), MemberType = typeof(CardRows))]
    public Task Ipxe_BootsByPxe(string nic) => BootIpxeByPxeAsync(Machine, CardCatalogue.Find(nic)!);

    [Theory]
    [MemberData(nameof(CardRows.OfNewerQemu), MemberType = typeof(CardRows))]
    public Task App_Has64MiBInItsMemory_AsTheServerHasThem(string nic) => FetchIntactAsync(Machine, nic);
}
