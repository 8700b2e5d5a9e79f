using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>What most tests in firmware start from: a folder of their own, a system partition, served folders, machines that end with the test.</summary>
public abstract class FirmwareTest : IAsyncLifetime
{
    /// <summary>This machine in a network namespace (TEST-NET-1, RFC 5737).</summary>
    protected const string TapHost = "192.0.2.1";

    private readonly List<IAsyncDisposable> _owned = [];

    protected TemporaryDirectory Directory { get; } = new();

    /// <summary>Makes a system partition in a folder of its own.</summary>
    protected SystemPartition NewPartition(Architecture architecture) => new(architecture, Directory.CreateDirectory("esp"));

    /// <summary>Makes a folder to serve files from.</summary>
    protected string NewFolder(string name, params (string Name, string Content)[] files)
    {
        string folder = Directory.CreateDirectory(name);
        foreach ((string file, string content) in files)
        {
            File.WriteAllText(Path.Combine(folder, file), content);
        }

        return folder;
    }

    /// <summary>Writes a file that nothing else looks like: content.bin.</summary>
    /// <returns>Its path.</returns>
    internal static string WriteRandom(string folder, int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        string path = Path.Combine(folder, "content.bin");
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Has a folder that is served hold Linux and an initrd, as <see cref="DebianInstaller"/> does, but one that is unpacked in a second.</summary>
    protected static void LinkLinuxInto(string folder) => LinkLinuxInto(folder, "amd64");

    /// <inheritdoc cref="LinkLinuxInto(string)"/>
    protected static void LinkLinuxInto(string folder, string architecture)
    {
        DebianInstaller.LinkInto(folder, architecture);
        string initrd = Path.Combine(folder, "initrd.gz");
        File.Delete(initrd);
        using CpioArchive archive = new(initrd);
        archive.AddText("init", "what Linux says that it runs, once it has found it");
        byte[] noise = new byte[4 << 20];
        new Random(4).NextBytes(noise);
        archive.AddFile("noise", noise);
    }

    /// <summary>Starts a machine without a screen, whose firmware has been started before (<see cref="FirstStart"/>); HarnessTests has first starts.</summary>
    protected async Task<VirtualMachine> StartAsync(VirtualMachineOptions options) =>
        Own(await VirtualMachine.StartAsync(options, await FirstStart.VariablesAsync(options.Architecture)));

    protected async Task<NginxServer> ServeAsync(string folder, string configuration = "") => Own(await NginxServer.StartAsync(folder, configuration));

    /// <summary>Makes a network namespace with <c>tap0</c> in it, on which this machine is <see cref="TapHost"/>.</summary>
    protected async Task<NetworkNamespace> NewNetworkAsync()
    {
        NetworkNamespace inside = Own(await NetworkNamespace.CreateAsync());
        await inside.AddTapAsync("tap0", TapHost + "/24");
        return inside;
    }

    /// <summary>Real servers for the firmware's HTTP boot of netboot.efi, which a folder has.</summary>
    protected async Task ServeHttpBootAsync(NetworkNamespace inside, string web)
    {
        File.Copy(Repository.Image(Architecture.X64, "netboot.efi"), Path.Combine(web, "netboot.efi"));
        Own(await NginxServer.StartAsync(web, "", TapHost, inside));
        Own(await DnsmasqServer.StartAsync(
            inside, "tap0",
            [
                "--dhcp-range=192.0.2.10,192.0.2.99,1h", "--dhcp-vendorclass=set:http,HTTPClient", "--dhcp-option-force=tag:http,60,HTTPClient",
                $"--dhcp-boot=tag:http,http://{TapHost}/netboot.efi",
            ]));
    }

    /// <summary>NICs on a hub with each other and slirp.</summary>
    protected static IReadOnlyList<GuestNic> OnHub(IEnumerable<Card> cards) =>
        [.. cards.Select(card => new GuestNic { Model = card.Device, Network = new HubNetwork() })];

    /// <summary>
    /// A machine that starts the agent with a task, after the drivers have been loaded; <paramref name="more"/> is QEMU's own arguments.
    /// </summary>
    protected async Task<VirtualMachine> StartAgentAsync(
        Architecture architecture, string task, IReadOnlyList<GuestNic> nics, IReadOnlyList<string> drivers, params string[] more)
    {
        SystemPartition partition = NewPartition(architecture);
        partition.Add(Repository.Image(architecture, "agent.efi"), "agent.efi");
        foreach (string driver in drivers)
        {
            partition.AddDriver(Repository.Image(architecture, driver));
        }

        if (task.Split(' ') is ["cycle" or "memory" or "exit", string name, ..])
        {
            partition.Add(Repository.Image(architecture, name), name);
        }

        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = architecture,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                store.AddBoot("agent", MachinePath.VirtualFatPartition().FilePath(@"\agent.efi"), task);
            },
            Nics = nics,
            More = more,
        });
        // Firmware that has eight NICs to connect, and options to write for each, takes over a minute on AArch64.
        await machine.Serial.WaitForAsync($"agent: task {task.Split(' ')[0]}", TimeSpan.FromMinutes(4));
        return machine;
    }

    /// <summary>A machine with one card, whose driver (if any) the firmware loads from the system partition.</summary>
    protected VirtualMachineOptions WithDriver(Architecture architecture, string? driver, GuestNic nic, Action<VariableStore>? more = null)
    {
        SystemPartition? partition = null;
        if (driver != null)
        {
            partition = NewPartition(architecture);
            partition.AddDriver(Repository.Image(architecture, driver));
        }

        return new VirtualMachineOptions
        {
            Architecture = architecture,
            SystemPartition = partition?.Root,
            Variables = store =>
            {
                partition?.WriteVariables(store);
                more?.Invoke(store);
            },
            Nics = [nic],
        };
    }

    /// <summary>Loads, connects, reconnects and unloads a card's driver over and over, and compares the memory map.</summary>
    protected async Task CycleAsync(Architecture architecture, Card card)
    {
        VirtualMachine machine = await StartAgentAsync(
            architecture, $"cycle {card.DriverFile} {card.CycleCount}", [new GuestNic { Model = card.Device }], []);
        await ReadVerdictAsync(machine, TimeSpan.FromMinutes(4));
        Assert.Contains("agent: bound 1 controllers", machine.Serial.Text);
    }

    /// <summary>Has netboot.efi fetch 64 MiB over HTTP on its own driver, and looks for them in the machine's memory.</summary>
    protected async Task FetchIntactAsync(Architecture architecture, string nic)
    {
        string web = NewFolder("web");
        string content = WriteRandom(web, 64 << 20);
        NginxServer server = await ServeAsync(web);
        SystemPartition partition = NewPartition(architecture);
        partition.SetApplication(Repository.Image(architecture, "netboot.efi"));
        partition.Write(
            "EFI/BOOT/autoexec.ipxe",
            $"#!ipxe\ndhcp && imgfetch http://{UserNetwork.Host}:{server.Port}/content.bin && echo fetched || echo failed\nshell\n");
        VirtualMachine machine = await StartAsync(new() { Architecture = architecture, SystemPartition = partition.Root, Nics = [new GuestNic { Model = nic }] });
        Assert.Equal("fetched", (await machine.Serial.WaitForAsync("(fetched|failed)\r?\n", TimeSpan.FromMinutes(3))).Groups[1].Value);
        Assert.True(await machine.HasInMemoryAsync(content));
    }

    /// <summary>Waits for the agent's last line and fails with all that it found wrong.</summary>
    /// <returns>How many expectations held.</returns>
    protected static Task<int> ReadVerdictAsync(VirtualMachine machine, TimeSpan? timeout = null) => ReadVerdictAsync(machine.Serial, timeout);

    /// <inheritdoc cref="ReadVerdictAsync(VirtualMachine, TimeSpan?)"/>
    protected static async Task<int> ReadVerdictAsync(SerialConsole serial, TimeSpan? timeout = null)
    {
        Match done = await serial.WaitForAsync(@"agent: done, (\d+) passed, (\d+) failed", timeout);
        string[] failures = [.. serial.Text.Split('\n').Where(line => line.Contains("agent: ", StringComparison.Ordinal)).Select(line => line.Trim())];
        Assert.True(done.Groups[2].Value == "0", string.Join('\n', failures));
        return int.Parse(done.Groups[1].Value);
    }

    /// <summary>Has something disposed of at the test's end, the last first.</summary>
    protected T Own<T>(T each)
        where T : IAsyncDisposable
    {
        _owned.Add(each);
        return each;
    }

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            await _owned[i].DisposeAsync();
        }

        Directory.Dispose();
    }
}
