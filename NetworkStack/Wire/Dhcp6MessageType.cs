namespace NetBoot.NetworkStack.Wire;

/// <summary>The messages between a DHCPv6 client and servers (RFC 8415, 7.3).</summary>
public enum Dhcp6MessageType : byte
{
    /// <summary>Nothing was received.</summary>
    None = 0,

    /// <summary>Who has an address for me?</summary>
    Solicit = 1,

    /// <summary>A server has.</summary>
    Advertise = 2,

    /// <summary>I take that.</summary>
    Request = 3,

    /// <summary>May I keep it, asked of the server that gave it.</summary>
    Renew = 5,

    /// <summary>The same, asked of any server.</summary>
    Rebind = 6,

    /// <summary>The answer to everything but <see cref="Solicit"/>.</summary>
    Reply = 7,

    /// <summary>Another host has the address.</summary>
    Decline = 9,

    /// <summary>All but an address is wanted.</summary>
    InformationRequest = 11,
}
