using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>CDs in memory: the firmware boots from them, and the Linux that is on one finds it again once it runs.</summary>
public sealed class RamDiskTests : FirmwareTest
{
    /// <summary>What the kernel finds comes when it comes: the test that watches has the deadline, none is here.</summary>
    private const string Init = """
        #!/bin/busybox sh
        export PATH=/bin
        /bin/busybox --install -s /bin
        mkdir -p /proc /sys /tmp /cd
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        for module in $(cat /modules/order); do insmod "/modules/$module" || echo "linux: FAILED module $module"; done
        until [ -b /dev/pmem0 ]; do usleep 100000; done
        mount -t iso9660 -o ro /dev/pmem0 /cd
        cat /cd/marker.txt
        poweroff -f
        """;

    [Fact]
    public async Task Cd_IsBootedFromMemory_AndItsLinuxFindsItThereAgain()
    {
        LabRoot debian13 = await LabRoot.EnsureAsync(Console.WriteLine);
        string initrd = Directory.Combine("initrd");
        debian13.NewInnerInitrd(initrd, Init, LabRoot.RamDisk).Dispose();
        string web = Directory.CreateDirectory("web");
        byte[] small = await MakeCdAsync(new() { ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync("echo GRUB of the small CD\nexit\n") }, "small");
        await File.WriteAllBytesAsync(Path.Combine(web, "small.iso"), small);
        using (GZipStream compressed = new(File.Create(Path.Combine(web, "small.iso.gz")), CompressionLevel.Fastest))
        {
            await compressed.WriteAsync(small);
        }

        await File.WriteAllBytesAsync(Path.Combine(web, "linux.iso"), await MakeCdAsync(
            new()
            {
                ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync(
                    "search --file --set=root /vmlinuz\nlinux /vmlinuz console=ttyS0 quiet panic=-1\ninitrd /initrd\nboot\n"),
                ["vmlinuz"] = await File.ReadAllBytesAsync(debian13.Kernel),
                ["initrd"] = await File.ReadAllBytesAsync(initrd),
            },
            "the CD is there after boot"));
        File.Copy("/usr/lib/ipxe/ipxe.iso", Path.Combine(web, "ipxe.iso"));
        NginxServer server = await ServeAsync(web);
        string host = $"http://{UserNetwork.Host}:{server.Port}";
        (string Command, string Expected)[] rows =
        [
            ($"ramdisk {host}/small.iso", "GRUB of the small CD"),
            ($"ramdisk --no-boot --drive 0x81 {host}/small.iso.gz", "Registered SAN device 0x81"),
            ("sanboot --drive 0x81", "GRUB of the small CD"),
            ("sanunhook --drive 0x81", "Unregistered SAN device 0x81"),
            // A CD that others made, with the NIC for itself and without.
            ($"ramdisk {host}/ipxe.iso", $"net0: {UserNetwork.Guest}/"),
            ($"sanboot {host}/ipxe.iso", "No more network devices"),
            ($"ramdisk --filename /EFI/nosuch.efi {host}/small.iso", @"SAN device 0x80: \EFI\nosuch.efi is on no volume"),
            ($"ramdisk {host}/nosuch.iso", "404 Not Found"),
        ];
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", LocalBootTests.Script(rows, before: "dhcp", after: $"ramdisk {host}/linux.iso"));
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
        });
        await LocalBootTests.AssertRowsAsync(machine, rows);
        await machine.Serial.WaitForAsync("the CD is there after boot", TimeSpan.FromMinutes(3));
    }

    private async Task<byte[]> MakeCdAsync(Dictionary<string, byte[]> boot, string marker)
    {
        string volume = Directory.Combine("cd.volume");
        await FatVolume.MakeAsync(volume, boot);
        return await IsoImage.MakeAsync(volume, new Dictionary<string, byte[]> { ["MARKER.TXT"] = System.Text.Encoding.ASCII.GetBytes(marker + "\n") });
    }

    private async Task<byte[]> MakeGrubAsync(string configuration) =>
        await File.ReadAllBytesAsync(await BootPrograms.MakeGrubAsync(Directory, configuration, "part_gpt", "fat", "iso9660", "search", "search_fs_file", "linux", "boot"));
}
