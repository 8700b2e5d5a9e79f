using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.Disks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// Boot from disks on a web server: the firmware's own drivers find El Torito, a GUID partition table and FAT on them, and GRUB reads what is there while
/// the network is ours.
/// </summary>
public sealed class SanBootTests : FirmwareTest
{
    private const int ContentLength = 5_000_001;

    [Fact]
    public async Task DisksOnAWebServer_AreBooted_AndLinuxStartsFromOne()
    {
        string web = Directory.CreateDirectory("web");
        string linux = Directory.CreateDirectory("linux");
        LinkLinuxInto(linux);
        string content = WriteRandom(linux, ContentLength);
        string sum = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(content)));
        await MakeIsoAsync(Path.Combine(web, "small.iso"));
        await MakeDiskAsync(Path.Combine(web, "disk.img"), linux, content);
        File.Copy(Path.Combine(web, "small.iso"), Path.Combine(web, "whole.iso"));
        await File.WriteAllTextAsync(Path.Combine(web, "after.ipxe"), "#!ipxe\necho fetched afterwards\n");
        // A connection carries two parts of the disk: what follows needs another, made in a call of the firmware's.
        NginxServer server = await ServeAsync(web, "location = /whole.iso { max_ranges 0; } location = /disk.img { keepalive_requests 2; }");
        string host = $"http://{UserNetwork.Host}:{server.Port}";
        (string Command, string Expected)[] rows =
        [
            ($"sanboot {host}/small.iso", "GRUB of the CD"),
            ($"sanboot --no-describe --filename /EFI/other.efi {host}/disk.img", $"{sum}  "),
            ($"sanhook --drive 0x81 {host}/disk.img", "Registered SAN device 0x81"),
            ("sanboot --drive 0x81 --filename /EFI/other.efi", $"{sum}  "),
            ($"chain {host}/after.ipxe", "fetched afterwards"),
            ("sanunhook --drive 0x81", "Unregistered SAN device 0x81"),
            ($"sanboot {host}/whole.iso", "the server ignores ranges"),
            ($"sanboot {host}/missing.iso", "404 Not Found"),
            ($"sanboot --filename /EFI/nosuch.efi {host}/disk.img", "there is nothing to boot on it"),
        ];
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", LocalBootTests.Script(rows, before: "dhcp", after: $"sanboot {host}/disk.img"));
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
        });
        await LocalBootTests.AssertRowsAsync(machine, rows);
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromMinutes(3));
    }

    /// <summary>A CD with nothing but El Torito's volume, which has GRUB.</summary>
    private async Task MakeIsoAsync(string path)
    {
        string volume = Directory.Combine("cd.volume");
        await FatVolume.MakeAsync(volume, new Dictionary<string, byte[]>
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync("echo GRUB of the CD\nexit\n"),
        });
        await File.WriteAllBytesAsync(path, await IsoImage.MakeAsync(volume));
    }

    /// <summary>A disk with Linux, which GRUB starts, and with a GRUB that only reads a large file.</summary>
    private async Task MakeDiskAsync(string path, string linux, string content)
    {
        string volume = Directory.Combine("disk.volume");
        await FatVolume.MakeAsync(volume, new Dictionary<string, byte[]>
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync(
                "search --file --set=root /content.bin\nlinux /vmlinuz console=ttyS0\ninitrd /initrd.gz\nboot\n"),
            ["EFI/other.efi"] = await MakeGrubAsync("search --file --set=root /content.bin\nsha256sum /content.bin\nexit\n"),
            ["content.bin"] = await File.ReadAllBytesAsync(content),
            ["vmlinuz"] = await File.ReadAllBytesAsync(Path.Combine(linux, "linux")),
            ["initrd.gz"] = await File.ReadAllBytesAsync(Path.Combine(linux, "initrd.gz")),
        });
        await File.WriteAllBytesAsync(path, GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), "DISK"));
    }

    private async Task<byte[]> MakeGrubAsync(string configuration) => await File.ReadAllBytesAsync(await BootPrograms.MakeGrubAsync(
        Directory, configuration, "part_gpt", "fat", "search", "search_fs_file", "hashsum", "gcry_sha256", "linux", "boot"));
}
