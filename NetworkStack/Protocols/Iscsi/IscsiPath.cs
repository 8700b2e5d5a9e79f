using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>One way to a disk.</summary>
public sealed class IscsiPath
{
    /// <summary>The target's address and port.</summary>
    public required IPEndpoint Portal { get; init; }

    /// <summary>Its name.</summary>
    public required string Target { get; init; }

    /// <summary>As on the wire, see <see cref="IscsiRootPath.Lun"/>.</summary>
    public ulong Lun { get; init; }

    /// <summary>Tells root paths of one disk apart; the addresses of one root path's server have the same.</summary>
    public int Number { get; init; }

    /// <summary>For CHAP; null to do without.</summary>
    public string? User { get; init; }

    /// <summary>For CHAP.</summary>
    public string? Password { get; init; }

    /// <summary>Why it could not be used when the disk was opened; empty where it was, or was not tried.</summary>
    public ReadOnlySpan<char> Failure => OpeningFailure.Text;

    internal IscsiFailure OpeningFailure { get; } = new();

    /// <summary>What a root path names.</summary>
    /// <param name="path">As it was read.</param>
    /// <param name="portal">Its server, resolved.</param>
    /// <param name="user">Where the path itself has no user; null for none.</param>
    /// <param name="password">With <paramref name="user"/>.</param>
    /// <param name="number">See <see cref="Number"/>.</param>
    public static IscsiPath From(IscsiRootPath path, IPAddress portal, string? user, string? password, int number) => new()
    {
        Number = number,
        Portal = new IPEndpoint(portal, path.Port),
        Target = path.Target,
        Lun = path.Lun,
        User = path.User ?? user,
        Password = path.User is null ? password : path.Password,
    };
}
