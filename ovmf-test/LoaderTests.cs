using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// Boot loaders of others, started from a script as Boot/Docs/loaders.md has it, and the files that they find: those that come back one after the
/// other on one machine, with one that does not as its end.
/// </summary>
public sealed class LoaderTests : FirmwareTest
{
    private const string Hello = "read among the images";

    /// <summary>Debian's GRUB looks there, on the volume that it comes from.</summary>
    private const string GrubFolder = "debian-installer/amd64/grub";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    /// <summary>A line of a script, and what is seen then.</summary>
    private sealed record Row(string Command, params string[] Expected);

    [Fact]
    public async Task Loaders_FindTheImages_AndSystemdBootStartsAKernelWithInitrdFromThere()
    {
        string web = await NewWebAsync(Architecture.X64);
        await MakeWimAsync(web);
        File.Copy(
            await BootPrograms.MakeGrubAsync(
                Directory, "echo GRUB from $cmdpath\nsearch --file --set=root /data/hello.txt\ncat /DATA/hello.txt\nsha256sum /winpe.wim\nexit\n",
                "fat", "part_msdos", "search", "search_fs_file", "hashsum", "gcry_sha256"),
            Path.Combine(web, "grub.efi"));
        File.Copy(await BootPrograms.MakeGrubAsync(Directory, "source $prefix/grub.cfg\n", "fat"), Path.Combine(web, "grubcfg.efi"));
        File.Copy(BootPrograms.SystemdBoot, Path.Combine(web, "systemd-bootx64.efi"));
        await File.WriteAllTextAsync(Path.Combine(web, "loader.conf"), "timeout 0\n");
        await File.WriteAllTextAsync(Path.Combine(web, "entry.conf"), "title Linux\nlinux /linux\ninitrd /initrd.gz\noptions console=ttyS0,115200 netboot.systemd\n");
        NginxServer server = await ServeAsync(web);
        string wim = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(web, "winpe.wim"))));
        Row[] rows =
        [
            new("imgfetch --name data/hello.txt ${u}hello.txt && imgfetch ${u}winpe.wim && chain ${u}grub.efi", Hello, $"{wim}  "),
            new("imgfetch --name data/hello.txt ${u}hello.txt && imgfetch ${u}winpe.wim && chain file:/grub.efi", "GRUB from (hd", Hello, $"{wim}  "),
            new("imgfetch --name grub/grub.cfg ${u}grub.cfg && imgfetch ${u}hello.txt && chain ${u}grubcfg.efi", "GRUB at (hd", Hello, "read over the network"),
            ShimRow("x64", GrubFolder),
            new("imgfetch ${u}startup.nsh && imgfetch ${u}hello.txt && chain ${u}shell.efi -delay 0", "beside: images", "the shell's script ends"),
            new("imgfetch ${u}startup.nsh && imgfetch ${u}hello.txt && chain file:/shell.efi -delay 0", "beside: images partition", "the shell's script ends"),
            WimbootRow(web),
        ];
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Add(Path.Combine(web, "grub.efi"), "grub.efi");
        partition.Add(Path.Combine(web, "shell.efi"), "shell.efi");
        partition.Write("own.txt", "on the partition");
        string last = string.Join('\n',
            "imgfree", "imgfetch --name loader/loader.conf ${u}loader.conf", "imgfetch --name loader/entries/linux.conf ${u}entry.conf", "imgfetch ${u}linux",
            "imgfetch ${u}initrd.gz", "chain ${u}systemd-bootx64.efi");
        VirtualMachine machine = await StartAsync(partition, server, rows, last);
        await AssertRowsAsync(machine, rows);
        await machine.Serial.WaitForAsync("Command line: .*console=ttyS0,115200 netboot.systemd", s_patience);
        await machine.Serial.WaitForAsync("Run /init as init process", s_patience);
    }

    [Fact]
    public async Task Loaders_OnAArch64_FindTheImages()
    {
        string web = await NewWebAsync(Architecture.Aa64);
        await MakeWimAsync(web);
        NginxServer server = await ServeAsync(web);
        Row[] rows =
        [
            ShimRow("aa64", "debian-installer/arm64/grub"),
            new("imgfetch ${u}startup.nsh && imgfetch ${u}hello.txt && chain file:/shell.efi -delay 0", "beside: images partition", "the shell's script ends"),
            WimbootRow(web),
        ];
        SystemPartition partition = NewPartition(Architecture.Aa64);
        partition.SetApplication(Repository.Image(Architecture.Aa64, "netboot.efi"));
        partition.Add(Path.Combine(web, "shell.efi"), "shell.efi");
        partition.Write("own.txt", "on the partition");
        VirtualMachine machine = await StartAsync(partition, server, rows, "shell", Architecture.Aa64);
        await AssertRowsAsync(machine, rows);
    }

    /// <summary>
    /// Shim is signed by Microsoft; GRUB and the kernel by Debian, which only shim trusts. GRUB is what the command shim has started, and then what shim
    /// finds for itself. All but the application are images.
    /// </summary>
    [Fact]
    public async Task ShimAndGrub_WithSecureBoot_StartAKernelFromTheImages()
    {
        string web = NewFolder("web", ("exit.cfg", "echo GRUB at $prefix\nexit\n"), ("grub.cfg", "echo GRUB begins\nlinux /linux console=ttyS0,115200 netboot.grub\ninitrd /initrd.gz\nboot\n"));
        LinkLinuxInto(web);
        NginxServer server = await ServeAsync(web);
        string application = Directory.Combine("netboot.efi");
        await (await Snakeoil.SignerAsync(Directory)).SignAsync(Repository.Image(Architecture.X64, "netboot.efi"), application);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(application);
        partition.Write("EFI/BOOT/autoexec.ipxe", $$"""
            #!ipxe
            dhcp
            set u http://{{UserNetwork.Host}}:{{server.Port}}/
            imgfetch --name {{GrubFolder}}/grub.cfg ${u}exit.cfg
            kernel ${u}grubx64.efi
            shim --require-loader ${u}shim.efi
            boot ||
            echo GRUB by the command shim has ended
            imgfree
            imgfetch ${u}grubx64.efi
            imgfetch --name {{GrubFolder}}/grub.cfg ${u}grub.cfg
            imgfetch ${u}linux
            imgfetch ${u}initrd.gz
            chain ${u}shim.efi || echo shim failed
            """ + "\n");
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = Architecture.X64SecureBoot,
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                store.Trust("/usr/share/OVMF/OVMF_VARS_4M.ms.fd");
                partition.WriteVariables(store);
            },
            Nics = [new GuestNic()],
        });
        await machine.Serial.WaitForAsync(@"GRUB at \(hd[\s\S]*GRUB by the command shim has ended", s_patience);
        await machine.Serial.WaitForAsync("GRUB begins|shim failed", s_patience);
        await machine.Serial.WaitForAsync("Command line: .*console=ttyS0,115200 netboot.grub", s_patience);
        await machine.Serial.WaitForAsync("Secure boot enabled", s_patience);
        await machine.Serial.WaitForAsync("Run /init as init process", s_patience);
    }

    /// <summary>It begins its tests, and says so on the console that its command line names. It wants a screen too.</summary>
    [Fact]
    public async Task Memtest86_Starts_WithItsCommandLine()
    {
        string web = NewFolder("web");
        File.Copy(BootPrograms.Memtest, Path.Combine(web, "memtest.efi"));
        NginxServer server = await ServeAsync(web);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        WriteScript(partition, server, [], "chain ${u}memtest.efi console=ttyS0,115200 nosmp");
        VirtualMachine machine = Own(await VirtualMachine.StartAsync(new()
        {
            SystemPartition = partition.Root,
            Nics = [new GuestNic()],
            More = ["-device", "VGA,addr=0x7,romfile="],
        }));
        await machine.Serial.WaitForAsync("Memtest86", TimeSpan.FromMinutes(1));
        await machine.Serial.WaitForAsync("Pass", TimeSpan.FromMinutes(1));
    }

    private static Row ShimRow(string processor, string folder) => new(
        $"imgfetch ${{u}}grub{processor}.efi && imgfetch --name {folder}/grub.cfg ${{u}}grub.cfg && imgfetch ${{u}}hello.txt && chain ${{u}}shim.efi", "GRUB at (hd", Hello, "read over the network");

    /// <summary>wimboot itself is nowhere to be had: the agent does with the files what it does.</summary>
    private static Row WimbootRow(string web) => new(
        "kernel ${u}agent.efi then files BCD Boot.SDI BOOT.WIM BootMgfw.efi && initrd ${u}bcd BCD && initrd ${u}boot.sdi boot.sdi && initrd ${u}bootmgfw.efi && " +
        "initrd --name boot.wim ${u}winpe.wim && boot",
        [
            .. new[] { ("bcd", "bcd", "BCD"), ("boot.sdi", "boot.sdi", "Boot.SDI"), ("boot.wim", "winpe.wim", "BOOT.WIM"), ("bootmgfw.efi", "bootmgfw.efi", "BootMgfw.efi") }
                .SelectMany(each => Summary(Path.Combine(web, each.Item2), each.Item1, each.Item3)),
            "0 failed",
        ]);

    /// <summary>What the agent says of a file.</summary>
    private static string[] Summary(string path, string listed, string opened)
    {
        byte[] content = File.ReadAllBytes(path);
        ulong sum = 0;
        for (int i = 0; i < content.Length; i++)
        {
            sum += (content[i] + 1UL) * ((ulong)i + 1);
        }

        return [$"lists {listed} {content.Length}", $"file {opened} of {content.Length} sums up to {sum}"];
    }

    /// <summary>A folder with what both processors' tests serve.</summary>
    private async Task<string> NewWebAsync(Architecture architecture)
    {
        string web = NewFolder(
            "web", ("hello.txt", Hello), ("grub.cfg", $"echo GRUB at $prefix\ncat /hello.txt\nnet_bootp\ncat (tftp,{UserNetwork.Host})/net.txt\nexit\n"), ("startup.nsh", """
                @echo -off
                for %m in 0 1 2 3 4 5 6 7
                  if exist fs%m:\hello.txt then
                    if exist fs%m:\own.txt then
                      echo beside: images partition
                    else
                      echo beside: images
                    endif
                  endif
                endfor
                echo the shell's script ends
                exit
                """));
        LinkLinuxInto(web, architecture == Architecture.Aa64 ? "arm64" : "amd64");
        File.Copy(await BootPrograms.ExtractShellAsync(Directory, architecture), Path.Combine(web, "shell.efi"));
        File.Copy(Repository.Image(architecture, "agent.efi"), Path.Combine(web, "agent.efi"));
        return web;
    }

    /// <summary>What wimboot is given: a wim with the boot manager's like inside, and files of no meaning.</summary>
    private async Task MakeWimAsync(string web)
    {
        string tree = Directory.CreateDirectory("windows/Windows/Boot/EFI");
        byte[] manager = new byte[1_500_001];
        new Random(1).NextBytes(manager);
        await File.WriteAllBytesAsync(Path.Combine(tree, "bootmgfw.efi"), manager);
        await File.WriteAllBytesAsync(Path.Combine(web, "bootmgfw.efi"), manager);
        await File.WriteAllBytesAsync(Path.Combine(web, "bcd"), manager[..16_384]);
        await File.WriteAllBytesAsync(Path.Combine(web, "boot.sdi"), manager[..100_003]);
        await ChildProcess.RunAsync("wimlib-imagex", ["capture", Directory.Combine("windows"), Path.Combine(web, "winpe.wim"), "--boot", "--compress=none"], "wimtools");
    }

    private static void WriteScript(SystemPartition partition, NginxServer server, Row[] rows, string last)
    {
        StringBuilder script = new($"#!ipxe\ndhcp\nset u http://{UserNetwork.Host}:{server.Port}/\n");
        for (int i = 0; i < rows.Length; i++)
        {
            script.Append($"echo row {i} begins\nimgfree\n{rows[i].Command} ||\n");
        }

        partition.Write("EFI/BOOT/autoexec.ipxe", script.Append($"echo rows end\n{last}\n").ToString());
    }

    private Task<VirtualMachine> StartAsync(SystemPartition partition, NginxServer server, Row[] rows, string last, Architecture? architecture = null)
    {
        WriteScript(partition, server, rows, last);
        return StartAsync(new()
        {
            Architecture = architecture ?? Architecture.X64,
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Network = new UserNetwork { TftpRoot = NewFolder("tftp", ("net.txt", "read over the network")) } }],
        });
    }

    private static async Task AssertRowsAsync(VirtualMachine machine, Row[] rows)
    {
        await machine.Serial.WaitForAsync("rows end", TimeSpan.FromMinutes(4));
        string[] parts = Regex.Split(machine.Serial.Text, "row [0-9]+ begins");
        Assert.Equal(rows.Length + 1, parts.Length);
        string[] wrong =
        [
            .. rows.Zip(parts.Skip(1)).SelectMany(each => each.First.Expected.Where(text => !each.Second.Contains(text, StringComparison.Ordinal))
                .Select(text => $"{each.First.Command}, to say {text}: {each.Second}")),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }
}
