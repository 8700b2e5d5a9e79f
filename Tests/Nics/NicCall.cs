namespace NetBoot.Tests.Nics;

/// <summary>What firmware and the SNP's clients ask of a NIC's driver.</summary>
public enum NicCall
{
    Connect,
    Start,
    Initialize,
    ReceiveFilters,
    StationAddress,
    Statistics,
    MCastIpToMac,
    NvData,
    Transmit,
    GetStatus,
    WaitForPacket,
    Receive,
    Reset,
    Shutdown,
    Stop,
    Disconnect,
    ExitBootServices,
}
