using System;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Drivers in the UEFI shell's hands: what its commands show of them, and do to them.</summary>
public sealed class ShellTests : FirmwareTest
{
    [Theory]
    [InlineData("x64", CardRole.Undriven)]
    [InlineData("aa64", CardRole.OtherUndriven)]
    public async Task Driver_ShowsInTheShell_IsReconnectedAndUnloaded(string architecture, CardRole nic)
    {
        Card card = CardCatalogue.Get(nic);
        string image = card.DriverFile;
        string driver = card.Family.Driver!.Name;
        string model = card.Family.Product;
        Architecture kind = Architecture.Named(architecture);
        SystemPartition partition = NewPartition(kind);
        partition.Add(Repository.Image(kind, image), image);
        VirtualMachine machine = await StartShellAsync(kind, partition, card, "-nostartup");
        await machine.Serial.WaitForAsync("Shell> ");

        Assert.Contains("- Success", await RunAsync($@"load fs0:\{image}"));

        // DRV VERSION TYPE CFG DIAG #D #C NAME IMAGE (UEFI Shell 2.2, drivers); the name's column is 35 wide.
        string row = $@"^ *([0-9A-F]+) +00000020 +([BD?]) +- +X +([\d-]+) +([\d-]+) +{driver[..Math.Min(driver.Length, 35)]}";
        Match bound = await MatchAsync("drivers", row);
        Assert.Equal(("B", "1", "1"), (bound.Groups[2].Value, bound.Groups[3].Value, bound.Groups[4].Value));
        string handle = bound.Groups[1].Value;

        string tree = await RunAsync("devtree");
        Expect($@"Ctrl\[[0-9A-F]+\] {model}\n", tree);
        Expect($@"Ctrl\[[0-9A-F]+\] {model} 52:54:00:12:34:56\n", tree);

        string details = await RunAsync($"dh -d {handle}");
        Expect($@"Driver Name \[{handle}\] +: {driver}\n", details);
        Expect($@"Ctrl\[[0-9A-F]+\] +: {model}\n", details);
        string controller = Regex.Match(details, $@"Ctrl\[([0-9A-F]+)\] +: {model}\n").Groups[1].Value;
        Expect($@"Child\[[0-9A-F]+\] +: {model} 52:54:00:12:34:56", details);

        Expect("(?i)pass|success", await RunAsync($"drvdiag -s {handle} {controller}"));
        Expect("(?i)success", await RunAsync($"reconnect {controller} {handle}"));
        Expect("(?i)success", await RunAsync($"disconnect {controller}"));
        Match idle = await MatchAsync("drivers", row);
        Assert.Equal(("-", "-"), (idle.Groups[3].Value, idle.Groups[4].Value));
        Expect("(?i)success", await RunAsync($"connect {controller}"));
        Assert.Equal("1", (await MatchAsync("drivers", row)).Groups[3].Value);
        Expect("(?i)success", await RunAsync($"unload -n {handle}"));
        Assert.DoesNotContain("NetBoot", await RunAsync("drivers"));
        Assert.DoesNotContain(model, await RunAsync("devtree"));

        async Task<string> RunAsync(string command)
        {
            int start = machine.Serial.Text.Length;
            await machine.Serial.SendAsync(command + "\r");
            await machine.Serial.WaitForAsync(@"\n\S*Shell> ");
            return machine.Serial.Text[start..].Replace("\r", "");
        }

        static void Expect(string pattern, string output) => Assert.True(Regex.IsMatch(output, pattern), $"no {pattern} in:\n{output}");

        async Task<Match> MatchAsync(string command, string pattern)
        {
            string output = await RunAsync(command);
            Match match = Regex.Match(output, pattern, RegexOptions.Multiline);
            Assert.True(match.Success, output);
            return match;
        }
    }

    [Fact]
    public async Task StartupScript_LoadsTheDriver_ForTheApplication()
    {
        NginxServer server = await ServeAsync(NewFolder("web", ("hello.txt", "hello")));
        SystemPartition partition = NewPartition(Architecture.X64);
        Card card = CardCatalogue.Get(CardRole.Undriven);
        partition.Add(Repository.Image(Architecture.X64, card.DriverFile), card.DriverFile);
        partition.Add(Repository.Image(Architecture.X64, "netboot-snponly.efi"), "netboot-snponly.efi");
        partition.Write("startup.nsh", $"""
            fs0:
            load {card.DriverFile}
            netboot-snponly.efi
            echo the end
            """);
        partition.Write("autoexec.ipxe", $"#!ipxe\ndhcp && imgfetch http://{UserNetwork.Host}:{server.Port}/hello.txt && echo fetched\n");
        VirtualMachine machine = await StartShellAsync(Architecture.X64, partition, card, "-delay 0");
        await machine.Serial.WaitForAsync("- Success");
        await machine.Serial.WaitForAsync("fetched\r?\n");
        await machine.Serial.WaitForAsync("the end\r?\n");
        Assert.Contains("GET /hello.txt HTTP/1.1 200", server.AccessLog);
    }

    /// <summary>The shell lists and reads the images as any volume, the firmware loads a kernel from it, and the kernel the initrd that its arguments name.</summary>
    [Fact]
    public async Task ChainedShell_FindsTheImagesOnItsVolume_AndStartsAKernelWithInitrdFromThere()
    {
        string web = NewFolder("web", ("hello.txt", "read by the shell"));
        DebianInstaller.LinkInto(web);
        File.Copy(await BootPrograms.ExtractShellAsync(Directory, Architecture.X64), Path.Combine(web, "shell.efi"));
        NginxServer server = await ServeAsync(web);
        string uri = $"http://{UserNetwork.Host}:{server.Port}";
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"#!ipxe\ndhcp\nimgfetch {uri}/hello.txt\nimgfetch --name linux.efi {uri}/linux\nimgfetch {uri}/initrd.gz\nchain {uri}/shell.efi -delay 0\n");
        VirtualMachine machine = await StartAsync(new() { MemoryMiB = 1024, SystemPartition = partition.Root, Variables = partition.WriteVariables, Nics = [new GuestNic()] });
        Match volume = await machine.Serial.WaitForAsync(@"(FS\d+):[^\n]*\n\s+PciRoot\(0x0\)/Pci\([^\n]*MAC\(", TimeSpan.FromMinutes(3));
        await machine.Serial.WaitForAsync(@"\n\S*Shell> ");
        await machine.Serial.SendAsync($"ls {volume.Groups[1].Value}:\\\r");
        await machine.Serial.WaitForAsync(@"17\s+hello\.txt[\s\S]*initrd\.gz[\s\S]*3 File\(s\)");
        await machine.Serial.SendAsync($"type {volume.Groups[1].Value}:\\HELLO.TXT\r");
        await machine.Serial.WaitForAsync("read by the shell");
        await machine.Serial.SendAsync($"{volume.Groups[1].Value}:\\linux.efi initrd=\\initrd.gz console=ttyS0,115200 netboot.files\r");
        await machine.Serial.WaitForAsync("Loaded initrd from command line option", TimeSpan.FromMinutes(1));
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromMinutes(3));
    }

    private Task<VirtualMachine> StartShellAsync(Architecture architecture, SystemPartition partition, Card card, string arguments) =>
        StartAsync(new()
        {
            Architecture = architecture,
            SystemPartition = partition.Root,
            Variables = store => store.AddBoot("Shell", MachinePath.FirmwareFile(new Guid(architecture.ShellVolume), BootPrograms.Shell), "Shell.efi " + arguments),
            Nics = [new GuestNic { Model = card.Device }],
        });
}
