using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>Who we are to targets.</summary>
public sealed class IscsiInitiator
{
    /// <summary>How often a lost path is tried again before a request fails, when nothing else is said.</summary>
    public const int DefaultRetries = 10;

    private const string Prefix = "iqn.2010-04.org.ipxe:"; // iPXE's: targets that let its machines in let ours in.

    /// <summary>Our name (RFC 7143, 4.2.7).</summary>
    public required string Name { get; init; }

    /// <summary>The name by which targets prove themselves (mutual CHAP); null to believe any.</summary>
    public string? ReverseUser { get; init; }

    /// <summary>With <see cref="ReverseUser"/>.</summary>
    public string? ReversePassword { get; init; }

    /// <summary>What CHAP is computed with; null to do without CHAP.</summary>
    public IHashes? Hashes { get; init; }

    /// <summary>How often each path is tried again before a request fails.</summary>
    public int Retries { get; init; } = DefaultRetries;

    /// <summary>The name of a machine that is given none: by its host name, or else by its UUID, or else by its network card.</summary>
    /// <param name="hostName">Empty for none.</param>
    /// <param name="uuid">As text; empty for none.</param>
    /// <param name="mac">Of the card.</param>
    public static string DefaultName(string hostName, string uuid, MacAddress mac) =>
        hostName.Length + uuid.Length == 0
            ? TextBuilder.Format($"{Prefix}{mac}")
            : TextBuilder.Format($"{Prefix}{(hostName.Length > 0 ? hostName : uuid)}");
}
