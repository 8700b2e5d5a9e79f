using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Certificates;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>
/// OpenSSL's test server (<c>openssl s_server</c>), for set-ups that no web server has: one version, no common cipher, records of a size.
/// Disposing of it ends it.
/// </summary>
public sealed class OpenSslServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly StringBuilder _log;
    private bool _isDisposed;
    private readonly SemaphoreSlim _more = new(0); // a count for each line that came

    private OpenSslServer(TemporaryDirectory directory, Process process, StringBuilder log)
    {
        _directory = directory;
        _process = process;
        _log = log;
    }

    /// <summary>
    /// Serves one folder's files with <c>-WWW</c> (HTTP/1.0, without a length), or with <c>-HTTP</c> as answers that are stored whole; with neither
    /// what <see cref="SendAsync"/> says.
    /// </summary>
    /// <param name="inside">Where it runs.</param>
    /// <param name="address">An address of the namespace, with a port: <c>192.0.2.1:4433</c>.</param>
    /// <param name="certificate">What it shows, with all that issued it but the root.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="more">Further options: <c>-tls1_2</c>, <c>-cipher</c>.</param>
    public static async Task<OpenSslServer> StartAsync(
        NetworkNamespace inside, string address, TestCertificate certificate, string folder, params IEnumerable<string> more)
    {
        TemporaryDirectory directory = new();
        (string chain, string key) = certificate.Write(directory, "server");
        List<string> arguments =
        [
            "-c", "cd \"$0\" && exec openssl s_server \"$@\" 1>&2", // it says that it serves on its standard output
            folder, "-accept", address, "-cert", chain, "-cert_chain", chain, "-key", key, .. more,
        ];
        Process process = ChildProcess.Start("sh", arguments, "openssl", inside);
        OpenSslServer server = new(directory, process, new StringBuilder());
        if (await ServerStart.WaitAsync(process, "ACCEPT", server._log).ConfigureAwait(false))
        {
            _ = server.ReadAsync();
            return server;
        }

        process.Dispose();
        directory.Dispose();
        throw new ToolError($"openssl s_server did not start: {server._log.ToString().Trim()}");
    }

    /// <summary>What it printed.</summary>
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

    /// <summary>
    /// Says something on a connection, at once or once there is one; a line of one letter is a command: <c>r</c> asks for a new handshake,
    /// <c>k</c> changes the keys.
    /// </summary>
    public async Task SendAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Waits until it has printed what a pattern matches.</summary>
    public async Task WaitForAsync(string pattern)
    {
        while (!Regex.IsMatch(Log, pattern))
        {
            await _more.WaitAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
        _directory.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is string line)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }

            _more.Release();
        }
    }
}
