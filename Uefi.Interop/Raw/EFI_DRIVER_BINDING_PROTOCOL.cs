namespace Uefi.Interop.Raw;

/// <summary>What a driver tells firmware about which controllers it manages. UEFI 2.10, 11.1.</summary>
public unsafe struct EFI_DRIVER_BINDING_PROTOCOL : IProtocol
{
    /// <summary>EFI_DRIVER_BINDING_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x18A031AB, 0xB443, 0x4D1A, 0xA5, 0xC0, 0x0C, 0x09, 0x26, 0x1E, 0x9F, 0x71);

    /// <summary>(This, ControllerHandle, RemainingDevicePath or null)</summary>
    public delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, EFI_DEVICE_PATH_PROTOCOL*, EFI_STATUS> Supported;

    /// <summary>(This, ControllerHandle, RemainingDevicePath or null)</summary>
    public delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, EFI_DEVICE_PATH_PROTOCOL*, EFI_STATUS> Start;

    /// <summary>(This, ControllerHandle, NumberOfChildren, ChildHandleBuffer)</summary>
    public delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, nuint, EFI_HANDLE*, EFI_STATUS> Stop;

    /// <summary>0x10 - 0xFFFFFFEF for drivers of independent vendors; higher is tried first.</summary>
    public uint Version;
    public EFI_HANDLE ImageHandle;
    public EFI_HANDLE DriverBindingHandle;
}
