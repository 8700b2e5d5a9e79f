namespace BusDrivers.Xen;

/// <summary>
/// What xenstore answered to a request: the errors that it knows by name (Xen, public/io/xs_wire.h, xsd_errors). The numbers are ours,
/// and those of edk2's XENSTORE_STATUS as far as it goes.
/// </summary>
public enum XenStoreError : uint
{
    None = 0,

    /// <summary>A name that is not in the list below, or no answer at all (time is over, the ring is broken).</summary>
    Unknown = 1,
    EINVAL = 2,
    EACCES = 3,
    EEXIST = 4,
    EISDIR = 5,
    ENOENT = 6,
    ENOMEM = 7,
    ENOSPC = 8,
    EIO = 9,
    ENOTEMPTY = 10,
    ENOSYS = 11,
    EROFS = 12,
    EBUSY = 13,

    /// <summary>Somebody else changed what a transaction had read or written: do the transaction again from its beginning.</summary>
    EAGAIN = 14,
    EISCONN = 15,
    E2BIG = 16,
    EPERM = 17,
}
