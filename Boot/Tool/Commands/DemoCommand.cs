using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Boot.Tool.Servers;
using Spectre.Console;

namespace Boot.Tool.Commands;

/// <summary><c>./netboot demo</c>: a machine boots Debian's installer from the network through our images.</summary>
public static class DemoCommand
{
    private const string InstallerImages = "/usr/lib/debian-installer/images";

    public static Command Create()
    {
        var nic = new Option<string>("--nic") { Description = "The network card.", DefaultValueFactory = _ => "e1000" };
        nic.AcceptOnlyFromAmong("e1000", "e1000e", "virtio-net");
        var mode = new Option<string>("--mode") { Description = "full: netboot.efi with its own drivers; snponly: on the driver that is there.", DefaultValueFactory = _ => "full" };
        mode.AcceptOnlyFromAmong("full", "snponly");
        var gui = new Option<bool>("--gui") { Description = "Show the machine's screen." };
        var verbose = new Option<bool>("--verbose") { Description = "Show all that the machine prints." };
        var command = new Command("demo", "Boot Linux from the network in a virtual machine whose NIC only we can drive.") { nic, mode, gui, verbose };
        command.SetAction(async (parsed, _) =>
        {
            await BuildCommand.BuildAsync();
            await RunAsync(new DemoOptions(parsed.GetValue(nic)!, parsed.GetValue(mode)!, parsed.GetValue(gui), parsed.GetValue(verbose)));
            return 0;
        });
        return command;
    }

    /// <summary>Finds the Debian installer's kernel and initrd.</summary>
    /// <param name="architecture">Debian's name of it.</param>
    public static (string Kernel, string Initrd) FindInstaller(string architecture = "amd64")
    {
        string? folder = !Directory.Exists(InstallerImages) ? null : Directory.EnumerateDirectories(InstallerImages)
            .Select(version => Path.Combine(version, $"{architecture}/text/debian-installer/{architecture}"))
            .Where(Directory.Exists).Order(StringComparer.Ordinal).LastOrDefault();
        return folder == null
            ? throw new ToolError("The Debian installer's network images are not installed.", $"Install them: sudo apt-get install debian-installer-12-netboot-{architecture}")
            : (Path.Combine(folder, "linux"), Path.Combine(folder, "initrd.gz"));
    }

    /// <summary>The script that the demo's machine runs.</summary>
    public static string Script(int port) => $"""
        #!ipxe
        echo demo: script runs
        dhcp || goto failed
        echo demo: network is up, address {"${net0/ip}"}
        kernel http://{UserNetwork.Host}:{port}/linux console=tty0 console=ttyS0,115200 {EmulatedLinux.NoTimerCheck} DEBIAN_FRONTEND=text || goto failed
        initrd http://{UserNetwork.Host}:{port}/initrd.gz || goto failed
        imgstat
        boot || goto failed
        :failed
        echo demo: failed
        """ + "\n";

