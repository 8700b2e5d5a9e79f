using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>
/// A network namespace of one's own: real servers and TAP interfaces that touch nothing outside. It lives as long as the process that
/// holds it, which ends with this program. Needs root, or a system on which users may make namespaces.
/// </summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private readonly Process _holder;

    private NetworkNamespace(Process holder)
    {
        _holder = holder;
    }

    private static bool IsRoot => Environment.UserName == "root";

    internal List<string> EnterArguments => IsRoot
        ? ["--net", "--target", _holder.Id.ToString()]
        : ["--net", "--user", "--preserve-credentials", "--target", _holder.Id.ToString()];

    /// <exception cref="ToolError">The system does not allow it.</exception>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        // cat answers once it runs, thus once the namespace exists, and ends when our end of the pipe is closed.
        string[] arguments = IsRoot ? ["--net", "cat"] : ["--net", "--user", "--map-root-user", "cat"];
        Process holder = ChildProcess.Start("unshare", arguments, "util-linux");
        await holder.StandardInput.WriteLineAsync("ready").ConfigureAwait(false);
        await holder.StandardInput.FlushAsync().ConfigureAwait(false);
        if (await holder.StandardOutput.ReadLineAsync().ConfigureAwait(false) != "ready")
        {
            throw new ToolError($"No network namespace: {(await holder.StandardError.ReadToEndAsync().ConfigureAwait(false)).Trim()}",
                "Run as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1).");
        }

        NetworkNamespace created = new(holder);
        await created.IpAsync("link set lo up").ConfigureAwait(false);
        return created;
    }

    /// <summary>Makes a TAP interface that is up and has an address, for example <c>192.0.2.1/24</c> or <c>2001:db8:1::1/64</c>.</summary>
    public async Task AddTapAsync(string name, string address)
    {
        await IpAsync($"tuntap add dev {name} mode tap").ConfigureAwait(false);
        await (address.Contains(':') ? AddIPv6AddressAsync(name, address) : IpAsync($"address add {address} dev {name}")).ConfigureAwait(false);
        await IpAsync($"link set {name} up").ConfigureAwait(false);
    }

    /// <summary>Gives an interface a further address, for example <c>2001:db8:1::1/64</c>, which nobody else is asked about.</summary>
    public Task AddIPv6AddressAsync(string name, string address) => IpAsync($"-6 address add {address} dev {name} nodad");

    public async ValueTask DisposeAsync()
    {
        _holder.StandardInput.Close();
        await _holder.WaitForExitAsync().ConfigureAwait(false);
        _holder.Dispose();
    }

    private Task IpAsync(string command) => ChildProcess.RunAsync("ip", command.Split(' '), "iproute2", this);
}
