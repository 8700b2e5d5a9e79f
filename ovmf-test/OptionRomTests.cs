using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.Compression;
using NetBoot.Boot.Packaging.FirmwareVolumes;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Commands;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Our option ROMs on cards that the firmware has no driver for, or has one of its own.</summary>
public sealed class OptionRomTests : FirmwareTest
{
    /// <summary>A card of each family, and one that is not the first in its ROM's list of identifiers.</summary>
    public static IEnumerable<object[]> Rows()
    {
        Card undriven = CardCatalogue.Get(CardRole.Undriven);
        return
        [
            .. CardCatalogue.Emulated.Select(family => new object[] { "x64", family.Cards[0].Device }),
            ["x64", undriven.Family.Cards[1].Device],
            ["aa64", undriven.Device],
            ["aa64", CardCatalogue.Get(CardRole.OtherUndriven).Device],
        ];
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Rom_WithTheDriver_GivesTheFirmwaresPxeItsNic(string architecture, string nic)
    {
        Architecture kind = Architecture.Named(architecture);
        string rom = await MakeRomAsync(CardCatalogue.Find(nic)!, null);
        Assert.InRange(new FileInfo(rom).Length, 1, 2 * 36 * 1024); // for two processors; the aim is 32 KiB for each
        string tftp = NewFolder("tftp", ("autoexec.ipxe", "#!ipxe\nifstat\necho booted natively\n"));
        File.Copy(Repository.Image(kind, "netboot-snponly.efi"), Path.Combine(tftp, "app.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = kind,
            Nics = [new GuestNic { Model = nic, RomFile = rom, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = "app.efi" } }],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully", TimeSpan.FromSeconds(90));
        await machine.Serial.WaitForAsync("booted natively");
    }

    [Theory]
    [InlineData("x64", CardRole.Undriven, "netboot.efi")]
    [InlineData("x64", CardRole.Driven, "netboot-snponly.efi")]
    [InlineData("aa64", CardRole.Undriven, "netboot-snponly.efi")]
    public async Task Rom_WithTheApplication_IsABootOptionThatFetchesWhatDhcpNames(string architecture, CardRole nic, string application)
    {
        Card chosen = CardCatalogue.Get(nic);
        Architecture kind = Architecture.Named(architecture);
        NginxServer server = await ServeAsync(NewFolder("web", ("boot.ipxe", "#!ipxe\nifstat\necho script of ${net0/mac} runs\nexit 0\n")));
        GuestNic other = new() { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new UserNetwork { Restrict = true } };
        GuestNic card = new()
        {
            Model = chosen.Device,
            RomFile = await MakeRomAsync(chosen, application),
            BootIndex = 0, // as the user orders cards; what the card offers is in the firmware's own order
            Network = new UserNetwork { BootFile = $"http://{UserNetwork.Host}:{server.Port}/boot.ipxe" },
        };
        VirtualMachine machine = await StartAsync(new() { Architecture = kind, Nics = [other, card] });
        await machine.Serial.WaitForAsync("starting Boot.... \"UEFI NetBoot 52:54:00:12:34:57\"", TimeSpan.FromSeconds(120));
        await machine.Serial.WaitForAsync("script of 52:54:00:12:34:57 runs");
        Assert.Contains("GET /boot.ipxe HTTP/1.1 200", server.AccessLog);
    }

    [Fact]
    public async Task Rom_WithABiosHalf_ServesUefiBesideIpxesOwnRom_AndABios()
    {
        Card card = CardCatalogue.Get(CardRole.Undriven);
        string rom = await MakeRomAsync(card, null, new FileInfo($"/usr/lib/ipxe/qemu/pxe-{card.Device}.rom"));
        string tftp = NewFolder("tftp", ("autoexec.ipxe", "#!ipxe\nifstat\necho booted natively\n"));
        File.Copy(Repository.Image(Architecture.X64, "netboot-snponly.efi"), Path.Combine(tftp, "app.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Nics =
            [
                new GuestNic { Model = CardCatalogue.Get(CardRole.OtherUndriven).Device, OptionRom = true }, // QEMU's own: iPXE
                new GuestNic { RomFile = rom, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = "app.efi" } },
            ],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully", TimeSpan.FromSeconds(90));
        await machine.Serial.WaitForAsync($"net0: 52:54:00:12:34:57 {card.Family.Product}");
        await machine.Serial.WaitForAsync("net1: 52:54:00:12:34:56 ");
        await machine.Serial.WaitForAsync("booted natively");
        await machine.QuitAsync();

        using Process bios = ChildProcess.Start(
            Architecture.X64.Program,
            [
                "-nodefaults", "-machine", "q35,graphics=off", "-display", "none", "-serial", "stdio", // SeaBIOS then writes to the serial line
                "-netdev", "user,id=net0", "-device", $"{card.Device},netdev=net0,romfile={rom},bootindex=0",
            ],
            Architecture.X64.Packages);
        try
        {
            using GuestDeadline deadline = GuestDeadline.Of(bios, TimeSpan.FromSeconds(60));
            while (!(await deadline.WaitAsync(bios.StandardOutput.ReadLineAsync(), "iPXE's name from SeaBIOS") ?? throw new EndOfStreamException())
                .Contains("iPXE", StringComparison.Ordinal))
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

    private async Task<string> MakeRomAsync(Card card, string? application, FileInfo? bios = null, Signer? signer = null)
    {
        string path = Directory.Combine("option.rom");
        await File.WriteAllBytesAsync(path, await ImageRomCommand.MakeAsync(card.Family, ["x64", "aa64"], application, bios, signer));
        return path;
    }
}
