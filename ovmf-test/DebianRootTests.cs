using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Debian itself (<see cref="DebianFixture"/>), from GRUB to systemd, with its root on what we made a disk of.</summary>
public sealed class DebianRootTests(DebianFixture debian) : FirmwareTest, IClassFixture<DebianFixture>
{
    private const long MiB = 1 << 20;

    /// <summary>Debian's GRUB with all its modules. It reads <c>/EFI/debian/grub.cfg</c> of the volume that it came from.</summary>
    private const string Grub = "/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi";

    /// <summary>
    /// On ext4 on a disk of tgtd's: GRUB reads kernel and initrd there, the initrd finds the disk in the iBFT and logs in. The connection is cut
    /// while GRUB reads, and while Debian does.
    /// </summary>
    [RootFact]
    public async Task RootOnIscsi_IsReachedByTheBootTable_AndSurvivesCutsWhileGrubAndWhileDebianRead()
    {
        await debian.EnsureAsync();
        (string disk, long root) = await MakeDiskAsync();
        TgtServer target = Own(await TgtServer.StartAsync(disk));
        using CuttingProxy proxy = new(target.Port, cuts: 3, after: 5_000_000);
        VirtualMachine machine = await BootAsync(
            $"set initiator-iqn iqn.2024-01.test:box\ndhcp\nsanboot iscsi:{UserNetwork.Host}::{proxy.Port}:1:{TgtServer.Target}");
        await machine.Serial.WaitForAsync("GRUB has read Debian", TimeSpan.FromMinutes(2));
        Assert.Equal(3, proxy.Cuts);
        await machine.Serial.WaitForAsync("told: root ext4 of /dev/sda2, init systemd", TimeSpan.FromMinutes(4));
        int before = proxy.Connections;
        proxy.CutNow();
        await debian.FinishAsync(machine);
        Assert.True(proxy.Connections > before);
        string volume = $"{disk}?offset={root}";
        Assert.Equal("written by Debian\n", await ChildProcess.RunAsync("debugfs", ["-R", "cat /mark", volume], "e2fsprogs"));
        await ChildProcess.RunAsync("e2fsck", ["-fn", volume], "e2fsprogs");
    }

    /// <summary>A live CD in memory, by GRUB's own tool: live-boot looks for its CD and finds it there.</summary>
    [RootFact]
    public async Task LiveCd_InMemory_FindsItself()
    {
        await debian.EnsureAsync();
        string content = Directory.CreateDirectory("cd");
        foreach (string folder in new[] { "live", "boot/grub" })
        {
            System.IO.Directory.CreateDirectory(Path.Combine(content, folder));
        }

        File.Copy(debian.Root + debian.Kernel, Path.Combine(content, "live/vmlinuz"));
        File.Copy(debian.Root + debian.Initrd, Path.Combine(content, "live/initrd.img"));
        await File.WriteAllTextAsync(
            Path.Combine(content, "boot/grub/grub.cfg"), DebianFixture.GrubCommands("/live/vmlinuz", "/live/initrd.img", "boot=live"));
        await ChildProcess.RunAsync(
            "mksquashfs",
            [debian.Root, Path.Combine(content, "live/filesystem.squashfs"), "-comp", "lz4", "-quiet", "-no-progress", "-e", "boot"],
            "squashfs-tools");
        string web = Directory.CreateDirectory("web");
        await ChildProcess.RunAsync("grub-mkrescue", ["-o", Path.Combine(web, "debian.iso"), content], "grub-common");
        NginxServer server = await ServeAsync(web);
        VirtualMachine machine = await BootAsync($"dhcp\nramdisk http://{UserNetwork.Host}:{server.Port}/debian.iso");
        await machine.Serial.WaitForAsync("GRUB has read Debian", TimeSpan.FromMinutes(2));
        await machine.Serial.WaitForAsync("told: root overlay of /dev/pmem0, init systemd", TimeSpan.FromMinutes(4));
        await debian.FinishAsync(machine);
    }

    /// <summary>Its kernel for clouds has a driver for a virtio NIC alone.</summary>
    private async Task<VirtualMachine> BootAsync(string script)
    {
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"#!ipxe\n{script}\n");
        return await StartAsync(new()
        {
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
        });
    }

    /// <summary>A disk with an EFI system partition and Debian's root.</summary>
    /// <returns>Its file, and where in it the root begins.</returns>
    private async Task<(string Path, long Root)> MakeDiskAsync()
    {
        string settings = System.IO.Directory.CreateDirectory(Path.Combine(debian.Root, "boot/grub")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(settings, "grub.cfg"), DebianFixture.GrubCommands(debian.Kernel, debian.Initrd, $"root=UUID={DebianFixture.RootId}"));
        string volume = Directory.Combine("esp.volume");
        await FatVolume.MakeAsync(volume, new Dictionary<string, byte[]>
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await File.ReadAllBytesAsync(Grub),
            ["EFI/debian/grub.cfg"] = Encoding.ASCII.GetBytes(
                $"search.fs_uuid {DebianFixture.RootId} root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n"),
        });
        string disk = Directory.Combine("debian.img");
        long length = new FileInfo(volume).Length;
        long root = MiB + length;
        await using (FileStream file = File.Create(disk))
        await using (FileStream system = File.OpenRead(volume))
        {
            file.Position = MiB;
            await system.CopyToAsync(file);
            file.SetLength(root + 513 * MiB); // a partition's 512 MiB, and the table behind it
        }

        string table = $"label: gpt\\nstart=1MiB, size={length / MiB}MiB, type=uefi\\nsize=512MiB, type=linux\\n";
        await ChildProcess.RunAsync("sh", ["-ec", $"printf '{table}' | sfdisk --quiet '{disk}'"], "fdisk");
        await ChildProcess.RunAsync(
            "mke2fs", ["-q", "-t", "ext4", "-U", DebianFixture.RootId, "-E", $"offset={root}", "-d", debian.Root, disk, "512M"], "e2fsprogs");
        return (disk, root);
    }
}
