namespace NetBoot.BusDrivers.Xen;

/// <summary>
/// What xenstore answered to a request: the errors that it knows by name (Xen, public/io/xs_wire.h, xsd_errors). The numbers are ours,
/// and those of edk2's XENSTORE_STATUS as far as it goes.
/// </summary>
public enum XenStoreError : uint
{
    /// <summary>Done: no error.</summary>
    None = 0,

    /// <summary>A name that is not in the list below, or no answer at all (time is over, the ring is broken).</summary>
    Unknown = 1,

    /// <summary>The request is malformed.</summary>
    EINVAL = 2,

    /// <summary>The node may not be read or written by this domain.</summary>
    EACCES = 3,

    /// <summary>It exists already.</summary>
    EEXIST = 4,

    /// <summary>The node is a directory.</summary>
    EISDIR = 5,

    /// <summary>There is no such node.</summary>
    ENOENT = 6,

    /// <summary>xenstore has no memory left.</summary>
    ENOMEM = 7,

    /// <summary>A quota of this domain is used up.</summary>
    ENOSPC = 8,

    /// <summary>xenstore itself failed.</summary>
    EIO = 9,

    /// <summary>The directory has nodes.</summary>
    ENOTEMPTY = 10,

    /// <summary>xenstore does not know the request.</summary>
    ENOSYS = 11,

    /// <summary>xenstore cannot be written.</summary>
    EROFS = 12,

    /// <summary>Not now, as with too many transactions.</summary>
    EBUSY = 13,

    /// <summary>Somebody else changed what a transaction had read or written: do the transaction again from its beginning.</summary>
    EAGAIN = 14,

    /// <summary>The connection is there already.</summary>
    EISCONN = 15,

    /// <summary>Something is too long.</summary>
    E2BIG = 16,

    /// <summary>This domain may not do that.</summary>
    EPERM = 17,
}
