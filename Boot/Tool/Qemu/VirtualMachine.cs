using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>A running QEMU machine, with its serial line, monitor, captures and traces. Disposing of it kills it and removes its files.</summary>
public sealed class VirtualMachine : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly Task<string> _complaints;
    private readonly GuestProgress _progress;
    private readonly GuestDeadline _limit;
    private readonly VirtualMachineOptions _options;

    private VirtualMachine(TemporaryDirectory directory, Process process, VirtualMachineOptions options, IReadOnlyList<string> arguments)
    {
        _directory = directory;
        _process = process;
        _options = options;
        CommandLine = process.StartInfo.FileName + " " + string.Join(' ', arguments);
        _complaints = process.StandardError.ReadToEndAsync();
        _progress = new ProcessProgress(process.Id);
        Serial = new SerialConsole(
            process.StandardOutput.BaseStream, process.StandardInput.BaseStream, _progress, directory.Combine("serial.log"), options.OnSerial);
        _limit = new GuestDeadline(_progress, options.Limit);
        _limit.Passed.ContinueWith(_ => Kill(), TaskContinuationOptions.OnlyOnRanToCompletion);
    }

    public SerialConsole Serial { get; }

    public MachineMonitor Monitor { get; private set; } = null!;

    /// <summary>As it was started, for a person who wants to do the same by hand.</summary>
    public string CommandLine { get; }

    /// <summary>The firmware's variables, as they are in flash.</summary>
    public string VariablesFile => VariablesIn(_directory);

    /// <summary>QEMU's process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts the machine: its processor runs when this returns.</summary>
    /// <param name="options">What machine.</param>
    /// <param name="variables">The firmware's variables to start from, as <see cref="VariableStore"/> takes them.</param>
    /// <exception cref="ToolError">QEMU is missing or did not start; the message says why.</exception>
    public static async Task<VirtualMachine> StartAsync(VirtualMachineOptions options, byte[]? variables = null)
    {
        TemporaryDirectory directory = new();
        VirtualMachine? machine = null;
        try
        {
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(directory.Combine("qmp.sock")));
            listener.Listen(1);
            List<string> arguments =
            [
                .. options.Architecture.ProgramArguments, .. Arguments(options, directory, variables),
                "-chardev", $"socket,id=qmp0,path={directory.Combine("qmp.sock")}", "-mon", "chardev=qmp0,mode=control",
            ];
            Process process = ChildProcess.Start(options.Architecture.Program, arguments, options.Architecture.Packages, options.Namespace);
            machine = new VirtualMachine(directory, process, options, arguments);
            using CancellationTokenSource dead = new();
            Task<MachineMonitor> monitor = MachineMonitor.AcceptAsync(listener, machine._progress, dead.Token);
            if (await Task.WhenAny(monitor, process.WaitForExitAsync()).ConfigureAwait(false) != monitor || monitor.IsFaulted)
            {
                dead.Cancel();
                process.Kill();
                throw new ToolError($"QEMU did not start: {(await machine._complaints.ConfigureAwait(false)).Trim()}\n{machine.CommandLine}");
            }

            machine.Monitor = await monitor.ConfigureAwait(false);
            await machine.SwitchOnAsync().ConfigureAwait(false);
            return machine;
        }
        catch
        {
            if (machine != null)
            {
                await machine.DisposeAsync().ConfigureAwait(false);
            }

            directory.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the guest has powered off or reset (or QEMU has been killed) and gives what QEMU complained about.</summary>
    public async Task<string> WaitForExitAsync(TimeSpan? timeout = null)
    {
        using GuestDeadline deadline = new(_progress, timeout ?? TimeSpan.FromSeconds(60));
        if (!await deadline.WaitAsync(_process.WaitForExitAsync()).ConfigureAwait(false))
        {
            throw new ToolError($"The machine did not power off in {deadline}.{Serial.Tail()}");
        }

        await Serial.Completed.ConfigureAwait(false);
        return await _complaints.ConfigureAwait(false);
    }

    /// <summary>Plugs a NIC's cable in, or pulls it out.</summary>
    public Task SetLinkAsync(int nic, bool isUp) =>
        Monitor.ExecuteAsync("set_link", new JsonObject { ["name"] = $"nic{nic}", ["up"] = isUp });

    /// <summary>
    /// Presses the button of a NIC's slot: what runs in the machine is to switch the slot's power off, which is when the card is gone. There is
    /// no such thing in firmware.
    /// </summary>
    public Task PullAsync(int nic) => Monitor.ExecuteAsync("device_del", new JsonObject { ["id"] = $"nic{nic}" });

    /// <summary>Ends QEMU in good order, so that captures are complete.</summary>
    public async Task QuitAsync()
    {
        try
        {
            await Monitor.ExecuteAsync("quit").ConfigureAwait(false);
        }
        catch (ToolError)
        {
            // It went without an answer, or had gone already.
        }

        await WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>The frames that crossed a NIC with <see cref="GuestNic.Capture"/> until now.</summary>
    public IReadOnlyList<byte[]> Frames(int nic = 0) => PacketCapture.ReadFrames(_directory.Combine($"nic{nic}.pcap"));

    /// <summary>Waits for frames to cross a NIC with <see cref="GuestNic.Capture"/>, and gives those until then.</summary>
    /// <param name="isEnough">Looks at all of them, each time that there are more.</param>
    /// <param name="nic">Its number.</param>
    /// <exception cref="ToolError">The machine ended before.</exception>
    public async Task<IReadOnlyList<byte[]>> WaitForFramesAsync(Func<IReadOnlyList<byte[]>, bool> isEnough, int nic = 0)
    {
        using FileSystemWatcher watcher = new(_directory.FullName, $"nic{nic}.pcap") { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size };
        using SemaphoreSlim changed = new(0);
        watcher.Changed += (_, _) => changed.Release();
        watcher.EnableRaisingEvents = true;
        Task ended = _process.WaitForExitAsync();
        while (true)
        {
            IReadOnlyList<byte[]> frames = Frames(nic);
            if (isEnough(frames))
            {
                return frames;
            }

            if (ended.IsCompleted)
            {
                throw new ToolError($"The machine ended before the frames that were waited for.{Serial.Tail()}");
            }

            await Task.WhenAny(changed.WaitAsync(), ended).ConfigureAwait(false);
        }
    }

    /// <summary>The trace events recorded until now, one a line.</summary>
    public string Trace() => Trace(_directory);

    /// <inheritdoc cref="Trace()"/>
    internal static string Trace(TemporaryDirectory directory) =>
        File.Exists(directory.Combine("trace.log")) ? ReadShared(directory.Combine("trace.log")) : "";

    /// <summary>Processor seconds that the first virtual processor has used: what the guest's work costs, without QEMU's own threads.</summary>
    public async Task<double> ProcessorSecondsAsync()
    {
        JsonNode? cpus = await Monitor.ExecuteAsync("query-cpus-fast").ConfigureAwait(false);
        int thread = (int)cpus![0]!["thread-id"]!;
        string statistics = await File.ReadAllTextAsync($"/proc/{thread}/schedstat").ConfigureAwait(false);
        return long.Parse(statistics[..statistics.IndexOf(' ')]) / 1e9; // time on the processor in nanoseconds: Linux, sched-stats
    }

    /// <summary>Whether the file lies somewhere in the guest's memory, whole and in one piece.</summary>
    public async Task<bool> HasInMemoryAsync(string file)
    {
        string dump = _directory.Combine("memory");
        await Monitor.ExecuteAsync("pmemsave", new JsonObject { ["val"] = _options.Architecture.MemoryBase, ["size"] = (long)_options.MemoryMiB << 20, ["filename"] = dump }).ConfigureAwait(false);
        byte[] memory = await File.ReadAllBytesAsync(dump).ConfigureAwait(false);
        File.Delete(dump);
        byte[] content = await File.ReadAllBytesAsync(file).ConfigureAwait(false);
        for (int at = 0, found; (found = memory.AsSpan(at).IndexOf(content.AsSpan(0, Math.Min(256, content.Length)))) >= 0; at += found + 1)
        {
            if (memory.AsSpan(at + found).StartsWith(content))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the machine's screen shows.</summary>
    public async Task<Screenshot> TakeScreenshotAsync()
    {
        string file = _directory.Combine("screen.ppm");
        await Monitor.ExecuteAsync("screendump", new JsonObject { ["filename"] = file }).ConfigureAwait(false);
        return new Screenshot(await File.ReadAllBytesAsync(file).ConfigureAwait(false));
    }

    /// <summary>Writes what the machine's screen shows into a PNG file.</summary>
    public Task SaveScreenshotAsync(string file) =>
        Monitor.ExecuteAsync("screendump", new JsonObject { ["filename"] = Path.GetFullPath(file), ["format"] = "png" });

    public async ValueTask DisposeAsync()
    {
        _limit.Dispose();
        Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        if (Monitor != null)
        {
            await Monitor.DisposeAsync().ConfigureAwait(false);
        }

        await Serial.Completed.ConfigureAwait(false);
        _process.Dispose();
        _directory.Dispose();
    }

    private static string VariablesIn(TemporaryDirectory directory) => directory.Combine("variables.fd");

    private static string ReadShared(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>QEMU's arguments, less the monitor's; the machine's flash goes to <paramref name="directory"/>.</summary>
    internal static List<string> Arguments(VirtualMachineOptions options, TemporaryDirectory directory, byte[]? variables = null)
    {
        Architecture architecture = options.Architecture;
        string flash = VariablesIn(directory);
        VariableStore store = new(architecture, variables);
        options.Variables?.Invoke(store);
        store.Save(flash);

        List<string> arguments =
        [
            "-nodefaults", "-no-user-config",
            "-machine", options.Machine ?? architecture.Machine,
            "-accel", options.Accelerator ?? Environment.GetEnvironmentVariable("NETBOOT_ACCEL") ?? "tcg",
            "-cpu", options.Cpu ?? architecture.Cpu,
            "-m", options.MemoryMiB.ToString(),
            "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={options.Firmware ?? architecture.Code}",
            "-drive", $"if=pflash,unit=1,format=raw,file={flash}",
            "-chardev", "stdio,id=serial0,signal=off", "-serial", "chardev:serial0",
        ];
        arguments.AddRange(architecture.Arguments);
        arguments.AddRange(options.Gui ? ["-vga", "std", "-display", "gtk"] : ["-display", "none"]);
        if (options.ExitOnReset)
        {
            arguments.Add("-no-reboot");
        }

        if (options.SystemPartition != null)
        {
            arguments.AddRange(
                "-drive", $"if=none,id=disk0,format=raw,file=fat:rw:{options.SystemPartition}",
                "-device", $"virtio-blk-pci,drive=disk0,romfile=,addr=0x{DiskSlot:x}");
        }

        if (options.Nics.Any(each => each.StartsWithoutLink))
        {
            arguments.Add("-S");
        }

        if (options.Nics.Any(each => each.IsPluggable))
        {
            // By the slot's own registers, which firmware can reach, rather than by ACPI's.
            arguments.AddRange("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off");
        }

        if (options.RandomDevice)
        {
            arguments.AddRange("-device", "virtio-rng-pci,addr=0x9");
        }

        for (int i = 0; i < options.Nics.Count; i++)
        {
            AddNic(arguments, options.Nics[i], i, directory);
        }

        foreach (string pattern in options.Trace)
        {
            arguments.AddRange("-trace", $"enable={pattern}");
        }

        if (options.Trace.Count != 0)
        {
            arguments.AddRange("-D", directory.Combine("trace.log"));
        }

        arguments.AddRange(options.More);
        return arguments;
    }

    private static void AddNic(List<string> arguments, GuestNic nic, int number, TemporaryDirectory directory)
    {
        string device = $"{nic.Model},id=nic{number},mac={nic.Mac ?? MacText.Numbered(number)}";
        if (nic.IsPluggable)
        {
            arguments.AddRange("-device", $"pcie-root-port,id=port{number},chassis={number + 1},addr=0x{FirstNicSlot + number:x}");
            device += $",bus=port{number}";
        }
        else if (nic.IsPci)
        {
            device += $",addr=0x{FirstNicSlot + number:x}";
        }

        if (nic.Network != null)
        {
            arguments.AddRange("-netdev", $"{nic.Network.Arguments},id=net{number}");
            device += $",netdev=net{number}";
        }

        if (nic.IsPci && !nic.OptionRom)
        {
            device += $",romfile={nic.RomFile}";
        }

        if (nic.BootIndex != null)
        {
            device += $",bootindex={nic.BootIndex}";
        }

        arguments.AddRange("-device", device);
        if (nic.Capture)
        {
            arguments.AddRange("-object", $"filter-dump,id=dump{number},netdev=net{number},file={directory.Combine($"nic{number}.pcap")}");
        }
    }

    /// <summary>The PCI slot of the first NIC on bus 0; the others follow. The virtual functions of an igb must still fit behind its own.</summary>
    public const byte FirstNicSlot = 0x0A;

    /// <summary>The PCI slot of the disk with the system partition.</summary>
    public const byte DiskSlot = 8;

    /// <summary>A machine with NICs whose link is down waits until they have been told.</summary>
    private async Task SwitchOnAsync()
    {
        if (!_options.Nics.Any(each => each.StartsWithoutLink))
        {
            return;
        }

        for (int i = 0; i < _options.Nics.Count; i++)
        {
            if (_options.Nics[i].StartsWithoutLink)
            {
                await SetLinkAsync(i, isUp: false).ConfigureAwait(false);
            }
        }

        await Monitor.ExecuteAsync("cont").ConfigureAwait(false);
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
