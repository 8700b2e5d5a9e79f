namespace NetBoot.Tests.Models.HyperV;

/// <summary>Types of RNDIS messages ([MS-RNDIS], 2.2).</summary>
public enum RndisMessage : uint
{
    Packet = 1,
    Initialize = 2,
    Halt = 3,
    Query = 4,
    Set = 5,
    Reset = 6,
    IndicateStatus = 7,
    KeepAlive = 8,
    InitializeComplete = 0x8000_0002,
    QueryComplete = 0x8000_0004,
    SetComplete = 0x8000_0005,
    KeepAliveComplete = 0x8000_0008,
}
