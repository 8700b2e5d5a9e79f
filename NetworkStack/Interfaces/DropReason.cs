namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Why something that was received (or waited to be sent) was dropped. <see cref="DropReasons.Describe"/> says it in words.</summary>
public enum DropReason
{
    /// <summary>Less than an Ethernet header, or than the header it announces.</summary>
    FrameTooShort,

    /// <summary>For another station: the device does not filter well.</summary>
    OtherStation,

    /// <summary>Tagged for a VLAN that no open interface is of.</summary>
    OtherVlan,

    /// <summary>Nothing that is known here.</summary>
    UnknownEtherType,

    /// <summary>No ARP of Ethernet and IPv4.</summary>
    BadArp,

    /// <summary>LLDP that is damaged, or lacks what must be in it.</summary>
    BadLldp,

    /// <summary>A version, length or header length that cannot be.</summary>
    BadIPv4Header,

    /// <summary>The IPv4 header's checksum is wrong.</summary>
    BadIPv4Checksum,

    /// <summary>From an address that no host has, or from ours.</summary>
    BadIPv4Source,

    /// <summary>For another address.</summary>
    OtherIPv4Address,

    /// <summary>IPv6: a version or length that cannot be.</summary>
    BadIPv6Header,

    /// <summary>IPv6: an extension header that cannot be, or that nobody here knows.</summary>
    BadIPv6Extension,

    /// <summary>IPv6: from an address that no host has, or from ours.</summary>
    BadIPv6Source,

    /// <summary>IPv6: for another address or group.</summary>
    OtherIPv6Address,

    /// <summary>A message of Neighbour Discovery from beyond the link, or one that cannot be.</summary>
    BadNeighbourDiscovery,

    /// <summary>A fragment that fits no datagram.</summary>
    BadFragment,

    /// <summary>Fragments whose others did not come in time.</summary>
    IncompleteDatagram,

    /// <summary>Neither TCP, UDP nor ICMP.</summary>
    UnknownProtocol,

    /// <summary>Too short, or its checksum is wrong.</summary>
    BadIcmp,

    /// <summary>A length that cannot be, or a wrong checksum.</summary>
    BadUdp,

    /// <summary>Nobody is at that UDP port.</summary>
    NoUdpSocket,

    /// <summary>A header that cannot be, a wrong checksum, or no ACK.</summary>
    BadTcp,

    /// <summary>No such TCP connection.</summary>
    NoTcpConnection,

    /// <summary>Old, repeated, or beyond what was offered.</summary>
    TcpOutsideWindow,

    /// <summary>Acknowledges what was never sent, or long ago.</summary>
    TcpBadAcknowledgement,

    /// <summary>Behind too many gaps.</summary>
    TcpNoRoom,

    /// <summary>Ours: no neighbour has the address.</summary>
    NeighbourUnknown,

    /// <summary>How many reasons there are.</summary>
    Count,
}
