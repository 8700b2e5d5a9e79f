namespace NetBoot.Tests.Models.HyperV;

/// <summary>Operations of the storage protocol: OpenVMM, storvsp_protocol.</summary>
public enum StorvspOperation : uint
{
    CompleteIo = 1,
    RemoveDevice = 2,
    ExecuteSrb = 3,
    ResetLun = 4,
    ResetAdapter = 5,
    ResetBus = 6,
    BeginInitialization = 7,
    EndInitialization = 8,
    QueryProtocolVersion = 9,
    QueryProperties = 10,
    EnumerateBus = 11,
    FcHbaData = 12,
    CreateSubChannels = 13,
    EventNotification = 14,
}
