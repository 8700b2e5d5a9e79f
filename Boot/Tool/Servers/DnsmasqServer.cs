using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>A real DHCP, TFTP and DNS server, and IPv6 router (dnsmasq), on an interface of a network namespace. Disposing of it ends it.</summary>
public sealed class DnsmasqServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private DnsmasqServer(Process process)
    {
        _process = process;
    }

    /// <summary>What it logged: each DHCP message and TFTP transfer.</summary>
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
    /// <param name="tap">The interface it listens on.</param>
    /// <param name="more">Further options, for example <c>--dhcp-range=...</c>.</param>
    /// <param name="tftpRoot">The folder to serve by TFTP.</param>
    /// <param name="names">Whether it answers DNS too.</param>
    public static async Task<DnsmasqServer> StartAsync(NetworkNamespace inside, string tap, IEnumerable<string> more, string? tftpRoot = null, bool names = false)
    {
        List<string> arguments =
        [
            .. names ? (string[])[] : ["--port=0"],
            "--no-daemon", "--conf-file=/dev/null", "--user=root", "--no-resolv", "--no-hosts", "--leasefile-ro", "--log-dhcp", "--no-ping",
            $"--interface={tap}", "--bind-interfaces", .. more,
        ];
        if (tftpRoot != null)
        {
            arguments.AddRange("--enable-tftp", $"--tftp-root={tftpRoot}");
        }

        Process process = ChildProcess.Start("dnsmasq", arguments, "dnsmasq-base", inside);
        DnsmasqServer server = new(process);
        if (await ServerStart.WaitAsync(process, "started, version", server._log).ConfigureAwait(false))
        {
            _ = server.ReadAsync();
            return server;
        }

        process.Dispose();
        throw new ToolError($"dnsmasq did not start: {server.Log.Trim()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

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
