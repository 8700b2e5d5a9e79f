using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Certificates;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>A real web server (apache2) for one folder, by https, in a network namespace. Disposing of it ends it.</summary>
public sealed class ApacheServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;

    private ApacheServer(TemporaryDirectory directory, Process process)
    {
        _directory = directory;
        _process = process;
    }

    /// <param name="inside">Where it runs.</param>
    /// <param name="address">An address of the namespace, with a port.</param>
    /// <param name="certificate">What it shows, with all that issued it but the root.</param>
    /// <param name="root">The folder to serve.</param>
    /// <param name="more">Further directives.</param>
    public static async Task<ApacheServer> StartAsync(NetworkNamespace inside, string address, TestCertificate certificate, string root, string more = "")
    {
        TemporaryDirectory directory = new();
        (string chain, string key) = certificate.Write(directory, "server");
        string file = directory.Combine("apache2.conf");
        await File.WriteAllTextAsync(file, Configuration(directory, address, chain, key, root, more)).ConfigureAwait(false);
        Process process = ChildProcess.Start("apache2", ["-f", file, "-E", "/dev/stderr", "-DFOREGROUND"], "apache2-bin", inside);
        StringBuilder log = new();
        if (await ServerStart.WaitAsync(process, "resuming normal operations", log).ConfigureAwait(false))
        {
            _ = process.StandardError.ReadToEndAsync(); // keep the pipe from filling
            return new ApacheServer(directory, process);
        }

        directory.Dispose();
        process.Dispose();
        throw new ToolError($"apache2 did not start: {log.ToString().Trim()}");
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

    private static string Configuration(TemporaryDirectory directory, string address, string chain, string key, string root, string more) => $$"""
        ServerRoot {{directory.FullName}}
        ServerName server
        DefaultRuntimeDir {{directory.FullName}}
        PidFile {{directory.Combine("apache2.pid")}}
        ErrorLog /dev/stderr
        LogLevel notice
        LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
        LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
        LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
        User nobody
        Group nogroup
        Listen {{address}}
        DocumentRoot {{root}}
        SSLEngine on
        SSLCertificateFile {{chain}}
        SSLCertificateKeyFile {{key}}
        {{more}}

        """;
}
