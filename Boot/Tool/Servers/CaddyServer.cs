using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Certificates;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>A real web server (caddy) for one folder, by https, in a network namespace. Disposing of it ends it.</summary>
public sealed class CaddyServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;

    private CaddyServer(TemporaryDirectory directory, Process process)
    {
        _directory = directory;
        _process = process;
    }

    /// <param name="inside">Where it runs.</param>
    /// <param name="host">What clients call it, with a port.</param>
    /// <param name="address">An address of the namespace.</param>
    /// <param name="certificate">What it shows, with all that issued it but the root.</param>
    /// <param name="root">The folder to serve.</param>
    public static async Task<CaddyServer> StartAsync(NetworkNamespace inside, string host, string address, TestCertificate certificate, string root)
    {
        TemporaryDirectory directory = new();
        (string chain, string key) = certificate.Write(directory, "server");
        string file = directory.Combine("Caddyfile");
        await File.WriteAllTextAsync(file, $$"""
            {
                admin off
                auto_https off
                default_sni {{host.Split(':')[0]}}
            }
            https://{{host}} {
                bind {{address}}
                tls {{chain}} {{key}}
                root * {{root}}
                file_server
            }

            """).ConfigureAwait(false);
        Process process = ChildProcess.Start(
            "env", [$"HOME={directory.FullName}", $"XDG_DATA_HOME={directory.FullName}", $"XDG_CONFIG_HOME={directory.FullName}", "caddy", "run", "--config", file], "caddy", inside);
        StringBuilder log = new();
        if (await ServerStart.WaitAsync(process, "serving initial configuration", log).ConfigureAwait(false))
        {
            _ = process.StandardError.ReadToEndAsync(); // keep the pipe from filling
            return new CaddyServer(directory, process);
        }

        directory.Dispose();
        process.Dispose();
        throw new ToolError($"caddy did not start: {log.ToString().Trim()}", "Install it: sudo apt-get install caddy");
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
}