    private static async Task RunAsync(DemoOptions options)
    {
        bool virtio = options.Nic == "virtio-net";
        string application = options.Mode == "full" ? "netboot.efi" : "netboot-snponly.efi";
        (string kernel, string initrd) = FindInstaller();
        using var directory = new TemporaryDirectory();
        string web = directory.CreateDirectory("web");
        File.CreateSymbolicLink(Path.Combine(web, "linux"), kernel);
        File.CreateSymbolicLink(Path.Combine(web, "initrd.gz"), initrd);
        await using NginxServer server = await NginxServer.StartAsync(web);

        string tftp = directory.CreateDirectory("tftp");
        File.Copy(Repository.Image(Architecture.X64, application), Path.Combine(tftp, application));
        await File.WriteAllTextAsync(Path.Combine(tftp, "autoexec.ipxe"), Script(server.Port));
        SystemPartition? partition = null;
        if (!virtio)
        {
            partition = new SystemPartition(Architecture.X64, directory.CreateDirectory("esp"));
            partition.AddDriver(Repository.Image(Architecture.X64, "e1000.efi"));
        }

        Say($"A q35 machine with OVMF and one NIC: [bold]{options.Nic}[/], its option ROM disabled.");
        Say(virtio
            ? "The firmware has a driver of its own for it, which serves the first step."
            : "The firmware has no driver for it; a Driver#### variable names [bold]e1000.efi[/] on the machine's disk.");
        Say($"QEMU's user network answers DHCP and TFTP ([bold]{application}[/], autoexec.ipxe); nginx on 127.0.0.1:{server.Port} has Debian's kernel and initrd.");

        var clock = Stopwatch.StartNew();
        StatusContext? shown = null;
        await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            MemoryMiB = 1024,
            Gui = options.Gui,
            SystemPartition = partition?.Root,
            Variables = partition == null ? null : partition.WriteVariables,
            RandomDevice = true, // newer OVMF has no network without one
            Nics = [new Nic { Model = virtio ? "virtio-net-pci" : options.Nic, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = application } }],
            Limit = TimeSpan.FromMinutes(10),
            OnSerial = text =>
            {
                if (options.Verbose)
                {
                    Console.Write(text);
                }

                string? line = text.Split(['\r', '\n']).Select(each => each.Trim()).LastOrDefault(each => each.Length != 0);
                if (line != null)
                {
                    shown?.Status(Markup.Escape(line.Length > 100 ? line[..100] : line));
                }
            },
        });

        async Task StageAsync(string pattern, string sentence, int seconds = 60)
        {
            Match match = await machine.Serial.WaitForAsync($@"{pattern}|(?<failed>demo: failed|NBP.*[Ff]ailed|PXE-E\d+)", TimeSpan.FromSeconds(seconds));
            if (match.Groups["failed"].Success)
            {
                throw new ToolError($"The guest said '{match.Value}'.{machine.Serial.Tail()}", "NETBOOT_KEEP=1 ./netboot demo --verbose keeps all logs in /tmp.");
            }

            AnsiConsole.MarkupLine($"[green]{clock.Elapsed.TotalSeconds,6:0.0} s[/]  {sentence}");
        }

        async Task StagesAsync(StatusContext? context)
        {
            shown = context;
            await StageAsync("Start PXE over IPv4", virtio ? "The firmware's PXE starts on its own driver." : "Our driver is loaded; the firmware's own PXE starts on our SNP.");
            await StageAsync("NBP file downloaded successfully", $"The firmware fetched {application} by DHCP and TFTP, and starts it.");
            await StageAsync("demo: script runs", "NetBoot runs, and has fetched its script by TFTP.");
            await StageAsync("demo: network is up, address .*\n", "NetBoot's own network stack is up on " + (options.Mode == "full" ? "its own driver." : virtio ? "the firmware's driver." : "the SNP of the loaded driver."));
            await StageAsync("Linux version .*\n", "Kernel and initrd came over HTTP; Linux runs.", 300);
            await StageAsync("Run /init as init process", "Linux has found its initrd.", 180);
            await StageAsync("Starting system log daemon", "The installer's init runs. [bold green]Done.[/]", 120);
            shown = null;
        }

        if (options.Verbose || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            await StagesAsync(null);
        }
        else
        {
            await AnsiConsole.Status().StartAsync("The machine starts", StagesAsync);
        }

        Say("nginx served: " + Markup.Escape(string.Join("; ", server.AccessLog.Trim().Split('\n').Select(line => line.Split('"')[0].Trim()))));
        if (options.Gui)
        {
            Say("Close the window to end.");
            await machine.WaitForExitAsync(TimeSpan.FromMinutes(10));
        }
    }

    private static void Say(string markup) => AnsiConsole.MarkupLine("[grey]       ->[/] " + markup);

    private sealed record DemoOptions(string Nic, string Mode, bool Gui, bool Verbose);
}
