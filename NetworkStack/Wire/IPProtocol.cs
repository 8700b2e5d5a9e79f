namespace NetBoot.NetworkStack.Wire;

/// <summary>What an IP datagram carries, and the kinds of IPv6's headers (IANA "protocol numbers").</summary>
internal enum IPProtocol : byte
{
    HopByHop = 0,
    Icmp = 1,
    Tcp = 6,
    Udp = 17,
    Routing = 43,
    Fragment = 44,
    IcmpV6 = 58,
    NoNextHeader = 59,
    DestinationOptions = 60,
}
