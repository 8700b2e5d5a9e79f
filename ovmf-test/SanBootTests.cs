using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.Disks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.Boot.Tool.Commands;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Networks;
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
    private const int VlanId = 5;

    /// <summary>What GRUB does with a file of the disk's, to its end.</summary>
    private const string SumUp = "search --file --set=root /content.bin\nsha256sum /content.bin\nexit\n";

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
        NginxServer server = await ServeAsync(web, "keepalive_timeout 2s; location = /whole.iso { max_ranges 0; } location = /disk.img { keepalive_requests 2; }");
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
            ($"sanboot --filename /EFI/nosuch.efi {host}/disk.img", @"SAN device 0x80: \EFI\nosuch.efi is on no volume"),
        ];
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", LocalBootTests.Script(rows, before: "dhcp", after: $"sanboot {host}/disk.img"));
        int calling = NginxServer.FreePort();
        UserNetwork network = new() { More = [$"hostfwd=tcp:127.0.0.1:{calling}-{UserNetwork.Guest}:80"] };
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = network, Capture = true }],
        });
        await LocalBootTests.AssertRowsAsync(machine, rows);
        await machine.Serial.WaitForAsync("Linux version", TimeSpan.FromMinutes(3));
        int before = machine.Frames().Count;
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromMinutes(3));
        // The network calls, and calls again after some seconds: nobody answers.
        byte[] station = [.. MacText.Numbered(0).Bytes];
        using TcpClient caller = new();
        await caller.ConnectAsync(IPAddress.Loopback, calling);
        IReadOnlyList<byte[]> frames = await machine.WaitForFramesAsync(
            all => all.Skip(before).Count(each => each.AsSpan(0, 6).SequenceEqual(station)) >= 2);
        Assert.DoesNotContain(frames.Skip(before), each => each.AsSpan(6, 6).SequenceEqual(station));
    }

    /// <summary>
    /// What an installer leaves: an entry of its own, first and next, that leads to the disk over the network, which the firmware does not reach. The disk
    /// that <c>image disk</c> made is what it then boots, and from there that entry; at the next start too. Beside it stand disks that lie.
    /// </summary>
    [Fact]
    public async Task DiskWithAScript_BootsTheInstallersEntryOfADiskOverTheNetwork_AndLeavesToTheNext_AtEachStart()
    {
        string web = Directory.CreateDirectory("web");
        string small = Path.Combine(web, "small.img");
        await MakeDiskAsync(small, new()
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync("echo GRUB default\nexit\n"),
            ["EFI/installed.efi"] = await MakeGrubAsync("echo GRUB installed\nexit\n"),
            ["EFI/noprogram.efi"] = new byte[1000],
        });
        byte[] disk = await File.ReadAllBytesAsync(small);
        MakeLargeDisk(disk, Path.Combine(web, "large.img"));
        await File.WriteAllBytesAsync(Path.Combine(web, "cut.img"), disk.AsSpan(0, (2048 + 200) * 512).ToArray());
        await MakeIsoAsync(Path.Combine(web, "lying.iso"));
        MisleadElTorito(Path.Combine(web, "lying.iso"));
        NginxServer server = await ServeAsync(web);
        string host = $"http://{UserNetwork.Host}:{server.Port}";
        (string Command, string Expected)[] rows =
        [
            ($"sanboot {host}/large.img", "GRUB installed"),
            ($"sanboot --filename /EFI/BOOT/BOOTX64.EFI {host}/large.img", "GRUB default"),
            ($"sanboot --filename /EFI/noprogram.efi {host}/large.img", "SAN device 0x80: \\EFI\\noprogram.efi: "),
            ($"sanboot {host}/cut.img", "sanboot: SAN device 0x80: "),
            ($"sanboot {host}/lying.iso", "there is nothing to boot on it"),
        ];
        string script = LocalBootTests.Script(rows, before: "dhcp", after: "exit");
        (byte[] medium, _) = await ImageDiskCommand.MakeAsync(
            [Repository.Image(Architecture.X64, "netboot-snponly.efi")], "x64", Encoding.ASCII.GetBytes(script), isIso: false);
        string own = Directory.Combine("own.img");
        await File.WriteAllBytesAsync(own, medium);
        string next = Directory.Combine("next.img");
        await MakeDiskAsync(next, new() { ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync("echo GRUB of the next entry\nreboot\n") });
        VirtualMachine machine = await StartAsync(new()
        {
            ExitOnReset = false,
            Variables = store =>
            {
                store.AddBoot("installed", LocalBootTests.Partition(new Guid(disk.AsSpan(1024 + 16, 16))).FilePath(@"\EFI\installed.efi"));
                store.Set("BootNext", [0, 1]);
            },
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
            More = LocalBootTests.Attach(own, next),
        });
        await LocalBootTests.AssertRowsAsync(machine, rows);
        Assert.Equal(2, Regex.Count(machine.Serial.Text[..machine.Serial.Text.IndexOf("row 0", StringComparison.Ordinal)], "failed to load Boot0100"));
        await machine.Serial.WaitForAsync(@"GRUB of the next entry[\s\S]*failed to load Boot0100[\s\S]*GRUB installed", TimeSpan.FromMinutes(2));
    }

    /// <summary>
    /// AAVMF. From the disk by iSCSI a second NetBoot, whose script is on the disk, and which ends; from that by HTTP Linux itself: all of it has been
    /// read when it says something.
    /// </summary>
    [Fact]
    public async Task Disks_AreBootedOnAa64()
    {
        string web = Directory.CreateDirectory("web");
        string linux = Directory.CreateDirectory("linux");
        LinkLinuxInto(linux, "arm64");
        string disk = Path.Combine(web, "disk.img");
        await MakeDiskAsync(disk, new()
        {
            ["EFI/BOOT/BOOTAA64.EFI"] = await File.ReadAllBytesAsync(Path.Combine(linux, "linux")),
            ["EFI/again/netboot.efi"] = await File.ReadAllBytesAsync(Repository.Image(Architecture.Aa64, "netboot-snponly.efi")),
            ["EFI/again/autoexec.ipxe"] = "#!ipxe\necho script of the disk by iSCSI\nexit\n"u8.ToArray(),
        });
        NginxServer server = await ServeAsync(web);
        TgtServer target = Own(await TgtServer.StartAsync(disk));
        SystemPartition partition = NewPartition(Architecture.Aa64);
        partition.SetApplication(Repository.Image(Architecture.Aa64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp
            sanboot --filename /EFI/again/netboot.efi iscsi:{UserNetwork.Host}::{target.Port}:1:{TgtServer.Target} ||
            sanboot http://{UserNetwork.Host}:{server.Port}/disk.img
            """ + "\n");
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = Architecture.Aa64,
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
        });
        await machine.Serial.WaitForAsync("EFI stub: Exiting boot services", TimeSpan.FromMinutes(3));
        Assert.Contains("script of the disk by iSCSI", machine.Serial.Text);
    }

    /// <summary>
    /// Two NICs on a switch: the disk comes over the first, by each way that there is, and GRUB has the other. The server ends each connection after two
    /// parts, so that most are made while GRUB reads.
    /// </summary>
    [NamespaceFact]
    [Trait("Kind", "Lab")]
    public async Task Disks_ByTlsByIPv6AndInAVlan_AreRead_WhileWhatWasStartedHasTheOtherNic()
    {
        const string Host6 = "2001:db8:1::1";
        const string VlanHost = "198.51.100.1";
        string web = Directory.CreateDirectory("web");
        string content = WriteRandom(web, ContentLength);
        string sum = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(content)));
        await MakeDiskAsync(Path.Combine(web, "disk.img"), new()
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync(SumUp),
            ["EFI/second.efi"] = await MakeGrubAsync(
                $"net_ls_cards\nnet_add_addr second efinet1 192.0.2.77\nsearch --file --set=disk /content.bin\ncmp (http,{TapHost})/content.bin ($disk)/content.bin\nexit\n"),
            ["content.bin"] = await File.ReadAllBytesAsync(content),
        });
        TestCertificate root = TestCertificate.MakeRoot("Test Root", KeyKind.Rsa2048);
        const string Often = "keepalive_requests 2;";
        TlsHost tls = new(TapHost, root.IssueServer(TapHost, KeyKind.Rsa2048), Often) { Port = 4443 };
        EthernetSwitch between = Own(new EthernetSwitch());
        (SwitchPort first, SwitchPort second, SwitchPort servers, SwitchPort vlan) = (between.AddPort(), between.AddPort(), between.AddPort(), between.AddPort());
        first.IsTrunk = true;
        vlan.Vlan = VlanId;
        NetworkNamespace inside = await NewNetworkAsync();
        await inside.AddIPv6AddressAsync("tap0", Host6 + "/64");
        await inside.AddTapAsync("tap1", VlanHost + "/24");
        NginxServer server = Own(await NginxServer.StartAsync(
            web, $"listen [{Host6}]:80; listen {VlanHost}:80; {Often} location = /moved.img {{ return 302 https://{TapHost}:4443/disk.img; }}", TapHost, inside, tls));
        (string Command, string Expected)[] rows =
        [
            ($"sanboot https://{TapHost}:4443/disk.img", $"{sum}  "),
            ($"sanboot http://{TapHost}/moved.img", $"{sum}  "),
            ($"sanboot http://[{Host6}]/disk.img", $"{sum}  "),
            ($"sanboot http://{VlanHost}/disk.img", $"{sum}  "),
            ($"sanboot --filename /EFI/second.efi https://{TapHost}:4443/disk.img", "The files are identical"),
            ($"sanboot https://{VlanHost}:4443/disk.img", "refused"),
        ];
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", LocalBootTests.Script(rows, before: $"""
            set net0/ip 192.0.2.76
            set net0/netmask 255.255.255.0
            set net0/ip6 2001:db8:1::99
            ifopen net0
            vcreate --tag {VlanId} net0
            set net0-{VlanId}/ip 198.51.100.76
            set net0-{VlanId}/netmask 255.255.255.0
            ifopen net0-{VlanId}
            """));
        VirtualMachine machine = await StartAsync(new()
        {
            Namespace = inside,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                store.TrustForHttps(root.Der);
            },
            Nics =
            [
                new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = first, Capture = true },
                new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = second, Capture = true },
            ],
            More = [.. servers.ArgumentsFor(new TapNetwork("tap0")), .. vlan.ArgumentsFor(new TapNetwork("tap1"))],
        });
        await LocalBootTests.AssertRowsAsync(machine, rows);
        byte[] station = [.. MacText.Numbered(1).Bytes];
        long sent = machine.Frames(1).Where(each => each.AsSpan(0, 6).SequenceEqual(station)).Sum(each => (long)each.Length);
        Assert.True(sent > ContentLength, $"the second NIC has received {sent} bytes");
        Assert.True(server.AccessLog.Split('\n').Count(line => line.Contains("disk.img", StringComparison.Ordinal)) > 20, server.AccessLog);
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
    private async Task MakeDiskAsync(string path, string linux, string content) =>
        await MakeDiskAsync(path, new()
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync(
                "search --file --set=root /content.bin\nlinux /vmlinuz console=ttyS0\ninitrd /initrd.gz\nboot\n"),
            ["EFI/other.efi"] = await MakeGrubAsync(SumUp),
            ["content.bin"] = await File.ReadAllBytesAsync(content),
            ["vmlinuz"] = await File.ReadAllBytesAsync(Path.Combine(linux, "linux")),
            ["initrd.gz"] = await File.ReadAllBytesAsync(Path.Combine(linux, "initrd.gz")),
        });

    private async Task MakeDiskAsync(string path, Dictionary<string, byte[]> files)
    {
        string volume = Directory.Combine("disk.volume");
        await FatVolume.MakeAsync(volume, files);
        await File.WriteAllBytesAsync(path, GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), "DISK"));
    }

    /// <summary>The same partition on a disk of over 4 GiB, beyond them; most of the file is not there.</summary>
    private static void MakeLargeDisk(ReadOnlySpan<byte> small, string path)
    {
        const int Sector = 512;
        const long First = (5L << 30) / Sector;
        long last = First + BinaryPrimitives.ReadInt64LittleEndian(small[(2 * Sector + 40)..]) - BinaryPrimitives.ReadInt64LittleEndian(small[(2 * Sector + 32)..]);
        byte[] tables = small[..(34 * Sector)].ToArray();
        Span<byte> header = tables.AsSpan(Sector, 92);
        Span<byte> entries = tables.AsSpan(2 * Sector);
        BinaryPrimitives.WriteInt64LittleEndian(entries[32..], First);
        BinaryPrimitives.WriteInt64LittleEndian(entries[40..], last);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], last + 34); // where a second table would be
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], last);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32(entries));
        header.Slice(16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32(header));
        using FileStream file = File.Create(path);
        file.SetLength((last + 35) * Sector);
        file.Write(tables);
        file.Position = First * Sector;
        file.Write(small.Slice(2048 * Sector, (int)(last + 1 - First) * Sector));
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in bytes)
        {
            crc ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }

    /// <summary>El Torito's first entry leads far beyond the end (El Torito 1.0, figure 3 and 7), and no partition table says better.</summary>
    private static void MisleadElTorito(string path)
    {
        const int Block = 2048;
        byte[] image = File.ReadAllBytes(path);
        image.AsSpan(0, 16 * Block).Clear();
        int catalog = BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(17 * Block + 0x47)) * Block;
        Assert.Equal(1, image[catalog]);
        for (int entry = catalog + 32; entry < catalog + Block; entry += 32)
        {
            if (image[entry] == 0x88)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(entry + 8), 0x7FFF_FFFF);
            }
        }

        File.WriteAllBytes(path, image);
    }

    private async Task<byte[]> MakeGrubAsync(string configuration) => await File.ReadAllBytesAsync(await BootPrograms.MakeGrubAsync(
        Directory, configuration, "cmp", "part_gpt", "reboot", "fat", "search", "search_fs_file", "hashsum", "gcry_sha256", "linux", "boot"));
}
