using System;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Xunit;

namespace OvmfTest.Labs;

/// <summary>Intel's 82576, which QEMU has as of 8.0: in Debian 13's QEMU and OVMF.</summary>
[Collection("NestedLab")]
[Trait("Kind", "Lab")]
public sealed class IgbTests(NestedLabFixture fixture) : NativeClients
{
    private Architecture Machine => fixture.Lab.Root.Emulated;

    [Fact]
    public async Task Snp_FollowsTheSpecification()
    {
        // One only: QEMU gives the virtual functions of two on one bus the same addresses.
        VirtualMachine machine = await StartAgentAsync(Machine, "snp", Cards.OnHub(["igb", "e1000e"]), ["e1000.efi"], HubNetwork.UserNetworkArguments());
        await machine.Serial.WaitForAsync("agent: 2 SNPs");
        Assert.True(await ReadVerdictAsync(machine, TimeSpan.FromSeconds(180)) > 100);
    }

    [Fact]
    public async Task Driver_AfterLoadsConnectsReconnectsAndUnloads_LeavesAllMemory()
    {
        // Each start waits half a second for the link of QEMU's model: fewer rounds than the other NICs have.
        VirtualMachine machine = await StartAgentAsync(Machine, "cycle e1000.efi 20", [new GuestNic { Model = "igb" }], []);
        await ReadVerdictAsync(machine, TimeSpan.FromMinutes(4));
        Assert.Contains("agent: bound 1 controllers", machine.Serial.Text);
    }

    [Fact]
    public Task Ipxe_BootsByPxe() => BootIpxeByPxeAsync(Machine, "igb", "e1000.efi");

    [Fact]
    public Task App_Has64MiBInItsMemory_AsTheServerHasThem() => FetchIntactAsync(Machine, "igb");
}
