using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>A run of <c>./netboot demo</c>: the servers, the machine, and what is said of each stage of its boot.</summary>
internal sealed class Demonstration
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    // Where the guest's last line is shown while a stage lasts.
    private StatusContext? _status;

    public required Card Card { get; init; }

    /// <summary>netboot.efi with the drivers inside; otherwise netboot-snponly.efi, on the driver that is there.</summary>
    public required bool IsOnOwnDriver { get; init; }

    public bool HasScreen { get; init; }

    /// <summary>Whether all that the machine prints is shown.</summary>
    public bool IsVerbose { get; init; }

    private string Application => IsOnOwnDriver ? "netboot.efi" : "netboot-snponly.efi";

    /// <exception cref="ToolError">A stage was not reached.</exception>
    public async Task RunAsync()
    {
        using TemporaryDirectory directory = new();
        string web = directory.CreateDirectory("web");
        DebianInstaller.LinkInto(web);
        await using NginxServer server = await NginxServer.StartAsync(web);
        string tftp = directory.CreateDirectory("tftp");
        File.Copy(Repository.Image(Architecture.X64, Application), Path.Combine(tftp, Application));
        await File.WriteAllTextAsync(Path.Combine(tftp, "autoexec.ipxe"), DemoCommand.Script(server.Port));
        SystemPartition? partition = null;
        if (!Card.Family.IsDrivenByFirmware)
        {
            partition = new SystemPartition(Architecture.X64, directory.CreateDirectory("esp"));
            partition.AddDriver(Repository.Image(Architecture.X64, Card.DriverFile));
        }

        Introduce(server);
        _clock.Restart();
        await using VirtualMachine machine = await StartAsync(tftp, partition);
        if (IsVerbose || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            await WatchAsync(machine);
        }
        else
        {
            await AnsiConsole.Status().StartAsync("The machine starts", async status =>
            {
                _status = status;
                await WatchAsync(machine);
                _status = null;
            });
        }

        Say("nginx served: " + Markup.Escape(string.Join("; ", server.AccessLog.Trim().Split('\n').Select(line => line.Split('"')[0].Trim()))));
        if (HasScreen)
        {
            Say("Close the window to end.");
            await machine.WaitForExitAsync(TimeSpan.FromMinutes(10));
        }
    }

    private void Introduce(NginxServer server)
    {
        Say($"A q35 machine with OVMF and one NIC: [bold]{Card.Device}[/] ({Card.Family.Image}.efi drives it), its option ROM disabled.");
        Say(Card.Family.IsDrivenByFirmware
            ? "The firmware has a driver of its own for it, which serves the first step."
            : $"The firmware has no driver for it; a Driver#### variable names [bold]{Card.DriverFile}[/] on the machine's disk.");
        Say($"QEMU's user network answers DHCP and TFTP ([bold]{Application}[/], autoexec.ipxe); nginx on 127.0.0.1:{server.Port} has Debian's kernel and initrd.");
    }

    private Task<VirtualMachine> StartAsync(string tftp, SystemPartition? partition) => VirtualMachine.StartAsync(new VirtualMachineOptions
    {
        MemoryMiB = 1024,
        Gui = HasScreen,
        SystemPartition = partition?.Root,
        Variables = partition == null ? null : partition.WriteVariables,
        RandomDevice = true, // newer OVMF has no network without one
        Nics = [new GuestNic { Model = Card.Device, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = Application } }],
        Limit = TimeSpan.FromMinutes(10),
        OnSerial = text =>
        {
            if (IsVerbose)
            {
                Console.Write(text);
            }

            string? line = text.Split(['\r', '\n']).Select(each => each.Trim()).LastOrDefault(each => each.Length != 0);
            if (line != null)
            {
                _status?.Status(Markup.Escape(line.Length > 100 ? line[..100] : line));
            }
        },
    });

    private async Task WatchAsync(VirtualMachine machine)
    {
        bool isFirmwares = Card.Family.IsDrivenByFirmware;
        await StageAsync(machine, "Start PXE over IPv4", isFirmwares ? "The firmware's PXE starts on its own driver." : "Our driver is loaded; the firmware's own PXE starts on our SNP.");
        await StageAsync(machine, "NBP file downloaded successfully", $"The firmware fetched {Application} by DHCP and TFTP, and starts it.");
        await StageAsync(machine, "demo: script runs", "NetBoot runs, and has fetched its script by TFTP.");
        string driver = IsOnOwnDriver ? "its own driver" : isFirmwares ? "the firmware's driver" : "the SNP of the loaded driver";
        await StageAsync(machine, "demo: network is up, address .*\n", $"NetBoot's own network stack is up on {driver}.");
        await StageAsync(machine, "Linux version .*\n", "Kernel and initrd came over HTTP; Linux runs.", 300);
        await StageAsync(machine, "Run /init as init process", "Linux has found its initrd.", 180);
        await StageAsync(machine, "Starting system log daemon", "The installer's init runs. [bold green]Done.[/]", 120);
    }

    private async Task StageAsync(VirtualMachine machine, string pattern, string sentence, int seconds = 60)
    {
        Match match = await machine.Serial.WaitForAsync($@"{pattern}|(?<failed>demo: failed|NBP.*[Ff]ailed|PXE-E\d+)", TimeSpan.FromSeconds(seconds));
        if (match.Groups["failed"].Success)
        {
            throw new ToolError($"The guest said '{match.Value}'.{machine.Serial.Tail()}", "NETBOOT_KEEP=1 ./netboot demo --verbose keeps all logs in /tmp.");
        }

        AnsiConsole.MarkupLine($"[green]{_clock.Elapsed.TotalSeconds,6:0.0} s[/]  {sentence}");
    }

    private static void Say(string markup) => AnsiConsole.MarkupLine("[grey]       ->[/] " + markup);
}
