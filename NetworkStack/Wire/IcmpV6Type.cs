namespace NetBoot.NetworkStack.Wire;

/// <summary>Kinds of ICMPv6 messages (RFC 4443, 2.1; RFC 4861, 4; RFC 9777, 5).</summary>
internal enum IcmpV6Type : byte
{
    DestinationUnreachable = 1,
    PacketTooBig = 2,
    ParameterProblem = 4,
    EchoRequest = 128,
    EchoReply = 129,
    ListenerQuery = 130,
    ListenerReportV1 = 131,
    RouterSolicitation = 133,
    RouterAdvertisement = 134,
    NeighbourSolicitation = 135,
    NeighbourAdvertisement = 136,
    ListenerReportV2 = 143,
}
