using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>QEMU's machine protocol (QMP): commands, answers and events as JSON lines.</summary>
public sealed class MachineMonitor : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Socket socket;
    private readonly GuestProgress progress;
    private readonly StreamReader reader;
    private readonly Stream stream;
    private readonly SemaphoreSlim oneCommand = new(1);
    private readonly List<JsonObject> events = [];
    private readonly Lock gate = new();
    private TaskCompletionSource<JsonObject>? answer;
    private TaskCompletionSource eventCame = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task reading = Task.CompletedTask;

    private MachineMonitor(Socket socket, GuestProgress progress)
    {
        this.socket = socket;
        this.progress = progress;
        stream = new NetworkStream(socket, ownsSocket: true);
        reader = new StreamReader(stream, Encoding.UTF8);
    }

    /// <summary>Takes QEMU's connection and leaves its negotiation mode.</summary>
    internal static async Task<MachineMonitor> AcceptAsync(Socket listener, GuestProgress progress, CancellationToken cancellation)
    {
        var monitor = new MachineMonitor(await listener.AcceptAsync(cancellation).ConfigureAwait(false), progress);
        await monitor.reader.ReadLineAsync(cancellation).ConfigureAwait(false); // greeting
        monitor.reading = monitor.ReadAsync();
        await monitor.ExecuteAsync("qmp_capabilities").ConfigureAwait(false);
        return monitor;
    }

    /// <summary>Runs a command and gives its result.</summary>
    /// <exception cref="ToolError">QEMU refused it, or ended.</exception>
    public async Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments = null)
    {
        await oneCommand.WaitAsync().ConfigureAwait(false);
        try
        {
            var source = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gate)
            {
                answer = source;
            }

            if (reading.IsCompleted && command != "qmp_capabilities")
            {
                throw new ToolError($"QEMU ended before the command {command}.");
            }

            var request = new JsonObject { ["execute"] = command };
            if (arguments != null)
            {
                request["arguments"] = arguments;
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n")).ConfigureAwait(false);
            using var deadline = new GuestDeadline(progress, s_patience);
            JsonObject reply = await deadline.WaitAsync(source.Task, $"QEMU's answer to {command}").ConfigureAwait(false);
            return reply["error"] is JsonObject error
                ? throw new ToolError($"QEMU refused {command}: {error["desc"]}")
                : reply["return"];
        }
        catch (IOException)
        {
            throw new ToolError($"QEMU ended during the command {command}.");
        }
        finally
        {
            oneCommand.Release();
        }
    }

    /// <summary>Runs a command of QEMU's human monitor, for what QMP has no command for (<c>info qtree</c>).</summary>
    public async Task<string> ExecuteHumanAsync(string line) =>
        (string?)await ExecuteAsync("human-monitor-command", new JsonObject { ["command-line"] = line }).ConfigureAwait(false) ?? "";

    /// <summary>Waits for an event, also one that came before the call.</summary>
    /// <exception cref="ToolError">It has not come in <paramref name="timeout"/>, of the guest's time.</exception>
    public async Task<JsonObject> WaitForEventAsync(string name, TimeSpan timeout)
    {
        using var deadline = new GuestDeadline(progress, timeout);
        while (true)
        {
            Task signal;
            lock (gate)
            {
                foreach (JsonObject each in events)
                {
                    if ((string?)each["event"] == name)
                    {
                        return each;
                    }
                }

                signal = eventCame.Task;
            }

            if (!await deadline.WaitAsync(signal).ConfigureAwait(false))
            {
                throw new ToolError($"QEMU did not report {name} in {deadline}.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        oneCommand.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is string line)
            {
                if (JsonNode.Parse(line) is not JsonObject message)
                {
                    continue;
                }

                lock (gate)
                {
                    if (message.ContainsKey("event"))
                    {
                        events.Add(message);
                        eventCame.SetResult();
                        eventCame = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    }
                    else
                    {
                        answer?.TrySetResult(message);
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or JsonException)
        {
            // QEMU is gone.
        }

        lock (gate)
        {
            answer?.TrySetException(new ToolError("QEMU ended."));
        }
    }
}
