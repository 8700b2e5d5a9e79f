namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What a driver tells firmware about which controllers it manages. UEFI 2.10, 11.1.</summary>
public unsafe struct EFI_DRIVER_BINDING_PROTOCOL : IProtocol
{
    /// <summary>EFI_DRIVER_BINDING_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x18A031AB, 0xB443, 0x4D1A, 0xA5, 0xC0, 0x0C, 0x09, 0x26, 0x1E, 0x9F, 0x71);

    /// <summary>
    /// Whether the driver would manage a controller, which it leaves as it was: EFI_SUCCESS, EFI_UNSUPPORTED, EFI_ALREADY_STARTED,
    /// EFI_ACCESS_DENIED. (This, ControllerHandle, RemainingDevicePath or null)
    /// </summary>
    public delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, EFI_DEVICE_PATH_PROTOCOL*, EFI_STATUS> Supported;

    /// <summary>Starts the driver on a controller that it supports. (This, ControllerHandle, RemainingDevicePath or null)</summary>
    public delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, EFI_DEVICE_PATH_PROTOCOL*, EFI_STATUS> Start;

    /// <summary>
    /// Stops the driver on a controller: its children of the list, or the controller itself when there are none. (This, ControllerHandle,
    /// NumberOfChildren, ChildHandleBuffer)
    /// </summary>
    public delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, nuint, EFI_HANDLE*, EFI_STATUS> Stop;

    /// <summary>0x10 - 0xFFFFFFEF for drivers of independent vendors; higher is tried first.</summary>
    public uint Version;

    /// <summary>The image that the driver is in.</summary>
    public EFI_HANDLE ImageHandle;

    /// <summary>The handle that this protocol is on.</summary>
    public EFI_HANDLE DriverBindingHandle;
}
