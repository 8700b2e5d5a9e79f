namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>A GPADL of <see cref="EFI_VMBUS_PROTOCOL"/>: opaque.</summary>
public struct EFI_VMBUS_GPADL;
