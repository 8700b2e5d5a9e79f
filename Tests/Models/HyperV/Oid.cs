namespace NetBoot.Tests.Models.HyperV;

/// <summary>Objects of an NDIS adapter ([MS-RNDIS], 2.2.2).</summary>
public static class Oid
{
    public const uint HardwareStatus = 0x0001_0102;
    public const uint MaximumFrameSize = 0x0001_0106;
    public const uint LinkSpeed = 0x0001_0107;
    public const uint PacketFilter = 0x0001_010E;
    public const uint MaximumTotalSize = 0x0001_0111;
    public const uint MediaConnectStatus = 0x0001_0114;
    public const uint TransmitOk = 0x0002_0101;
    public const uint ReceiveOk = 0x0002_0102;
    public const uint PermanentAddress = 0x0101_0101;
    public const uint CurrentAddress = 0x0101_0102;
    public const uint MulticastList = 0x0101_0103;
    public const uint MaximumMulticastList = 0x0101_0104;
}
