namespace NetBoot.BusDrivers.Xen.Host;

/// <summary>What a XenBus needs and does not find.</summary>
internal enum XenStartFailureKind
{
    None,
    NoXen,
    NoHypercallPage,
    NoMemory,
    HypercallsFail,
    NotTranslated,
    NoWindow,
    NoStore,
    SharedInfo,
    GrantVersion,
    GrantTable,
    StoreSilent,
    StoreRefuses,
    AlreadyRunning,
}
