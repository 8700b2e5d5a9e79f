namespace NetBoot.NicDrivers.Netvsc;

/// <summary>What is asked and set. [MS-RNDIS], 2.2.1.2, and the OID_* of NDIS.</summary>
public enum RndisOid : uint
{
    MaximumFrameSize = 0x00010106,
    CurrentPacketFilter = 0x0001010E,
    MediaConnectStatus = 0x00010114,
    PermanentAddress = 0x01010101,
    CurrentAddress = 0x01010102,
    MulticastList = 0x01010103,
}
