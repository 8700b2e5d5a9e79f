using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Labs;

/// <summary>An inner guest of a <see cref="NestedLab"/>. Disposing of it ends it.</summary>
public sealed class NestedMachine : IAsyncDisposable
{
    /// <summary>A nested guest is slow, and other tests run beside it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    /// <summary>What the outer guest writes behind an inner one, for all of them use the same line.</summary>
    private const byte EndOfTransmission = 4;

    private readonly OuterGuest _outer;
    private readonly TemporaryDirectory _directory;

    private NestedMachine(OuterGuest outer, TemporaryDirectory directory)
    {
        _outer = outer;
        _directory = directory;
        Serial = new SerialConsole(
            outer.GuestLine, outer.GuestLine, outer.Progress, directory.Combine("serial.log"), null, s_patience, EndOfTransmission);
    }

    public SerialConsole Serial { get; }

    /// <summary>What QEMU in the outer guest said.</summary>
    public string Complaints => File.Exists(ComplaintsFile) ? File.ReadAllText(ComplaintsFile) : "";

    /// <summary>The trace events recorded until now, one a line.</summary>
    public string Trace() => VirtualMachine.Trace(_directory);

    /// <summary>What the outer guest's emulator has worked until now, on all processors together.</summary>
    public double ProcessorSeconds => _outer.Progress.Read().Where(each => each.IsGuest).Sum(each => each.Running.TotalSeconds);

    private string ComplaintsFile => _directory.Combine("errors.log");

    internal static async Task<NestedMachine> StartAsync(OuterGuest outer, VirtualMachineOptions options)
    {
        TemporaryDirectory directory = new();
        NestedMachine machine = new(outer, directory);
        List<string> command = ["qemu-system-x86_64", .. VirtualMachine.Arguments(options, directory), "-monitor", "none"];
        string script = directory.Combine("run.sh");
        await File.WriteAllTextAsync(script, $"""
            echo $$ > /run/guest
            exec {string.Join(' ', command.Select(Quote))} 2> {machine.ComplaintsFile}

            """).ConfigureAwait(false);
        await outer.StartScriptAsync(script).ConfigureAwait(false);
        return machine;
    }

    /// <summary>Waits until the guest has powered off or reset.</summary>
    public async Task WaitForExitAsync(TimeSpan? timeout = null)
    {
        using GuestDeadline deadline = new(_outer.Progress, timeout ?? s_patience);
        if (!await deadline.WaitAsync(Serial.Completed).ConfigureAwait(false))
        {
            throw new ToolError($"The machine did not power off in {deadline}.{Serial.Tail()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        using GuestDeadline deadline = new(_outer.Progress, TimeSpan.FromSeconds(30));
        try
        {
            if (!Serial.Completed.IsCompleted)
            {
                await _outer.StopScriptAsync().ConfigureAwait(false);
            }

            await _outer.WaitForScriptAsync(deadline).ConfigureAwait(false);
            if (!await deadline.WaitAsync(Serial.Completed).ConfigureAwait(false))
            {
                throw new ToolError("The guest's line has no end.");
            }
        }
        catch (ToolError)
        {
            // It is gone or stuck: no further inner guest can run in it.
            await _outer.DisposeAsync().ConfigureAwait(false);
        }

        _directory.Dispose();
    }

    private static string Quote(string word) => $"'{word}'";
}
