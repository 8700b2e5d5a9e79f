using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>
/// A real DHCP server of either version (kea) on an interface of a network namespace, which it listens on a second after the interface has a link.
/// Disposing of it ends it.
/// </summary>
public sealed class KeaServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private KeaServer(TemporaryDirectory directory, Process process)
    {
        _directory = directory;
        _process = process;
    }

    /// <summary>What it logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <param name="inside">Where it runs.</param>
    /// <param name="version">4 or 6.</param>
    /// <param name="tap">The interface it listens on.</param>
    /// <param name="configuration">Further members of kea's <c>Dhcp4</c> or <c>Dhcp6</c>, in JSON: subnets, classes.</param>
    public static async Task<KeaServer> StartAsync(NetworkNamespace inside, int version, string tap, string configuration)
    {
        TemporaryDirectory directory = new();
        string file = directory.Combine("kea.conf");
        await File.WriteAllTextAsync(file, Configuration(version, tap, configuration)).ConfigureAwait(false);
        string program = $"kea-dhcp{version}";
        Process process = ChildProcess.Start(
            "env", [$"KEA_PIDFILE_DIR={directory.FullName}", "KEA_LOCKFILE_DIR=none", program, "-c", file], program + "-server", inside);
        KeaServer server = new(directory, process);
        _ = process.StandardOutput.ReadToEndAsync(); // keep the pipe from filling
        if (await ServerStart.WaitAsync(process, $"DHCP{version}_STARTED", server._log).ConfigureAwait(false))
        {
            _ = server.ReadAsync();
            return server;
        }

        process.Dispose();
        directory.Dispose();
        throw new ToolError($"{program} did not start: {server.Log.Trim()}", $"Install it: sudo apt-get install {program}-server");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
        _directory.Dispose();
    }

    // A TAP has no link before its machine runs.
    private static string Configuration(int version, string tap, string more) => $$"""
        { "Dhcp{{version}}": {
            "interfaces-config": { "interfaces": [ "{{tap}}" ], "service-sockets-max-retries": 600, "service-sockets-retry-wait-time": 100 },
            "lease-database": { "type": "memfile", "persist": false },
            {{(version == 6 ? """ "server-id": { "type": "LL", "htype": 1, "identifier": "525400000547", "persist": false }, """ : "")}}
            "loggers": [ { "name": "kea-dhcp{{version}}", "severity": "INFO", "output_options": [ { "output": "stderr", "flush": true } ] } ],
            {{more}}
        } }
        """;

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is string line)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }
        }
    }
}
