using System;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// What drivers and the application do when there is no memory: each allocation in turn fails. And that the application gives back what it had.
/// </summary>
public sealed class MemoryTests : FirmwareTest
{
    /// <summary>A few, for it takes half a second each; ApplicationTests, on the model of the firmware, has a thousand.</summary>
    private const int Exits = 20;

    [Theory]
    [MemberData(nameof(CardRows.FirstInterfaces), MemberType = typeof(CardRows))]
    public Task Driver_WithoutMemoryForAnyOneThing_SaysSoAndLeavesNothing(string nic) => RunAsync(Architecture.X64, CardCatalogue.Find(nic)!);

    [Fact]
    public Task Application_WithoutMemoryForAnyOneThing_EndsAndTakesItsDriversAway() =>
        RunAsync(Architecture.X64, CardCatalogue.Get(CardRole.Undriven), "netboot.efi");

    [Fact]
    public Task Driver_WithoutMemoryForAnyOneThing_SaysSoAndLeavesNothing_OnAArch64() =>
        RunAsync(Architecture.Aa64, CardCatalogue.Get(CardRole.Undriven));

    [Fact]
    public async Task Application_ThatStartsFetchesAndExitsOverAndOver_LeavesAllMemory()
    {
        NginxServer server = await ServeAsync(NewFolder("web", ("hello.txt", "hello")));
        VirtualMachine machine = await StartAgentAsync(
            Architecture.X64, $"exit netboot.efi {Exits} netboot.efi dhcp && imgfetch http://{UserNetwork.Host}:{server.Port}/hello.txt && exit",
            [new GuestNic { Model = CardCatalogue.Get(CardRole.OtherUndriven).Device }], []);
        string verdict = (await machine.Serial.WaitForAsync(@"agent: done, .*", TimeSpan.FromMinutes(4))).Value;
        Assert.True(verdict.Contains(", 0 failed"), machine.Serial.Tail());
        Assert.Equal(Exits + 20, server.AccessLog.Split("GET /hello.txt").Length - 1); // with those before the first look at the memory
    }

    private async Task RunAsync(Architecture architecture, Card card, string? image = null)
    {
        VirtualMachine machine = await StartAgentAsync(architecture, $"memory {image ?? card.DriverFile}", [new GuestNic { Model = card.Device }], []);
        await ReadVerdictAsync(machine, TimeSpan.FromMinutes(4));
        Assert.DoesNotContain("fault:", machine.Serial.Text);
    }
}
