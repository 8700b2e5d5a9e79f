namespace Uefi.Interop.Raw;

/// <summary>The firmware's own functions for device paths; the caller frees what they return. UEFI 2.10, 10.5.</summary>
public unsafe struct EFI_DEVICE_PATH_UTILITIES_PROTOCOL : IProtocol
{
    /// <summary>EFI_DEVICE_PATH_UTILITIES_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x0379BE4E, 0xD706, 0x437D, 0xB0, 0x37, 0xED, 0xB8, 0x2F, 0xB7, 0x72, 0xA4);

    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, nuint> GetDevicePathSize;
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> DuplicateDevicePath;
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> AppendDevicePath;

    /// <summary>(DevicePath, DeviceNode)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> AppendDeviceNode;

    /// <summary>(DevicePath, DevicePathInstance)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> AppendDevicePathInstance;

    /// <summary>(DevicePathInstance, DevicePathInstanceSize)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL**, nuint*, EFI_DEVICE_PATH_PROTOCOL*> GetNextDevicePathInstance;
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, byte> IsDevicePathMultiInstance;

    /// <summary>(NodeType, NodeSubType, NodeLength)</summary>
    public delegate* unmanaged<byte, byte, ushort, EFI_DEVICE_PATH_PROTOCOL*> CreateDeviceNode;
}
