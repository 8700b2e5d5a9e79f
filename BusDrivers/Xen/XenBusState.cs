namespace BusDrivers.Xen;

/// <summary>
/// Where one end of a device stands, as its `state` node says in decimal. Each end writes only its own and watches the other's. Xen,
/// public/io/xenbus.h.
/// </summary>
public enum XenBusState : uint
{
    /// <summary>There is no such node, or it holds no number: the end does not exist.</summary>
    Unknown = 0,
    Initialising = 1,

    /// <summary>The backend is ready for a frontend's details.</summary>
    InitWait = 2,
    Initialised = 3,
    Connected = 4,
    Closing = 5,
    Closed = 6,
    Reconfiguring = 7,
    Reconfigured = 8,
}
