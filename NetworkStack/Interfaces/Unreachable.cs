namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Why a datagram did not arrive: the codes of ICMP destination unreachable (RFC 792; RFC 1122, 3.2.2.1), and ours.</summary>
public enum Unreachable
{
    /// <summary>No route to the network.</summary>
    Network = 0,

    /// <summary>The network is reached, the host is not.</summary>
    Host = 1,

    /// <summary>The host does not know the protocol.</summary>
    Protocol = 2,

    /// <summary>Nobody is at the port.</summary>
    Port = 3,

    /// <summary>A router had to split a packet that must not be split.</summary>
    TooBig = 4,

    /// <summary>Codes 9, 10 and 13: forbidden by an administrator.</summary>
    Prohibited = 13,

    /// <summary>No neighbour has the address of the host or the gateway.</summary>
    Neighbour = 256,
}
