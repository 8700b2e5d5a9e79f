namespace NetBoot.BusDrivers.Storvsc;

/// <summary>What a packet of the storage protocol asks for, or is. mu_msvm, StorvscDxe; OpenVMM, storvsp_protocol.</summary>
internal enum VstorOperation : uint
{
    /// <summary>The completion of any other.</summary>
    CompleteIo = 1,

    /// <summary>From the host: a device is gone.</summary>
    RemoveDevice = 2,

    ExecuteSrb = 3,
    ResetLun = 4,
    ResetBus = 6,
    BeginInitialization = 7,
    EndInitialization = 8,
    QueryProtocolVersion = 9,
    QueryProperties = 10,

    /// <summary>From the host: devices have come or gone.</summary>
    EnumerateBus = 11,
}
