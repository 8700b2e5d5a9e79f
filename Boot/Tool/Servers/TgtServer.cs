using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>A real iSCSI target (Debian's tgtd) with disks that are files, on this machine. Disposing of it ends it.</summary>
public sealed class TgtServer : IAsyncDisposable
{
    /// <summary>The target's name.</summary>
    public const string Target = "iqn.2024-01.test:tgt";

    private const string Package = "tgt";

    private readonly TemporaryDirectory _directory = new();
    private Process? _process;
    private int _disks;

    private readonly NetworkNamespace? _inside;

    private TgtServer(NetworkNamespace? inside)
    {
        _inside = inside;
    }

    /// <summary>Where it serves.</summary>
    public int Port { get; private set; }

    /// <summary>Starts it with the first disk.</summary>
    /// <param name="disk">A file: LUN 1.</param>
    /// <param name="address">Where it serves.</param>
    /// <param name="port">0 for any that is free.</param>
    /// <param name="inside">Where the address is, and the port must be said; null for this machine.</param>
    public static async Task<TgtServer> StartAsync(string disk, string address = "127.0.0.1", int port = 0, NetworkNamespace? inside = null)
    {
        TgtServer server = new(inside) { Port = port == 0 ? FindPort(address) : port };
        try
        {
            await server.RunAsync(disk, address).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return server;
    }

    /// <summary>Adds a disk, as the next LUN.</summary>
    /// <param name="disk">A file.</param>
    /// <param name="isReadOnly">Writes are refused.</param>
    public async Task AddDiskAsync(string disk, bool isReadOnly = false)
    {
        string lun = (++_disks).ToString();
        await AdministerAsync("--op", "new", "--mode", "logicalunit", "--tid", "1", "--lun", lun, "-b", disk).ConfigureAwait(false);
        if (isReadOnly)
        {
            await AdministerAsync("--op", "update", "--mode", "logicalunit", "--tid", "1", "--lun", lun, "--params", "readonly=1").ConfigureAwait(false);
        }
    }

    /// <summary>Demands CHAP from now on.</summary>
    public async Task DemandAsync(string user, string password)
    {
        await AdministerAsync("--op", "new", "--mode", "account", "--user", user, "--password", password).ConfigureAwait(false);
        await AdministerAsync("--op", "bind", "--mode", "account", "--tid", "1", "--user", user).ConfigureAwait(false);
    }

    /// <summary>Proves itself by CHAP, to those who ask.</summary>
    public async Task ProveAsync(string user, string password)
    {
        await AdministerAsync("--op", "new", "--mode", "account", "--user", user, "--password", password).ConfigureAwait(false);
        await AdministerAsync("--op", "bind", "--mode", "account", "--tid", "1", "--user", user, "--outgoing").ConfigureAwait(false);
    }

    /// <summary>Demands digests (CRC32C) of headers and data from now on.</summary>
    public async Task DemandDigestsAsync()
    {
        foreach (string digest in new[] { "HeaderDigest", "DataDigest" })
        {
            await AdministerAsync("--op", "update", "--mode", "target", "--tid", "1", "-n", digest, "-v", "CRC32C").ConfigureAwait(false);
        }
    }

    /// <summary>Runs tgtadm.</summary>
    private Task AdministerAsync(params string[] arguments) =>
        ChildProcess.RunAsync("env", [Socket, "tgtadm", "--lld", "iscsi", .. arguments], Package, _inside);

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

    /// <summary>Each has its own, so that several run beside each other.</summary>
    private string Socket => $"TGT_IPC_SOCKET={_directory.Combine("socket")}";

    private static int FindPort(string address)
    {
        using TcpListener free = new(IPAddress.Parse(address), 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    private async Task RunAsync(string disk, string address)
    {
        string portal = address.Contains(':') ? $"[{address}]" : address;
        _process = ChildProcess.Start("env", [Socket, "tgtd", "-f", "--iscsi", $"portal={portal}:{Port}"], Package, _inside);
        _ = _process.StandardError.ReadToEndAsync(); // keep the pipe from filling
        while (true)
        {
            try
            {
                await AdministerAsync("--op", "show", "--mode", "target").ConfigureAwait(false);
                break;
            }
            catch (ToolError error) when (_process.HasExited)
            {
                throw new ToolError($"tgtd does not run on {portal}:{Port}. {error.Message}");
            }
            catch (ToolError)
            {
                await Task.Delay(50).ConfigureAwait(false); // It opens its socket a moment after it began, and says nothing.
            }
        }

        await AdministerAsync("--op", "new", "--mode", "target", "--tid", "1", "--targetname", Target).ConfigureAwait(false);
        await AddDiskAsync(disk).ConfigureAwait(false);
        await AdministerAsync("--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL").ConfigureAwait(false);
    }
}
