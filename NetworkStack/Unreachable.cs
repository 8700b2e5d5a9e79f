namespace NetworkStack;

/// <summary>Why a datagram did not arrive: the codes of ICMP destination unreachable (RFC 792; RFC 1122, 3.2.2.1), and ours.</summary>
public enum Unreachable
{
    Network = 0,
    Host = 1,
    Protocol = 2,
    Port = 3,
    TooBig = 4,

    /// <summary>Codes 9, 10 and 13: forbidden by an administrator.</summary>
    Prohibited = 13,

    /// <summary>Nobody answered ARP for the host or the gateway.</summary>
    Neighbour = 256,
}
