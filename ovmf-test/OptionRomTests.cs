using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Boot.Packaging.Compression;
using Boot.Packaging.FirmwareVolumes;
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
    [InlineData("x64", "vmxnet3", "vmxnet3")]
    [InlineData("aa64", "e1000", "e1000")]
    [InlineData("aa64", "rtl8139", "rtl8139")]
    public async Task Rom_WithTheDriver_GivesTheFirmwaresPxeItsNic(string architecture, string driver, string nic)
    {
        Architecture machineKind = architecture == "x64" ? Architecture.X64 : Architecture.Aa64;
        string rom = await MakeRomAsync(driver, null);
        Assert.InRange(new FileInfo(rom).Length, 1, 2 * 36 * 1024); // for two processors; the aim is 32 KiB for each
        string tftp = NewFolder("tftp", ("autoexec.ipxe", "#!ipxe\nifstat\necho booted natively\n"));
        File.Copy(Repository.Image(machineKind, "netboot-snponly.efi"), Path.Combine(tftp, "app.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = machineKind,
            Nics = [new GuestNic { Model = nic, RomFile = rom, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = "app.efi" } }],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully", TimeSpan.FromSeconds(90));
        await machine.Serial.WaitForAsync("booted natively");
    }

    [Theory]
    [InlineData("x64", "e1000", "netboot.efi")]
    [InlineData("x64", "virtio-net", "netboot-snponly.efi")]
    [InlineData("aa64", "e1000", "netboot-snponly.efi")]
    public async Task Rom_WithTheApplication_IsABootOptionThatFetchesWhatDhcpNames(string architecture, string driver, string application)
    {
        Architecture machineKind = architecture == "x64" ? Architecture.X64 : Architecture.Aa64;
        NginxServer server = await ServeAsync(NewFolder("web", ("boot.ipxe", "#!ipxe\nifstat\necho script of ${net0/mac} runs\nexit 0\n")));
        GuestNic other = new() { Model = "virtio-net-pci", Network = new UserNetwork { Restrict = true } };
        GuestNic card = new()
        {
            Model = driver == "e1000" ? "e1000" : "virtio-net-pci",
            RomFile = await MakeRomAsync(driver, application),
            BootIndex = 0, // as the user orders cards; what the card offers is in the firmware's own order
            Network = new UserNetwork { BootFile = $"http://{UserNetwork.Host}:{server.Port}/boot.ipxe" },
        };
        VirtualMachine machine = await StartAsync(new() { Architecture = machineKind, Nics = [other, card] });
        await machine.Serial.WaitForAsync("starting Boot.... \"UEFI NetBoot 52:54:00:12:34:57\"", TimeSpan.FromSeconds(120));
        await machine.Serial.WaitForAsync("script of 52:54:00:12:34:57 runs");
        Assert.Contains("GET /boot.ipxe HTTP/1.1 200", server.AccessLog);
    }

    [Fact]
    public async Task Rom_WithABiosHalf_ServesUefiBesideIpxesOwnRom_AndABios()
    {
        string rom = await MakeRomAsync("e1000", null, new FileInfo("/usr/lib/ipxe/qemu/pxe-e1000.rom"));
        string tftp = NewFolder("tftp", ("autoexec.ipxe", "#!ipxe\nifstat\necho booted natively\n"));
        File.Copy(Repository.Image(Architecture.X64, "netboot-snponly.efi"), Path.Combine(tftp, "app.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Nics =
            [
                new GuestNic { Model = "rtl8139", OptionRom = true }, // QEMU's own: iPXE
                new GuestNic { RomFile = rom, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = "app.efi" } },
            ],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully", TimeSpan.FromSeconds(90));
        await machine.Serial.WaitForAsync("net0: 52:54:00:12:34:57 Intel 82540EM");
        await machine.Serial.WaitForAsync("net1: 52:54:00:12:34:56 ");
        await machine.Serial.WaitForAsync("booted natively");
        await machine.QuitAsync();

        using Process bios = ChildProcess.Start(
            Architecture.X64.Program,
            [
                "-nodefaults", "-machine", "q35,graphics=off", "-display", "none", "-serial", "stdio", // SeaBIOS then writes to the serial line
                "-netdev", "user,id=net0", "-device", $"e1000,netdev=net0,romfile={rom},bootindex=0",
            ],
            Architecture.X64.Packages);
        try
        {
            using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
            while (!(await bios.StandardOutput.ReadLineAsync(deadline.Token) ?? throw new EndOfStreamException()).Contains("iPXE", StringComparison.Ordinal))
            {
                // Whatever SeaBIOS says before.
            }
        }
        finally
        {
            bios.Kill();
            await bios.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Compression_IsUndoneByUefiExtract()
    {
        byte[] image = await File.ReadAllBytesAsync(Repository.Image(Architecture.X64, "netboot.efi"));
        List<byte> inner = [];
        Section.Append(inner, SectionType.Raw, image);
        byte[] compressed = UefiCompressor.Compress(inner.ToArray());
        List<byte> outer = [];
        const SectionType compression = (SectionType)1; // PI 1.8 volume 3, 3.2.5.2: original size, and 1 for UEFI's compression
        Section.Append(outer, compression, [.. BitConverter.GetBytes(inner.Count), 1, .. compressed]);
        byte[] file = VolumeFile.Make(Guid.NewGuid(), FileType.Freeform, outer.ToArray());
        string volume = Directory.Combine("test.fv");
        await File.WriteAllBytesAsync(volume, Volume.Make(Guid.NewGuid(), [file]));
        await ChildProcess.RunAsync("UEFIExtract", [volume, "all"], "uefitool-cli");
        Assert.Contains(System.IO.Directory.GetFiles(volume + ".dump", "body.bin", SearchOption.AllDirectories), body => File.ReadAllBytes(body).AsSpan().SequenceEqual(image));
    }

    private async Task<string> MakeRomAsync(string driver, string? application, FileInfo? bios = null, Signer? signer = null)
    {
        string path = Directory.Combine("option.rom");
        await File.WriteAllBytesAsync(path, await ImageRomCommand.MakeAsync(driver, ["x64", "aa64"], application, bios, signer));
        return path;
    }
}
