using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>Another real iSCSI target (Debian's istgt), of one disk, on 127.0.0.1. Disposing of it ends it.</summary>
public sealed class IstgtServer : IAsyncDisposable
{
    /// <summary>The target's name.</summary>
    public const string Target = "iqn.2024-01.test:istgt";

    private const string Package = "istgt";

    private readonly TemporaryDirectory _directory = new();
    private Process? _process;

    private IstgtServer()
    {
    }

    /// <summary>Where it serves.</summary>
    public int Port { get; } = FindPort();

    /// <summary>Starts it.</summary>
    /// <param name="disk">A file: LUN 0.</param>
    /// <param name="users">
    /// A user with password, and the target's own, each in quotes: demands CHAP both ways, and digests. Null to demand nothing.
    /// </param>
    public static async Task<IstgtServer> StartAsync(string disk, string? users = null)
    {
        IstgtServer server = new();
        try
        {
            await server.RunAsync(disk, users).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process?.Dispose();
        _directory.Dispose();
    }

    private static int FindPort()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    private async Task RunAsync(string disk, string? users)
    {
        string secrets = _directory.Combine("auth.conf");
        await File.WriteAllTextAsync(secrets, $"[AuthGroup1]\n  Auth {users ?? "\"nobody\" \"nobody's secret\""}\n").ConfigureAwait(false);
        await ChildProcess.RunAsync("chmod", ["600", secrets], "coreutils").ConfigureAwait(false); // It reads no other.
        string configuration = _directory.Combine("istgt.conf");
        await File.WriteAllTextAsync(configuration, $"""
            [Global]
              NodeBase "iqn.2024-01.test"
              PidFile {_directory.Combine("pid")}
              AuthFile {secrets}
            [UnitControl]
              AuthGroup AuthGroup1
            [PortalGroup1]
              Portal P1 127.0.0.1:{Port}
            [InitiatorGroup1]
              InitiatorName "ALL"
              Netmask 127.0.0.0/8
            [LogicalUnit1]
              TargetName {Target}
              Mapping PortalGroup1 InitiatorGroup1
              AuthGroup AuthGroup1
              AuthMethod {(users is null ? "None" : "CHAP Mutual")}
              UseDigest {(users is null ? "Auto" : "Header Data")}
              UnitType Disk
              LUN0 Storage {disk} Auto

            """).ConfigureAwait(false);
        _process = ChildProcess.Start("istgt", ["-D", "-c", configuration], Package);
        Task<string> said = _process.StandardError.ReadToEndAsync(); // keep the pipes from filling
        _ = _process.StandardOutput.ReadToEndAsync();
        while (true)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, Port).ConfigureAwait(false);
                return;
            }
            catch (SocketException) when (_process.HasExited)
            {
                throw new ToolError($"istgt does not run on port {Port}: {(await said.ConfigureAwait(false)).Trim()}");
            }
            catch (SocketException)
            {
                await Task.Delay(50).ConfigureAwait(false); // It opens its port a moment after it began.
            }
        }
    }
}
