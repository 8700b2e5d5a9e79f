using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.Disks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// Boot from the machine's own disks, with GRUB and with systemd-boot. GRUB comes back, so that one machine tries all; systemd-boot shows its menu instead.
/// </summary>
public sealed class LocalBootTests : FirmwareTest
{
    private const byte FirstSlot = 0x10;

    private static readonly (string Command, string Expected)[] s_rows =
    [
        ("sanboot --no-describe --drive 0x80", "GRUB default of first"),
        ("sanboot --drive 0x81", "GRUB default of second"),
        ("localboot", "GRUB default of first"),
        ("localboot --disk 1", "GRUB default of second"),
        ("localboot --label SECOND", "GRUB default of second"),
        ("localboot --filename /EFI/other.efi", "GRUB other of second"),
        ("localboot --label FIRST --extra /EFI/other.efi", @"\EFI\other.efi is on no volume of those asked for"),
        ("localboot --disk 7", "there is no disk 7: there are 3"),
        ("localboot --entry nosuch", "no such boot entry: nosuch"),
    ];

    [Fact]
    public async Task Disks_AreBooted_AsIsAsked()
    {
        (string first, _) = await MakeFirstAsync();
        (string second, Guid partition) = await MakeSecondAsync();
        SystemPartition partitionOfApp = NewPartition(Architecture.X64);
        partitionOfApp.SetApplication(Repository.Image(Architecture.X64, "netboot-snponly.efi"));
        (string Command, string Expected)[] rows =
        [
            .. s_rows, ($"localboot --uuid {partition}", "GRUB default of second"),
            ("imgfetch --name note/of-the-script file:/own.txt && localboot --label SECOND --filename /EFI/finds.efi", "a note of the script"),
        ];
        partitionOfApp.Write("EFI/BOOT/autoexec.ipxe", Script(rows));
        partitionOfApp.Write("own.txt", "a note of the script\n");
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partitionOfApp.Root, Nics = [], More = Attach(first, second) });
        await AssertRowsAsync(machine, rows);
    }

    /// <summary>What the firmware has an option for comes first, with the option's data; the application's own option is not taken for one.</summary>
    [Fact]
    public async Task Disks_WithBootOptions_AreBootedByThem()
    {
        (string first, Guid firstPartition) = await MakeFirstAsync();
        (string second, Guid secondPartition) = await MakeSecondAsync();
        SystemPartition partitionOfApp = NewPartition(Architecture.X64);
        partitionOfApp.SetApplication(Repository.Image(Architecture.X64, "netboot-snponly.efi"));
        (string Command, string Expected)[] rows =
        [
            ("sanboot --no-describe --drive 0x80", "GRUB installed of first"),
            ("sanboot --drive 0x81", "GRUB other of second"),
            ("localboot --entry third", "no such boot entry: third"),
            ("localboot --entry second", "GRUB other of second"),
            ("localboot --entry Boot0103", "GRUB other of second"),
        ];
        partitionOfApp.Write("EFI/BOOT/autoexec.ipxe", Script(rows));
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partitionOfApp.Root,
            Variables = store =>
            {
                store.AddBoot("NetBoot", MachinePath.SystemPartition().FilePath(@"\EFI\BOOT\BOOTX64.EFI"));
                store.AddBoot("stale", Partition(Guid.NewGuid()).FilePath(@"\EFI\gone.efi"));
                store.AddBoot("first", Partition(firstPartition).FilePath(@"\EFI\installed.efi"));
                store.AddBoot("Second", Partition(secondPartition).FilePath(@"\EFI\other.efi"), "data");
            },
            Nics = [],
            More = Attach(first, second),
        });
        await AssertRowsAsync(machine, rows);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Exit_LeavesToTheNextBootOption(bool hasOptions)
    {
        (string first, Guid partition) = await MakeFirstAsync();
        SystemPartition partitionOfApp = NewPartition(Architecture.X64);
        partitionOfApp.SetApplication(Repository.Image(Architecture.X64, "netboot-snponly.efi"));
        partitionOfApp.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\necho script runs\nexit\n");
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partitionOfApp.Root,
            Variables = store =>
            {
                if (hasOptions)
                {
                    store.AddBoot("NetBoot", MachinePath.SystemPartition().FilePath(@"\EFI\BOOT\BOOTX64.EFI"));
                    store.AddBoot("first", Partition(partition).FilePath(@"\EFI\installed.efi"));
                }
            },
            Nics = [],
            More = Attach(first),
        });
        await machine.Serial.WaitForAsync("script runs");
        await machine.Serial.WaitForAsync($"GRUB {(hasOptions ? "installed" : "default")} of first");
    }

    /// <summary>Its configuration is the disk's, its only entry comes from the script, and what that starts is the disk's again.</summary>
    [Fact]
    public async Task SystemdBoot_FromTheSecondDisk_StartsAnEntryThatTheScriptPutsBesideItsFiles()
    {
        (string first, _) = await MakeFirstAsync();
        (string second, _) = await MakeDiskAsync("SYSTEMD", new()
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await File.ReadAllBytesAsync(BootPrograms.SystemdBoot),
            ["loader/loader.conf"] = "timeout 0\n"u8.ToArray(),
            ["EFI/started.efi"] = await MakeGrubAsync("by systemd-boot"),
        });
        SystemPartition partitionOfApp = NewPartition(Architecture.X64);
        partitionOfApp.SetApplication(Repository.Image(Architecture.X64, "netboot-snponly.efi"));
        partitionOfApp.Write("entry", "title GRUB\nefi /EFI/started.efi\n");
        partitionOfApp.Write(
            "EFI/BOOT/autoexec.ipxe", "#!ipxe\nimgfetch --name loader/entries/grub.conf file:/entry\nsanboot --no-describe --drive 0x81\n");
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partitionOfApp.Root, Nics = [], More = Attach(first, second) });
        await machine.Serial.WaitForAsync("GRUB by systemd-boot");
    }

    /// <summary>A script of commands, each of which may fail, for <see cref="AssertRowsAsync"/>.</summary>
    internal static string Script((string Command, string Expected)[] rows, string before = "", string after = "shell")
    {
        StringBuilder script = new($"#!ipxe\n{before}\n");
        for (int i = 0; i < rows.Length; i++)
        {
            script.Append($"echo row {i} begins\n{rows[i].Command} ||\n");
        }

        return script.Append($"echo rows end\n{after}\n").ToString();
    }

    internal static async Task AssertRowsAsync(VirtualMachine machine, (string Command, string Expected)[] rows)
    {
        await machine.Serial.WaitForAsync("rows end", TimeSpan.FromMinutes(3));
        string[] parts = Regex.Split(machine.Serial.Text, "row [0-9]+ begins");
        Assert.Equal(rows.Length + 1, parts.Length);
        string[] wrong =
        [
            .. rows.Select((row, i) => (row, Said: parts[i + 1])).Where(each => !each.Said.Contains(each.row.Expected, StringComparison.Ordinal))
                .Select(each => $"{each.row.Command}, to say {each.row.Expected}: {each.Said}"),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    private async Task<(string Disk, Guid Partition)> MakeFirstAsync() => await MakeDiskAsync("FIRST", new()
    {
        ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync("default of first"),
        ["EFI/installed.efi"] = await MakeGrubAsync("installed of first"),
    });

    private async Task<(string Disk, Guid Partition)> MakeSecondAsync() => await MakeDiskAsync("SECOND", new()
    {
        ["EFI/BOOT/BOOTX64.EFI"] = await MakeGrubAsync("default of second"),
        ["EFI/other.efi"] = await MakeGrubAsync("other of second"),
        ["EFI/finds.efi"] = await File.ReadAllBytesAsync(await BootPrograms.MakeGrubAsync(
            Directory, "search --file --set=root /note/of-the-script\ncat /note/of-the-script\nexit\n", "fat", "search", "search_fs_file")),
    });

    private async Task<byte[]> MakeGrubAsync(string name) =>
        await File.ReadAllBytesAsync(await BootPrograms.MakeGrubAsync(Directory, $"echo GRUB {name}\nexit\n"));

    /// <summary>A disk with a GUID partition table and one FAT volume.</summary>
    private async Task<(string Disk, Guid Partition)> MakeDiskAsync(string label, Dictionary<string, byte[]> files)
    {
        string volume = Directory.Combine($"{label}.volume");
        await FatVolume.MakeAsync(volume, files);
        await ChildProcess.RunAsync("mlabel", ["-i", volume, $"::{label}"], "mtools");
        byte[] content = GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), label);
        string disk = Directory.Combine($"{label}.disk");
        await File.WriteAllBytesAsync(disk, content);
        return (disk, new Guid(content.AsSpan(1024 + 16, 16)));
    }

    internal static string[] Attach(params string[] disks) =>
    [
        .. disks.SelectMany((disk, i) => new[]
        {
            "-drive", $"if=none,id=local{i},format=raw,file={disk}", "-device", $"virtio-blk-pci,drive=local{i},romfile=,addr=0x{FirstSlot + i:x}",
        }),
    ];

    /// <summary>The short form of a path to a partition (UEFI 2.10, 3.1.2).</summary>
    internal static DevicePathBuilder Partition(Guid guid)
    {
        byte[] node = new byte[38];
        BinaryPrimitives.WriteUInt32LittleEndian(node, 1);
        BinaryPrimitives.WriteUInt64LittleEndian(node.AsSpan(4), 2048);
        guid.TryWriteBytes(node.AsSpan(20));
        node[36] = 2; // GPT
        node[37] = 2; // a GUID
        return new DevicePathBuilder().Node(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, HARDDRIVE_DEVICE_PATH.MEDIA_HARDDRIVE_DP, node);
    }
}
