using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.Disks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// Boot from disks of tgtd's by iSCSI: GRUB reads and writes them, and Debian's Linux finds its disk in the iBFT and goes on from it.
/// </summary>
public sealed class IscsiBootTests : FirmwareTest
{
    private const int ContentLength = 5_000_001;

    /// <summary>How the guest reaches this machine's ::1.</summary>
    private const string Host6 = "fec0::2";

    /// <summary>What the kernel finds comes when it comes: the test that watches has the deadline, none is here.</summary>
    private const string Init = """
        #!/bin/busybox sh
        export PATH=/bin:/sbin
        /bin/busybox --install -s /bin
        mkdir -p /proc /sys /tmp /run /root /var/lib/iscsi /etc/iscsi
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        for module in $(cat /modules/order); do insmod "/modules/$module" || echo "linux: FAILED module $module"; done
        cd /sys/firmware/ibft
        for file in ethernet1/mac ethernet1/ip-addr ethernet1/flags target1/ip-addr target1/port target1/nic-assoc target1/flags; do
            echo "ibft $file=$(cat $file 2>/dev/null)"
        done
        for file in initiator/initiator-name ethernet0/mac ethernet0/ip-addr ethernet0/subnet-mask ethernet0/gateway ethernet0/flags \
            target0/ip-addr target0/port target0/lun target0/target-name target0/chap-name target0/rev-chap-name target0/flags acpi_header/signature; do
            echo "ibft $file=$(cat $file 2>/dev/null)"
        done
        ls -l ethernet0/device
        cd /
        iscsistart -N
        iscsistart -b
        echo "linux: iscsistart ended with $?"
        until [ -b /dev/sda1 ]; do usleep 100000; done
        mount -t vfat /dev/sda1 /root
        exec switch_root /root /sbin/init
        """;

