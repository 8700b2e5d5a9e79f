namespace NetBoot.NetworkStack.Wire;

/// <summary>DHCPv6 options that are used here (RFC 8415, 21; RFC 3646; RFC 5970).</summary>
public static class Dhcp6Tag
{
    /// <summary>The client's DUID.</summary>
    public const ushort ClientIdentifier = 1;

    /// <summary>The server's DUID.</summary>
    public const ushort ServerIdentifier = 2;

    /// <summary>IA_NA: an association's number, T1 and T2, and addresses.</summary>
    public const ushort Association = 3;

    /// <summary>IAADDR, in an <see cref="Association"/>: an address, its preferred and its valid lifetime.</summary>
    public const ushort Address = 5;

    /// <summary>The tags that the client wants, 2 bytes each.</summary>
    public const ushort OptionRequest = 6;

    /// <summary>1 byte; the server with the highest is taken.</summary>
    public const ushort Preference = 7;

    /// <summary>Hundredths of a second since the client began, 2 bytes.</summary>
    public const ushort ElapsedTime = 8;

    /// <summary><see cref="Dhcp6Status"/>, 2 bytes, and text.</summary>
    public const ushort StatusCode = 13;

    /// <summary>A reply to a solicitation will do, or is one; empty.</summary>
    public const ushort RapidCommit = 14;

    /// <summary>Texts, each behind its length of 2 bytes.</summary>
    public const ushort UserClass = 15;

    /// <summary>An enterprise's number, 4 bytes, and texts as in <see cref="UserClass"/>.</summary>
    public const ushort VendorClass = 16;

    /// <summary>Addresses.</summary>
    public const ushort DnsServers = 23;

    /// <summary>Names as RFC 1035, 3.1, writes them.</summary>
    public const ushort DomainList = 24;

    /// <summary>Seconds until what a server says beside addresses is to be asked for again, 4 bytes.</summary>
    public const ushort InformationRefreshTime = 32;

    /// <summary>A URL.</summary>
    public const ushort BootFileUrl = 59;

    /// <summary>Texts for the boot file, each behind its length of 2 bytes.</summary>
    public const ushort BootFileParameters = 60;

    /// <summary>2 bytes for each architecture, as in <see cref="DhcpTag.ClientArchitecture"/>.</summary>
    public const ushort ClientArchitecture = 61;

    /// <summary>As in <see cref="DhcpTag.NetworkInterfaceIdentifier"/>.</summary>
    public const ushort NetworkInterfaceIdentifier = 62;

    /// <summary>Seconds, 4 bytes: the longest time between two solicitations.</summary>
    public const ushort SolicitMaximumTime = 82;

    /// <summary>Seconds, 4 bytes: the longest time between two requests for information.</summary>
    public const ushort InformationMaximumTime = 83;

    /// <summary>What standards call an option that messages about it name: of those that are read.</summary>
    public static string NameOf(ushort tag) => tag switch
    {
        ClientIdentifier => "CLIENTID",
        ServerIdentifier => "SERVERID",
        Association => "IA_NA",
        Address => "IAADDR",
        Preference => "PREFERENCE",
        StatusCode => "STATUS_CODE",
        RapidCommit => "RAPID_COMMIT",
        DnsServers => "DNS_SERVERS",
        DomainList => "DOMAIN_LIST",
        InformationRefreshTime => "INFORMATION_REFRESH_TIME",
        BootFileUrl => "BOOTFILE_URL",
        BootFileParameters => "BOOTFILE_PARAM",
        SolicitMaximumTime => "SOL_MAX_RT",
        InformationMaximumTime => "INF_MAX_RT",
        _ => "unknown",
    };
}
