using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Boot.Tool.Servers;
using Xunit;

namespace OvmfTest;

/// <summary>The harness on what others wrote: when these fail, look at the machine or the harness first, not at our images.</summary>
public sealed class HarnessTests : FirmwareTest, IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task Firmware_WithoutAnythingToBoot_ReachesItsShell(string architecture)
    {
        VirtualMachine machine = await StartAsync(new() { Architecture = Architecture.All.Single(each => each.Name == architecture) });
        await machine.Serial.WaitForAsync("UEFI Interactive Shell");
        JsonNode? status = await machine.Monitor.ExecuteAsync("query-status");
        Assert.True((bool)status!["running"]!);
        Assert.True(await machine.ProcessorSecondsAsync() > 0.1);
    }

    [Fact]
    public async Task Ipxe_OnTheFirmwaresVirtioDriver_RunsAScriptFromTftpAndFetchesOverHttp()
    {
        string web = NewFolder("web", ("hello.ipxe", "#!ipxe\necho fetched over HTTP\npoweroff\n"));
        NginxServer server = await ServeAsync(web);
        string tftp = NewFolder("tftp", ("autoexec.ipxe", $"#!ipxe\necho script from TFTP\nchain http://{UserNetwork.Host}:{server.Port}/hello.ipxe\n"));
        File.Copy("/usr/lib/ipxe/snponly.efi", Path.Combine(tftp, "snponly.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Nics = [new Nic { Model = "virtio-net-pci", BootIndex = 0, Capture = true, Network = new UserNetwork { TftpRoot = tftp, BootFile = "snponly.efi" } }],
        });
        await machine.Serial.WaitForAsync("Start PXE over IPv4");
        await machine.Serial.WaitForAsync("NBP file downloaded successfully");
        await machine.Serial.WaitForAsync("iPXE 1.0.0");
    }
}
