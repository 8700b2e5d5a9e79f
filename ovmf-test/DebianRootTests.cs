using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// A Debian as its packages make it, on ext4 on a disk of tgtd's: Debian's GRUB reads kernel and initrd there, Debian's initrd finds the disk in
/// the iBFT and logs in, and systemd runs from it. The connection is cut while GRUB reads, and while Debian does.
/// </summary>
public sealed class DebianRootTests : FirmwareTest
{
    private const int ContentLength = 5_000_001;
    private const string RootId = "4e425354-0000-4000-8000-000000000014";
    private const long MiB = 1 << 20;

    /// <summary>Debian's GRUB with all its modules. It reads <c>/EFI/debian/grub.cfg</c> of the volume that it came from.</summary>
    private const string Grub = "/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi";

    /// <summary>What an administrator does for a root on iSCSI (README.Debian of open-iscsi), with an initrd of what this machine needs.</summary>
    private const string Configure = $"""
        echo ISCSI_AUTO=true > /etc/iscsi/iscsi.initramfs
        echo MODULES=list > /etc/initramfs-tools/conf.d/modules
        printf 'virtio_net\nvirtio_pci\nsd_mod\n' >> /etc/initramfs-tools/modules
        update-initramfs -u -k all
        echo 'UUID={RootId} / ext4 _netdev 0 0' > /etc/fstab
        systemctl enable told.service
        systemctl mask serial-getty@.service
        """;

    /// <summary>Reads past the cache, again and again, until a line is typed.</summary>
    private const string Told = """
        content() { dd if=/content.bin bs=1M iflag=direct status=none; }
        echo "told: root $(findmnt -no SOURCE,FSTYPE /), init $(cat /proc/1/comm)"
        while ! read -t 0; do content > /dev/null; done
        echo "told: content $(content | sha256sum)"
        echo written by Debian > /mark
        systemctl poweroff
        """;

    private const string ToldUnit = """
        [Unit]
        After=multi-user.target
        [Service]
        Type=oneshot
        StandardInput=tty-force
        StandardOutput=tty
        TTYPath=/dev/ttyS0
        ExecStart=/bin/bash /told
        [Install]
        WantedBy=multi-user.target
        """;

    [RootFact]
    public async Task DebiansRoot_IsReachedByTheBootTable_AndSurvivesCutsWhileGrubAndWhileDebianRead()
    {
        (string disk, long root, string sum) = await MakeDiskAsync();
        TgtServer target = Own(await TgtServer.StartAsync(disk));
        using CuttingProxy proxy = new(target.Port, cuts: 3, after: 5_000_000);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write(
            "EFI/BOOT/autoexec.ipxe",
            $"#!ipxe\nset initiator-iqn iqn.2024-01.test:box\ndhcp\nsanboot iscsi:{UserNetwork.Host}::{proxy.Port}:1:{TgtServer.Target}\n");
        VirtualMachine machine = await StartAsync(new()
        {
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
        });
        await machine.Serial.WaitForAsync("GRUB has read Debian", TimeSpan.FromMinutes(2));
        Assert.Equal(3, proxy.Cuts);
        await machine.Serial.WaitForAsync("told: root /dev/sda2 ext4, init systemd", TimeSpan.FromMinutes(4));
        int before = proxy.Connections;
        proxy.CutNow();
        await machine.Serial.SendAsync("\n");
        await machine.Serial.WaitForAsync($"told: content {sum}  -", TimeSpan.FromMinutes(2));
        Assert.True(proxy.Connections > before);
        await machine.WaitForExitAsync(TimeSpan.FromMinutes(2));
        string volume = $"{disk}?offset={root}";
        Assert.Equal("written by Debian\n", await ChildProcess.RunAsync("debugfs", ["-R", "cat /mark", volume], "e2fsprogs"));
        await ChildProcess.RunAsync("e2fsck", ["-fn", volume], "e2fsprogs");
    }

    /// <summary>A disk with an EFI system partition and Debian's root.</summary>
    /// <returns>Its file, where the root begins, and the SHA-256 of its <c>/content.bin</c>.</returns>
    private async Task<(string Path, long Root, string Sum)> MakeDiskAsync()
    {
        CleanDebian debian = await CleanDebian.MakeAsync(
            Directory.Combine("debian"), "trixie", ["linux-image-cloud-amd64", "initramfs-tools", "open-iscsi", "systemd-sysv", "udev"]);
        string content = WriteRandom(debian.Root, ContentLength);
        void Write(string path, string text)
        {
            string file = Path.Combine(debian.Root, path);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text + "\n");
        }

        Write("told", Told);
        Write("etc/systemd/system/told.service", ToldUnit);
        await debian.RunAsync(Configure);
        string kernel = Path.GetFileName(System.IO.Directory.GetFiles(Path.Combine(debian.Root, "boot"), "vmlinuz-*").Single());
        Write("boot/grub/grub.cfg", $"""
            linux /boot/{kernel} root=UUID={RootId} console=ttyS0 {EmulatedLinux.NoTimerCheck}
            initrd /boot/{kernel.Replace("vmlinuz-", "initrd.img-")}
            echo GRUB has read Debian
            boot
            """);

        string volume = Directory.Combine("esp.volume");
        await FatVolume.MakeAsync(volume, new Dictionary<string, byte[]>
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await File.ReadAllBytesAsync(Grub),
            ["EFI/debian/grub.cfg"] = System.Text.Encoding.ASCII.GetBytes(
                $"search.fs_uuid {RootId} root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n"),
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

        await ChildProcess.RunAsync(
            "sh",
            [
                "-ec",
                $"printf 'label: gpt\\nstart=1MiB, size={length >> 20}MiB, type=uefi\\nsize=512MiB, type=linux\\n' | sfdisk --quiet '{disk}'",
            ],
            "fdisk");
        await ChildProcess.RunAsync(
            "mke2fs", ["-q", "-t", "ext4", "-U", RootId, "-E", $"offset={root}", "-d", debian.Root, disk, "512M"], "e2fsprogs");
        return (disk, root, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(content))));
    }
}
