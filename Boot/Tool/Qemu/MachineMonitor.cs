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

    private readonly Socket _socket;
    private readonly GuestProgress _progress;
    private readonly StreamReader _reader;
    private readonly Stream _stream;
    private readonly SemaphoreSlim _oneCommand = new(1);
    private readonly List<JsonObject> _events = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource<JsonObject>? _answer;
    private TaskCompletionSource _eventCame = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;

    private MachineMonitor(Socket socket, GuestProgress progress)
    {
        _socket = socket;
        _progress = progress;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    /// <summary>Takes QEMU's connection and leaves its negotiation mode.</summary>
    internal static async Task<MachineMonitor> AcceptAsync(Socket listener, GuestProgress progress, CancellationToken cancellation)
    {
        MachineMonitor monitor = new(await listener.AcceptAsync(cancellation).ConfigureAwait(false), progress);
        await monitor._reader.ReadLineAsync(cancellation).ConfigureAwait(false); // greeting
        monitor._reading = monitor.ReadAsync();
        await monitor.ExecuteAsync("qmp_capabilities").ConfigureAwait(false);
        return monitor;
    }

    /// <summary>Runs a command and gives its result.</summary>
    /// <exception cref="ToolError">QEMU refused it, or ended.</exception>
    public async Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments = null)
    {
        await _oneCommand.WaitAsync().ConfigureAwait(false);
        try
        {
            TaskCompletionSource<JsonObject> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                _answer = source;
            }

            if (_reading.IsCompleted && command != "qmp_capabilities")
            {
                throw new ToolError($"QEMU ended before the command {command}.");
            }

            JsonObject request = new() { ["execute"] = command };
            if (arguments != null)
            {
                request["arguments"] = arguments;
            }

            await _stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n")).ConfigureAwait(false);
            using GuestDeadline deadline = new(_progress, s_patience);
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
            _oneCommand.Release();
        }
    }

    /// <summary>Runs a command of QEMU's human monitor, for what QMP has no command for (<c>info qtree</c>).</summary>
    public async Task<string> ExecuteHumanAsync(string line) =>
        (string?)await ExecuteAsync("human-monitor-command", new JsonObject { ["command-line"] = line }).ConfigureAwait(false) ?? "";

    /// <summary>Waits for an event, also one that came before the call.</summary>
    /// <exception cref="ToolError">It has not come in <paramref name="timeout"/>, of the guest's time.</exception>
    public async Task<JsonObject> WaitForEventAsync(string name, TimeSpan timeout)
    {
        using GuestDeadline deadline = new(_progress, timeout);
        while (true)
        {
            Task signal;
            lock (_gate)
            {
                foreach (JsonObject each in _events)
                {
                    if ((string?)each["event"] == name)
                    {
                        return each;
                    }
                }

                signal = _eventCame.Task;
            }

            if (!await deadline.WaitAsync(signal).ConfigureAwait(false))
            {
                throw new ToolError($"QEMU did not report {name} in {deadline}.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _oneCommand.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync().ConfigureAwait(false) is string line)
            {
                if (JsonNode.Parse(line) is not JsonObject message)
                {
                    continue;
                }

                lock (_gate)
                {
                    if (message.ContainsKey("event"))
                    {
                        _events.Add(message);
                        _eventCame.SetResult();
                        _eventCame = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    }
                    else
                    {
                        _answer?.TrySetResult(message);
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or JsonException)
        {
            // QEMU is gone.
        }

        lock (_gate)
        {
            _answer?.TrySetException(new ToolError("QEMU ended."));
        }
    }
}
