namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Words for <see cref="DropReason"/>, for users.</summary>
public static class DropReasons
{
    /// <summary>What it is called on a screen.</summary>
    public static string Describe(DropReason reason) => reason switch
    {
        DropReason.FrameTooShort => "frame too short",
        DropReason.OtherStation => "frame for another station",
        DropReason.OtherVlan => "frame of another VLAN",
        DropReason.UnknownEtherType => "unknown EtherType",
        DropReason.BadArp => "malformed ARP packet",
        DropReason.BadLldp => "malformed LLDP message",
        DropReason.BadIPv4Header => "malformed IPv4 header",
        DropReason.BadIPv4Checksum => "wrong IPv4 header checksum",
        DropReason.BadIPv4Source => "impossible IPv4 source",
        DropReason.OtherIPv4Address => "datagram for another host",
        DropReason.BadIPv6Header => "malformed IPv6 header",
        DropReason.BadIPv6Extension => "unusable IPv6 extension header",
        DropReason.BadIPv6Source => "impossible IPv6 source",
        DropReason.OtherIPv6Address => "IPv6 datagram for another host",
        DropReason.BadNeighbourDiscovery => "malformed message of Neighbour Discovery",
        DropReason.BadFragment => "contradictory fragment",
        DropReason.IncompleteDatagram => "fragments missing",
        DropReason.UnknownProtocol => "unknown IP protocol",
        DropReason.BadIcmp => "malformed ICMP message",
        DropReason.BadUdp => "malformed UDP packet",
        DropReason.NoUdpSocket => "UDP port not open",
        DropReason.BadTcp => "malformed TCP segment",
        DropReason.NoTcpConnection => "no such TCP connection",
        DropReason.TcpOutsideWindow => "TCP segment outside the window",
        DropReason.TcpBadAcknowledgement => "TCP acknowledgement of what was not sent",
        DropReason.TcpNoRoom => "too many gaps in a TCP stream",
        DropReason.NeighbourUnknown => "no such neighbour",
        _ => "unknown",
    };
}
