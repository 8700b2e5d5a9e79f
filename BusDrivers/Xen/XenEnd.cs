namespace NetBoot.BusDrivers.Xen;

/// <summary>The end of a device whose directory in xenstore a name is relative to.</summary>
public enum XenEnd : uint
{
    /// <summary>Ours: `device/TYPE/INDEX`. The guest may write here.</summary>
    Frontend = 0,

    /// <summary>The other domain's, which our `backend` node names. The guest may only read there.</summary>
    Backend = 1,
}
