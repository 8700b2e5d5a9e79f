namespace NetBoot.NetworkStack.Wire;

/// <summary>Why a DHCPv6 server refuses (RFC 8415, 21.13).</summary>
public enum Dhcp6Status : ushort
{
    /// <summary>It does not.</summary>
    Success = 0,

    /// <summary>UnspecFail: it does not say.</summary>
    Unspecified = 1,

    /// <summary>NoAddrsAvail: it has no address.</summary>
    NoAddresses = 2,

    /// <summary>It knows nothing of that address.</summary>
    NoBinding = 3,

    /// <summary>The address does not belong on the link.</summary>
    NotOnLink = 4,

    /// <summary>It must be asked by multicast.</summary>
    UseMulticast = 5,
}
