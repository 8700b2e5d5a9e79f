namespace NetBoot.BusDrivers.Vmbus;

/// <summary>A run of memory that a GPA-direct packet names; it may begin anywhere, and cross pages.</summary>
public struct NETBOOT_VMBUS_GPA_RANGE
{
    /// <summary>The guest-physical address of the first byte.</summary>
    public ulong Address;

    /// <summary>Bytes; not 0.</summary>
    public uint Size;

    /// <summary>Zero.</summary>
    public uint Reserved;
}
