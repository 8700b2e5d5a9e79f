namespace NetBoot.NicDrivers.Netvsc;

/// <summary>
/// The messages of NVSP, the protocol between a guest and Hyper-V's synthetic NIC, which has no public document. Names and numbers as in
/// Microsoft's own sources (mu_msvm's NetvscDxe, OpenVMM's netvsp); those that are not here are not used here.
/// </summary>
public enum NvspMessageType : uint
{
    Init = 1,
    InitComplete = 2,
    SendNdisVersion = 100,
    SendReceiveBuffer = 101,
    SendReceiveBufferComplete = 102,
    SendRndisPacket = 107,
    SendRndisPacketComplete = 108,

    /// <summary>From version 2 on.</summary>
    SendNdisConfig = 125,
}
