using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.OvmfTest;

/// <summary>
/// A Debian 13 as its packages make it, with kernel, initrd and systemd, whose root may be on a disk by iSCSI (open-iscsi) or on a CD (live-boot).
/// Made once for all tests, by the first that asks. On the serial line it tells what it runs from; it reads <c>/content.bin</c> until a line is
/// typed, says its SHA-256, writes <c>/mark</c>, and switches the machine off.
/// </summary>
public sealed class DebianFixture : IDisposable
{
    /// <summary>The file system's that is to be its root on a disk.</summary>
    public const string RootId = "4e425354-0000-4000-8000-000000000014";

    private const int ContentLength = 5_000_001;

    private static readonly string[] s_packages =
        ["linux-image-cloud-amd64", "initramfs-tools", "open-iscsi", "live-boot", "live-boot-initramfs-tools", "systemd-sysv", "udev"];

    /// <summary>
    /// What an administrator does for a root on iSCSI (README.Debian of open-iscsi), and a smaller initrd than Debian's, which an emulated machine
    /// unpacks sooner. What they need in it open-iscsi and live-boot add themselves, but for what is in each of Debian's.
    /// </summary>
    private const string Configure = $"""
        echo ISCSI_AUTO=true > /etc/iscsi/iscsi.initramfs
        echo MODULES=list > /etc/initramfs-tools/conf.d/modules
        printf 'virtio_net\nvirtio_pci\nsd_mod\nisofs\n' >> /etc/initramfs-tools/modules
        update-initramfs -u -k all
        echo 'UUID={RootId} / ext4 _netdev 0 0' > /etc/fstab
        systemctl enable told.service
        systemctl mask serial-getty@.service
        """;

    /// <summary>The cache is passed by where there is a disk.</summary>
    private const string Told = """
        content() { dd if=/content.bin bs=1M iflag=direct status=none 2>&- || cat /content.bin; }
        echo "told: root $(findmnt -no FSTYPE /) of $(findmnt -no SOURCE /run/live/medium || findmnt -no SOURCE /), init $(cat /proc/1/comm)"
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

    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<Task> _made;

    public DebianFixture()
    {
        _made = new(MakeAsync);
    }

    /// <summary>The folder that is its root.</summary>
    public string Root => _directory.Combine("debian");

    /// <summary>Paths in it.</summary>
    public string Kernel => "/boot/" + Path.GetFileName(Directory.GetFiles(Path.Combine(Root, "boot"), "vmlinuz-*").Single());

    public string Initrd => Kernel.Replace("vmlinuz-", "initrd.img-");

    /// <summary>Makes it, unless it is there.</summary>
    public Task EnsureAsync() => _made.Value;

    /// <summary>GRUB's commands that start it.</summary>
    /// <param name="kernel">Where it finds the kernel.</param>
    /// <param name="initrd">And the initrd.</param>
    /// <param name="root">What the kernel is told of its root.</param>
    public static string GrubCommands(string kernel, string initrd, string root) =>
        $"linux {kernel} {root} console=ttyS0 {EmulatedLinux.NoTimerCheck}\ninitrd {initrd}\necho GRUB has read Debian\nboot\n";

    /// <summary>Types the line, and waits until it has said that what it read is right, and has switched the machine off.</summary>
    public async Task FinishAsync(VirtualMachine machine)
    {
        string sum = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Root, "content.bin"))));
        await machine.Serial.SendAsync("\n");
        await machine.Serial.WaitForAsync($"told: content {sum}  -", TimeSpan.FromMinutes(2));
        await machine.WaitForExitAsync(TimeSpan.FromMinutes(2));
    }

    public void Dispose() => _directory.Dispose();

    private async Task MakeAsync()
    {
        CleanDebian debian = await CleanDebian.MakeAsync(Root, "trixie", s_packages);
        FirmwareTest.WriteRandom(Root, ContentLength);
        await File.WriteAllTextAsync(Path.Combine(Root, "told"), Told);
        await File.WriteAllTextAsync(Path.Combine(Root, "etc/systemd/system/told.service"), ToldUnit);
        await debian.RunAsync(Configure);
    }
}
