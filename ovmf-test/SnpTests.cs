using System;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Xunit;

namespace OvmfTest;

/// <summary>The agent holds every SNP of a machine full of NICs against the specification.</summary>
public sealed class SnpTests : FirmwareTest
{
    [Fact]
    public Task Snp_OnEveryE1000_FollowsTheSpecification() => CheckAsync(Architecture.X64, Cards.E1000, "e1000.efi");

    [Fact]
    public Task Snp_OnNe2k_FollowsTheSpecification() => CheckAsync(Architecture.X64, Cards.Ne2k, "ne2k.efi", silent: 2);

    [Fact]
    public Task Snp_OnEveryVirtioNet_FollowsTheSpecification() => CheckAsync(Architecture.X64, Cards.Virtio, "virtio-net.efi");

    [Fact]
    public Task Snp_OnPcnet_FollowsTheSpecification() => CheckAsync(Architecture.X64, ["pcnet", "pcnet"], "pcnet.efi");

    [Fact]
    public Task Snp_OnRtl8139_FollowsTheSpecification() => CheckAsync(Architecture.X64, ["rtl8139"], "rtl8139.efi");

    [Fact]
    public Task Snp_OnVmxnet3_FollowsTheSpecification() => CheckAsync(Architecture.X64, ["vmxnet3", "vmxnet3"], "vmxnet3.efi");

    [Fact]
    public Task Snp_OnAarch64_FollowsTheSpecification() => CheckAsync(Architecture.Aa64, ["e1000", "e1000e", "ne2k_pci", "pcnet", Cards.Virtio[1], "rtl8139", "vmxnet3", "virtio-net-device"], "netboot-drivers.efi", silent: 1);

    /// <param name="silent">How many of the cards cannot tell whether they have a link.</param>
    private async Task CheckAsync(Architecture architecture, string[] cards, string driver, int silent = 0)
    {
        VirtualMachine machine = await StartAgentAsync(architecture, "snp", Cards.OnHub(cards), [driver], HubNetwork.UserNetworkArguments());
        await machine.Serial.WaitForAsync($"agent: {cards.Length} SNPs");
        Assert.True(await ReadVerdictAsync(machine, TimeSpan.FromSeconds(180)) > cards.Length * 50);
        Assert.Equal(cards.Length - silent, machine.Serial.Text.Split("tells its link").Length - 1);
    }
}
