namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>Where an address comes from, as the iBFT says it: Windows' NL_PREFIX_ORIGIN.</summary>
public enum IscsiBootOrigin : byte
{
    /// <summary>By hand.</summary>
    Manual = 1,

    /// <summary>By DHCP or DHCPv6.</summary>
    Dhcp = 3,

    /// <summary>From what routers say.</summary>
    RouterAdvertisement = 4,
}
