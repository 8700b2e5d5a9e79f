namespace NetworkStack;

/// <summary>Why something that was received (or waited to be sent) was dropped. <see cref="DropReasons.Describe"/> says it in words.</summary>
public enum DropReason
{
    FrameTooShort,
    OtherStation,
    OtherVlan,
    UnknownEtherType,
    BadArp,
    BadIPv4Header,
    BadIPv4Checksum,
    BadIPv4Source,
    OtherIPv4Address,
    BadFragment,
    IncompleteDatagram,
    UnknownProtocol,
    BadIcmp,
    BadUdp,
    NoUdpSocket,
    BadTcp,
    NoTcpConnection,
    TcpOutsideWindow,
    TcpBadAcknowledgement,
    TcpNoRoom,
    NeighbourUnknown,
    Count,
}
