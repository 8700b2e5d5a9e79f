namespace NetBoot.NicDrivers.Netvsc;

/// <summary>[MS-RNDIS], 2.2.1.1.</summary>
public enum RndisMessageType : uint
{
    Packet = 1,
    Initialize = 2,
    Query = 4,
    Set = 5,
    IndicateStatus = 7,
    KeepAlive = 8,
    InitializeComplete = 0x80000002,
    QueryComplete = 0x80000004,
    SetComplete = 0x80000005,
    KeepAliveComplete = 0x80000008,
}
