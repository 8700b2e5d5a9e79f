namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Where an IPv6 address of ours is from.</summary>
public enum IPv6AddressOrigin : byte
{
    /// <summary>Made from the station address, for the link alone (RFC 4862, 5.3).</summary>
    LinkLocal,

    /// <summary>Made from the station address and a router's prefix (RFC 4862, 5.5).</summary>
    Advertised,

    /// <summary>Leased (RFC 9915).</summary>
    Dhcp,

    /// <summary>Set by the user.</summary>
    Manual,
}
