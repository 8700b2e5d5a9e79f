using System.Collections.Generic;

namespace NetBoot.Boot.Tool.Qemu;

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

    /// <summary>The first address that its DHCP server gives.</summary>
    public const string Guest = "10.0.2.15";

    /// <summary>The folder that the TFTP server serves.</summary>
    public string? TftpRoot { get; init; }

    /// <summary>The boot file name in DHCP offers.</summary>
    public string? BootFile { get; init; }

    /// <summary>Cuts the guest off from everything but slirp itself.</summary>
    public bool Restrict { get; init; }

    /// <summary>Whether it has IPv6 too: a router that advertises fec0::/64, and its TFTP server at fec0::2.</summary>
    public bool HasIPv6 { get; init; }

    /// <summary>Further properties, for example <c>hostfwd=...</c>.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    public override string Arguments => string.Join(',',
        [
            HasIPv6 ? "user" : "user,ipv6=off",
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

/// <summary>A hub inside QEMU: all NICs on it, and what <see cref="ArgumentsFor"/> plugs in, hear each other.</summary>
public sealed class HubNetwork : NetworkBackend
{
    /// <summary>The arguments that plug slirp into the hub.</summary>
    public static IReadOnlyList<string> UserNetworkArguments { get; } = ArgumentsFor(new UserNetwork());

    public override string Arguments => "hubport,hubid=0";

    /// <summary>The arguments that plug another network into the hub.</summary>
    public static IReadOnlyList<string> ArgumentsFor(NetworkBackend other) =>
        ["-netdev", $"{other.Arguments},id=hubother", "-netdev", "hubport,id=hubport,hubid=0,netdev=hubother"];
}
