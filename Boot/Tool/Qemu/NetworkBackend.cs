using System.Collections.Generic;

namespace Boot.Tool.Qemu;

/// <summary>What a NIC is plugged into: one of QEMU's network back ends.</summary>
public abstract class NetworkBackend
{
    /// <summary>The argument of <c>-netdev</c>, less its id.</summary>
    public abstract string Arguments { get; }
}

/// <summary>
/// QEMU's own user-mode network (slirp): DHCP and TFTP built in, no privileges needed. The guest is 10.0.2.15 and finds this
/// machine's loopback servers at 10.0.2.2.
/// </summary>
public sealed class UserNetwork : NetworkBackend
{
    /// <summary>How the guest reaches servers on this machine's 127.0.0.1.</summary>
    public const string Host = "10.0.2.2";

    /// <summary>The folder that the TFTP server serves.</summary>
    public string? TftpRoot { get; init; }

    /// <summary>The boot file name in DHCP offers.</summary>
    public string? BootFile { get; init; }

    /// <summary>Cuts the guest off from everything but slirp itself.</summary>
    public bool Restrict { get; init; }

    /// <summary>Further properties, for example <c>hostfwd=...</c>.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    public override string Arguments => string.Join(',',
        [
            "user,ipv6=off",
            .. TftpRoot == null ? (string[])[] : ["tftp=" + TftpRoot],
            .. BootFile == null ? (string[])[] : ["bootfile=" + BootFile],
            .. Restrict ? (string[])["restrict=on"] : [],
            .. More,
        ]);
}

/// <summary>A TAP interface that exists already (in the network namespace that the machine runs in).</summary>
public sealed class TapNetwork(string name) : NetworkBackend
{
    public override string Arguments => $"tap,ifname={name},script=no,downscript=no";
}

/// <summary>A hub inside QEMU: all NICs with the same number, and what <see cref="UserNetworkArguments"/> plugs in, hear each other.</summary>
public sealed class HubNetwork(int hub = 0) : NetworkBackend
{
    /// <summary>The arguments that plug slirp into a hub.</summary>
    public static string[] UserNetworkArguments(int hub = 0) =>
        ["-netdev", "user,id=hubuser,ipv6=off", "-netdev", $"hubport,id=hubport,hubid={hub},netdev=hubuser"];

    public override string Arguments => $"hubport,hubid={hub}";
}

/// <summary>A UDP socket to a peer on this machine that speaks whole frames: a test's own wire.</summary>
public sealed class DatagramNetwork(int localPort, int remotePort) : NetworkBackend
{
    public override string Arguments =>
        $"dgram,local.type=inet,local.host=127.0.0.1,local.port={localPort},remote.type=inet,remote.host=127.0.0.1,remote.port={remotePort}";
}
