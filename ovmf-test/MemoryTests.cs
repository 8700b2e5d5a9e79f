using System;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>What drivers and the application do when there is no memory: each allocation in turn fails.</summary>
public sealed class MemoryTests : FirmwareTest
{
    [Theory]
    [MemberData(nameof(CardRows.FirstInterfaces), MemberType = typeof(CardRows))]
    public Task Driver_WithoutMemoryForAnyOneThing_SaysSoAndLeavesNothing(string nic) => RunAsync(Architecture.X64, CardCatalogue.Find(nic)!);

    [Fact]
    public Task Application_WithoutMemoryForAnyOneThing_EndsAndTakesItsDriversAway() =>
        RunAsync(Architecture.X64, CardCatalogue.Get(CardRole.Undriven), "netboot.efi");

    [Fact]
    public Task Driver_WithoutMemoryForAnyOneThing_SaysSoAndLeavesNothing_OnAArch64() =>
        RunAsync(Architecture.Aa64, CardCatalogue.Get(CardRole.Undriven));

    private async Task RunAsync(Architecture architecture, Card card, string? image = null)
    {
        VirtualMachine machine = await StartAgentAsync(architecture, $"memory {image ?? card.DriverFile}", [new GuestNic { Model = card.Device }], []);
        await ReadVerdictAsync(machine, TimeSpan.FromMinutes(4));
        Assert.DoesNotContain("fault:", machine.Serial.Text);
    }
}
