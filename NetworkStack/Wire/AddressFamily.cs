namespace NetBoot.NetworkStack.Wire;

/// <summary>Which version of IP an address is of.</summary>
public enum AddressFamily : byte
{
    /// <summary>No address.</summary>
    None,

    /// <summary>RFC 791: 4 bytes.</summary>
    IPv4,

    /// <summary>RFC 8200: 16 bytes.</summary>
    IPv6,
}
