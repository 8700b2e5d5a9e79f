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

    private async Task<string> MakeRomAsync(string driver, string? application, FileInfo? bios = null, Signer? signer = null)
    {
        string path = Directory.Combine("option.rom");
        await File.WriteAllBytesAsync(path, await ImageRomCommand.MakeAsync(driver, ["x64", "aa64"], application, bios, signer));
        return path;
    }
}