    [Fact]
    public async Task DisksOfATarget_AreReadAndWritten_AndLinuxFindsItsDiskInTheBootTable()
    {
        string content = WriteRandom(Directory.CreateDirectory("content"), ContentLength);
        string sum = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(content)));
        string disk = Directory.Combine("disk.img");
        await MakeDiskAsync(disk, content);
        TgtServer open = Own(await TgtServer.StartAsync(disk));
        string locked = Directory.Combine("locked.img");
        File.Copy(disk, locked);
        TgtServer demanding = Own(await TgtServer.StartAsync(locked));
        await demanding.DemandAsync("me", "my secret phrase");
        await demanding.ProveAsync("target", "another secret");
        string sealedDisk = Directory.Combine("sealed.img");
        File.Copy(disk, sealedDisk);
        await open.AddDiskAsync(sealedDisk, isReadOnly: true);
        using CuttingProxy proxy = new(open.Port, cuts: 6, after: 700_000);
        using CuttingProxy dying = new(open.Port, cuts: 1, after: 3_000_000, isDying: true);
        using CuttingProxy alone = new(open.Port, cuts: 1, after: 3_000_000, isDying: true);
        using CuttingProxy second = new(demanding.Port, cuts: 0, after: 0);
        TgtServer open6 = Own(await TgtServer.StartAsync(disk, "::1"));
        TgtServer careful = Own(await TgtServer.StartAsync(disk));
        await careful.DemandDigestsAsync();
        using CuttingProxy careful1 = new(careful.Port, cuts: 0, after: 0);
        string Uri(int port, string user = "", int lun = 1) => $"iscsi:{user}{UserNetwork.Host}::{port}:{lun}:{TgtServer.Target}";
        int dead = CuttingProxy.FindPort();
        (string Command, string Expected)[] rows =
        [
            ($"sanboot --no-describe --filename /EFI/other.efi {Uri(proxy.Port)}", $"{sum}  "),
            ($"sanboot --filename /EFI/other.efi {Uri(dead)} {Uri(open.Port)}", $"{sum}  "),
            ($"sanboot --filename /EFI/other.efi iscsi:[{Host6}]::{open6.Port}:1:{TgtServer.Target}", $"{sum}  "),
            ($"sanboot --filename /EFI/other.efi {Uri(careful1.Port)}", $"{sum}  "),
            ($"sanboot --filename /EFI/save.efi {Uri(open.Port, lun: 2)}", "failure writing sector"),
            ($"sanboot --filename /EFI/other.efi {Uri(dying.Port)} {Uri(open.Port)}", $"{sum}  "),
            ($"set san-retries 1 && sanboot --filename /EFI/other.efi {Uri(alone.Port)}", "failure reading sector"),
            ($"clear san-retries && sanhook --drive 0x81 {Uri(open.Port, lun: 9)}", "LUN 9 does not exist (the target has 0, 1, 2)"),
            ($"sanhook --drive 0x81 {Uri(demanding.Port)}", "no username is set"),
            ($"sanhook --drive 0x81 {Uri(demanding.Port, "me:wrong%20wrong%20wrong@")}", "username or password is wrong"),
            ($"set username me && set password my secret phrase && sanhook --drive 0x81 {Uri(demanding.Port)}", "Registered SAN device 0x81"),
            ("sanunhook --drive 0x81", "Unregistered SAN device 0x81"),
            ($"set reverse-username target && set reverse-password wrong secret && sanhook --drive 0x81 {Uri(demanding.Port)}", "mutual CHAP"),
            ($"set reverse-password another secret && sanboot --filename /EFI/save.efi {Uri(demanding.Port)}", "GRUB has written"),
        ];
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", LocalBootTests.Script(
            rows, before: "set initiator-iqn iqn.2024-01.test:box\ndhcp\nifconf -c ipv6 net0", after: $"sanboot {Uri(demanding.Port)} {Uri(second.Port)}"));
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Undriven).Device, Network = new UserNetwork { HasIPv6 = true } }],
        });
        await LocalBootTests.AssertRowsAsync(machine, rows);
        Assert.Contains("saved=by-GRUB", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(locked)));
        await machine.Serial.WaitForAsync("init runs from the disk by iSCSI", TimeSpan.FromMinutes(3));
        string log = machine.Serial.Text;
        foreach (string line in new[]
        {
            "initiator/initiator-name=iqn.2024-01.test:box", $"ethernet0/ip-addr={UserNetwork.Guest}", "ethernet0/subnet-mask=255.255.255.0",
            $"ethernet0/gateway={UserNetwork.Host}", $"target0/ip-addr={UserNetwork.Host}", $"target0/port={demanding.Port}", "target0/chap-name=me", "target0/rev-chap-name=target", "target0/lun=01000000",
            $"target0/target-name={TgtServer.Target}", "target0/flags=3", "ethernet0/flags=7", "acpi_header/signature=iBFT",
            $"ethernet1/ip-addr={UserNetwork.Guest}", "ethernet1/flags=5",
            $"target1/ip-addr={UserNetwork.Host}", $"target1/port={second.Port}", "target1/nic-assoc=1", "target1/flags=1",
        })
        {
            Assert.Contains("ibft " + line, log);
        }

        Assert.Equal(6, proxy.Cuts);
        Assert.Equal(0x46, proxy.LastRequest); // Logout, immediate (RFC 7143, 11.14).
        Assert.Equal((1, 1), (dying.Cuts, alone.Cuts));
        Assert.Equal(await File.ReadAllBytesAsync(disk), await File.ReadAllBytesAsync(sealedDisk));
        Assert.Contains("HeaderDigest=CRC32C\0DataDigest=CRC32C\0", careful1.FirstWords);
    }

    private async Task MakeDiskAsync(string path, string content)
    {
        LabRoot debian13 = await LabRoot.EnsureAsync(Console.WriteLine);
        string initrd = Directory.Combine("initrd");
        using (CpioArchive archive = debian13.NewInnerInitrd(initrd, Init, LabRoot.Iscsi))
        {
            debian13.AddIscsiStart(archive);
        }

        byte[] environment = new byte[1024];
        environment.AsSpan().Fill((byte)'#');
        "# GRUB Environment Block\n"u8.CopyTo(environment);
        string volume = Directory.Combine("disk.volume");
        await FatVolume.MakeAsync(volume, new Dictionary<string, byte[]>
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync("search --file --set=root /content.bin\nlinux /vmlinuz console=ttyS0 quiet panic=-1\ninitrd /initrd\nboot\n"),
            ["EFI/other.efi"] = await MakeGrubAsync("search --file --set=root /content.bin\nsha256sum /content.bin\nexit\n"),
            ["EFI/save.efi"] = await MakeGrubAsync(
                "search --file --set=root /content.bin\nset saved=by-GRUB\nsave_env --file ($root)/grubenv saved\necho GRUB has written\nexit\n"),
            ["grubenv"] = environment,
            ["content.bin"] = await File.ReadAllBytesAsync(content),
            ["vmlinuz"] = await File.ReadAllBytesAsync(debian13.Kernel),
            ["initrd"] = await File.ReadAllBytesAsync(initrd),
            ["bin/busybox"] = await File.ReadAllBytesAsync(debian13.Busybox),
            ["sbin/init"] = "#!/bin/busybox sh\necho init runs from the disk by iSCSI\n"u8.ToArray(),
        });
        await File.WriteAllBytesAsync(path, GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), "DISK"));
    }

    private async Task<byte[]> MakeGrubAsync(string configuration) => await File.ReadAllBytesAsync(await BootPrograms.MakeGrubAsync(
        Directory, configuration, "part_gpt", "fat", "search", "search_fs_file", "hashsum", "gcry_sha256", "linux", "boot", "loadenv"));
}
