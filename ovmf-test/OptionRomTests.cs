using System.IO;
using System.Threading.Tasks;
using Boot.Tool;
using Boot.Tool.Commands;
using Boot.Tool.Qemu;
using Boot.Tool.Servers;
using Xunit;

namespace OvmfTest;

/// <summary>Our option ROMs on cards that the firmware has no driver for, or has one of its own.</summary>
public sealed class OptionRomTests : FirmwareTest
{
    [Theory]
    [InlineData("x64", "e1000", "e1000")]
    [InlineData("x64", "e1000", "e1000-82545em")]
    [InlineData("x64", "ne2k", "ne2k_pci")]
    [InlineData("x64", "pcnet", "pcnet")]
    [InlineData("x64", "rtl8139", "rtl8139")]
    [InlineData("x64", "virtio-net", "virtio-net-pci")]
    [InlineData("aa64", "e1000", "e1000")]
    [InlineData("aa64", "virtio-net", "virtio-net-pci")]
    public async Task Rom_WithTheDriver_GivesTheFirmwaresPxeItsNic(string architecture, string driver, string nic)
    {
        Architecture machineKind = architecture == "x64" ? Architecture.X64 : Architecture.Aa64;
        string rom = await MakeRomAsync(driver, null);
        Assert.InRange(new FileInfo(rom).Length, 1, 2 * 32 * 1024);
        string tftp = NewFolder("tftp", ("autoexec.ipxe", "#!ipxe\nifstat\necho booted natively\n"));
        File.Copy(Repository.Image(machineKind, "netboot-snponly.efi"), Path.Combine(tftp, "app.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = machineKind,
            Nics = [new Nic { Model = nic, RomFile = rom, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = "app.efi" } }],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully", System.TimeSpan.FromSeconds(90));
        await machine.Serial.WaitForAsync("booted natively");
    }

    [Theory]
    [InlineData("x64", "e1000", "netboot")]
    [InlineData("x64", "virtio-net", "netboot-snponly")]
    [InlineData("aa64", "e1000", "netboot-snponly")]
    public async Task Rom_WithTheApplication_IsABootOptionThatFetchesWhatDhcpNames(string architecture, string driver, string application)
    {
        Architecture machineKind = architecture == "x64" ? Architecture.X64 : Architecture.Aa64;
        NginxServer server = await ServeAsync(NewFolder("web", ("boot.ipxe", "#!ipxe\nifstat\necho script of ${net0/mac} runs\nexit 0\n")));
        Nic other = new() { Model = "virtio-net-pci", Network = new UserNetwork { Restrict = true } };
        Nic card = new()
        {
            Model = driver == "e1000" ? "e1000" : "virtio-net-pci",
            RomFile = await MakeRomAsync(driver, application),
            BootIndex = 0, // as the user orders cards; what the card offers is in the firmware's own order
            Network = new UserNetwork { BootFile = $"http://{UserNetwork.Host}:{server.Port}/boot.ipxe" },
        };
        VirtualMachine machine = await StartAsync(new() { Architecture = machineKind, Nics = [other, card] });
        await machine.Serial.WaitForAsync("starting Boot.... \"UEFI NetBoot 52:54:00:12:34:57\"", System.TimeSpan.FromSeconds(120));
        await machine.Serial.WaitForAsync("script of 52:54:00:12:34:57 runs");
        Assert.Contains("GET /boot.ipxe HTTP/1.1 200", server.AccessLog);
    }

    private async Task<string> MakeRomAsync(string driver, string? application, FileInfo? bios = null, Signer? signer = null)
    {
        string path = Directory.Combine("option.rom");
        await File.WriteAllBytesAsync(path, await ImageRomCommand.MakeAsync(driver, ["x64", "aa64"], application, bios, signer));
        return path;
    }
}
