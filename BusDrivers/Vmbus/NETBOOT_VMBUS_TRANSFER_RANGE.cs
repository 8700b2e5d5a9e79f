namespace NetBoot.BusDrivers.Vmbus;

/// <summary>
/// A range of a transfer-page packet: a part of the memory that the driver has shown the host for that purpose. The bus does not know how
/// large that is: the driver checks both.
/// </summary>
public struct NETBOOT_VMBUS_TRANSFER_RANGE
{
    /// <summary>Bytes.</summary>
    public uint Size;

    /// <summary>From the beginning of the memory, in bytes.</summary>
    public uint Offset;
}
