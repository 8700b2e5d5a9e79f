using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>Who we are to targets.</summary>
public sealed class IscsiInitiator
{
    /// <summary>How often a lost path is tried again before a request fails, when nothing else is said.</summary>
    public const int DefaultRetries = 10;

    /// <summary>Our name (RFC 7143, 4.2.7).</summary>
    public required string Name { get; init; }

    /// <summary>The name by which targets prove themselves (mutual CHAP); null to believe any.</summary>
    public string? ReverseUser { get; init; }

    /// <summary>With <see cref="ReverseUser"/>.</summary>
    public string? ReversePassword { get; init; }

    /// <summary>Asks for digests first, where a target may do without.</summary>
    public bool PrefersDigests { get; init; }

    /// <summary>What CHAP is computed with; null to do without CHAP.</summary>
    public IHashes? Hashes { get; init; }

    /// <summary>How often each path is tried again before a request fails.</summary>
    public int Retries { get; init; } = DefaultRetries;

    /// <summary>The name of a machine that is given none: by its host name, or else by its UUID.</summary>
    /// <param name="hostName">Null or empty for none.</param>
    /// <param name="uuid">As text; null or empty for none.</param>
    /// <returns>Null where there is neither.</returns>
    public static string? DefaultName(string? hostName, string? uuid)
    {
        string? own = string.IsNullOrEmpty(hostName) ? uuid : hostName;
        return string.IsNullOrEmpty(own) ? null : TextBuilder.Format($"iqn.2010-04.org.ipxe:{own}");
    }
}
