using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>A real IPv6 router, as far as it advertises itself (radvd), on an interface of a network namespace. Disposing of it ends it.</summary>
public sealed class RadvdServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;

    private RadvdServer(TemporaryDirectory directory, Process process)
    {
        _directory = directory;
        _process = process;
    }

    /// <param name="inside">Where it runs.</param>
    /// <param name="tap">The interface it advertises on, which has an address of the link.</param>
    /// <param name="configuration">What radvd.conf says of the interface.</param>
    public static async Task<RadvdServer> StartAsync(NetworkNamespace inside, string tap, string configuration)
    {
        TemporaryDirectory directory = new();
        string file = directory.Combine("radvd.conf");
        await File.WriteAllTextAsync(file, $"interface {tap} {{ AdvSendAdvert on; {configuration} }};\n").ConfigureAwait(false);
        string[] arguments = ["--nodaemon", "--logmethod=stderr", $"--config={file}", $"--pidfile={directory.Combine("radvd.pid")}"];
        Process process = ChildProcess.Start("radvd", arguments, "radvd", inside);
        StringBuilder log = new();
        if (await ServerStart.WaitAsync(process, "started", log).ConfigureAwait(false))
        {
            _ = process.StandardError.ReadToEndAsync(); // keep the pipe from filling
            return new RadvdServer(directory, process);
        }

        directory.Dispose();
        process.Dispose();
        throw new ToolError($"radvd did not start: {log.ToString().Trim()}");
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
