namespace NetBoot.BusDrivers.Xen;

/// <summary>
/// Where one end of a device stands, as its `state` node says in decimal. Each end writes only its own and watches the other's. Xen,
/// public/io/xenbus.h.
/// </summary>
public enum XenBusState : uint
{
    /// <summary>There is no such node, or it holds no number: the end does not exist.</summary>
    Unknown = 0,

    /// <summary>The end sets itself up.</summary>
    Initialising = 1,

    /// <summary>The backend is ready for a frontend's details.</summary>
    InitWait = 2,

    /// <summary>The end has said all it has to say, and waits for the other to connect.</summary>
    Initialised = 3,

    /// <summary>Data flows.</summary>
    Connected = 4,

    /// <summary>The end is on its way out, after an error or when the device is taken away.</summary>
    Closing = 5,

    /// <summary>The end is done; the other one may begin anew.</summary>
    Closed = 6,

    /// <summary>The device is being set up in another way.</summary>
    Reconfiguring = 7,

    /// <summary>The end is done with that.</summary>
    Reconfigured = 8,
}
