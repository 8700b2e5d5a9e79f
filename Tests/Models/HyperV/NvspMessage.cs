namespace NetBoot.Tests.Models.HyperV;

/// <summary>Types of NVSP messages.</summary>
public enum NvspMessage : uint
{
    Init = 1,
    InitComplete = 2,
    NdisVersion = 100,
    SendReceiveBuffer = 101,
    SendReceiveBufferComplete = 102,
    RevokeReceiveBuffer = 103,
    SendSendBuffer = 104,
    SendSendBufferComplete = 105,
    RevokeSendBuffer = 106,
    RndisPacket = 107,
    RndisPacketComplete = 108,
    NdisConfig = 125,
    VfAssociation = 128,
    SwitchDataPath = 129,
    SubChannel = 133,
    IndirectionTable = 134,
}
