using System.Text.Json.Nodes;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// The harness on what others wrote: the firmware's own virtio driver under the very steps that our drivers must pass. When these
/// fail, look at the machine or the harness first, not at our images.
/// </summary>
public sealed class HarnessTests : NetworkBootTest
{
    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task Firmware_ThatNeverStarted_WithoutAnythingToBoot_ReachesItsShell(string architecture)
    {
        VirtualMachine machine = Own(await VirtualMachine.StartAsync(new() { Architecture = Architecture.Named(architecture) }));
        await machine.Serial.WaitForAsync("UEFI Interactive Shell");
        JsonNode? status = await machine.Monitor.ExecuteAsync("query-status");
        Assert.True((bool)status!["running"]!);
        Assert.True(await machine.ProcessorSecondsAsync() > 0.1);
    }

    [Fact]
    public Task Ipxe_OnTheFirmwaresDriver_BootsByPxe() => BootIpxeByPxeAsync(Architecture.X64, CardCatalogue.Get(CardRole.Driven), isOnOurDriver: false);

    [Fact]
    public Task Grub_OnTheFirmwaresDriver_BootsByPxe() => BootGrubByPxeAsync(Architecture.X64, CardCatalogue.Get(CardRole.Driven), isOnOurDriver: false);

    [Fact]
    public Task HttpBoot_OnTheFirmwaresDriver_StartsAnImage() => BootIpxeByHttpAsync(Architecture.X64, CardCatalogue.Get(CardRole.Driven), isOnOurDriver: false);
}
