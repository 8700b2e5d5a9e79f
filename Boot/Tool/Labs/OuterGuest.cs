using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Labs;

/// <summary>The emulated machine with KVM in which inner guests run, one at a time, and its two lines to here.</summary>
internal sealed class OuterGuest : IAsyncDisposable
{
    private const int MemoryMiB = 2560;

    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly StringBuilder _complaints = new();
    private readonly Task _complaining;
    private readonly GuestDeadline _limit;
    private NetworkStream _control = null!;
    private StreamReader _answers = null!;

    private OuterGuest(TemporaryDirectory directory, Process process)
    {
        _directory = directory;
        _process = process;
        _complaining = CollectAsync();
        Progress = new ProcessProgress(process.Id);
        _limit = new GuestDeadline(Progress, TimeSpan.FromMinutes(30));
        _limit.Passed.ContinueWith(_ => Kill(), TaskContinuationOptions.OnlyOnRanToCompletion);
    }

    /// <summary>Its progress, and the inner guest's.</summary>
    public GuestProgress Progress { get; }

    /// <summary>The inner guest's serial line.</summary>
    public Stream GuestLine { get; private set; } = null!;

    /// <summary>Whether it has been disposed of.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Whether the emulator itself gave up, which says nothing about the guests in it. Known once it is over.</summary>
    public bool HasAborted { get; private set; }

    public static async Task<OuterGuest> StartAsync(LabRoot root, TimeSpan timeout)
    {
        TemporaryDirectory directory = new();
        using Socket controlListener = Listen(directory.Combine("control.sock"));
        using Socket guestListener = Listen(directory.Combine("guest.sock"));
        string shared = Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        List<string> arguments =
        [
            .. root.Qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-smp", "2", "-m", MemoryMiB.ToString(), "-kernel", root.Kernel, "-initrd", root.OuterInitrd,
            "-append", $"console=ttyS0 quiet panic=-1 tsc=reliable {EmulatedLinux.NoTimerCheck} share={shared}", "-serial", $"file:{directory.Combine("outer.log")}",
            "-chardev", $"socket,id=control,path={directory.Combine("control.sock")}", "-serial", "chardev:control",
            "-chardev", $"socket,id=guest,path={directory.Combine("guest.sock")}", "-serial", "chardev:guest",
            "-fsdev", $"local,id=share,path={shared},security_model=none", "-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
        ];
        OuterGuest outer = new(directory, ChildProcess.Start(arguments[0], arguments[1..], ""));
        using GuestDeadline deadline = new(outer.Progress, timeout);
        try
        {
            Task<Socket> first = controlListener.AcceptAsync();
            Task<Socket> second = guestListener.AcceptAsync();
            await deadline.WaitAsync(Task.WhenAny(outer._process.WaitForExitAsync(), Task.WhenAll(first, second))).ConfigureAwait(false);
            if (!second.IsCompletedSuccessfully)
            {
                throw new ToolError($"The outer guest did not start in {deadline}.");
            }

            outer._control = new NetworkStream(await first.ConfigureAwait(false), ownsSocket: true);
            outer.GuestLine = new NetworkStream(await second.ConfigureAwait(false), ownsSocket: true);
            outer._answers = new StreamReader(outer._control, Encoding.ASCII, leaveOpen: true);
            await outer.ReadAnswerAsync("ready", deadline).ConfigureAwait(false);
            return outer;
        }
        catch (Exception error) when (error is ToolError or IOException)
        {
            string report = $"The nested labs' outer guest did not come up: {error.Message} {outer.Log}";
            await outer.DisposeAsync().ConfigureAwait(false);
            throw new ToolError(report, "The lines above are its console; NETBOOT_KEEP=1 keeps its folder.");
        }
    }

    /// <summary>What its kernel and the emulator said.</summary>
    public string Log
    {
        get
        {
            string console = _directory.Combine("outer.log");
            lock (_complaints)
            {
                return _complaints + (File.Exists(console) ? File.ReadAllText(console) : "");
            }
        }
    }

    /// <summary>Starts a shell script whose standard input and output is the inner guest's serial line.</summary>
    public Task StartScriptAsync(string path) => SendAsync($"start {path}");

    /// <summary>Ends the process whose number the script left in /run/guest.</summary>
    public Task StopScriptAsync() => SendAsync("stop");

    /// <summary>Waits for the script's end.</summary>
    public Task WaitForScriptAsync(GuestDeadline deadline) => ReadAnswerAsync("ended", deadline);

    public async ValueTask DisposeAsync()
    {
        if (IsOver)
        {
            return;
        }

        IsOver = true;
        HasAborted = _process.HasExited && _process.ExitCode != 0;
        _limit.Dispose();
        Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _complaining.ConfigureAwait(false);
        _process.Dispose();
        _control?.Dispose();
        GuestLine?.Dispose();
        _directory.Dispose();
    }

    private static Socket Listen(string path)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        return listener;
    }

    private async Task SendAsync(string line)
    {
        try
        {
            await _control.WriteAsync(Encoding.ASCII.GetBytes(line + "\n")).ConfigureAwait(false);
        }
        catch (IOException)
        {
            throw new ToolError($"The outer guest ended. {Log}");
        }
    }

    private async Task ReadAnswerAsync(string word, GuestDeadline deadline)
    {
        while (true)
        {
            string? line = await deadline.WaitAsync(_answers.ReadLineAsync(), $"The outer guest's word '{word}'").ConfigureAwait(false);
            if (line == null)
            {
                throw new ToolError($"The outer guest ended. {Log}");
            }

            if (line.StartsWith(word, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private async Task CollectAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is string line)
        {
            lock (_complaints)
            {
                _complaints.AppendLine(line);
            }
        }
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
