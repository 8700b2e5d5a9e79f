namespace NetBoot.NetworkStack.Wire;

/// <summary>What an IP datagram carries (IANA "protocol numbers").</summary>
internal enum IPProtocol : byte
{
    Icmp = 1,
    Tcp = 6,
    Udp = 17,
}
