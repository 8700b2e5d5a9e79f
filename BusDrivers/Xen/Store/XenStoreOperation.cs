namespace NetBoot.BusDrivers.Xen.Store;

/// <summary>What a message in xenstore's ring is about: XS_*, Xen, public/io/xs_wire.h.</summary>
internal enum XenStoreOperation : uint
{
    Directory = 1,
    Read = 2,
    Watch = 4,
    Unwatch = 5,
    TransactionStart = 6,
    TransactionEnd = 7,
    Write = 11,
    Remove = 13,
    WatchEvent = 15,
    Error = 16,
    DirectoryPart = 22,
}
