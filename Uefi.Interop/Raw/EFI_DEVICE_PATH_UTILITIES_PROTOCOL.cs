namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The firmware's own functions for device paths; the caller frees what they return. UEFI 2.10, 10.5.</summary>
public unsafe struct EFI_DEVICE_PATH_UTILITIES_PROTOCOL : IProtocol
{
    /// <summary>EFI_DEVICE_PATH_UTILITIES_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x0379BE4E, 0xD706, 0x437D, 0xB0, 0x37, 0xED, 0xB8, 0x2F, 0xB7, 0x72, 0xA4);

    /// <summary>Bytes of a path with its end; 0 for null. (DevicePath)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, nuint> GetDevicePathSize;

    /// <summary>A copy of a path; null when memory is short. (DevicePath)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> DuplicateDevicePath;

    /// <summary>A new path: the first, then the second without the first's end. (Src1, Src2); null is an empty path.</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> AppendDevicePath;

    /// <summary>A new path with a node at its end. (DevicePath, DeviceNode)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> AppendDeviceNode;

    /// <summary>A new path with an instance at its end. (DevicePath, DevicePathInstance)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*> AppendDevicePathInstance;

    /// <summary>
    /// A copy of the next instance of a path; the pointer goes on to the one after it, or to null. (DevicePathInstance,
    /// DevicePathInstanceSize)
    /// </summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL**, nuint*, EFI_DEVICE_PATH_PROTOCOL*> GetNextDevicePathInstance;

    /// <summary>BOOLEAN: a path has several instances. (DevicePath)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, byte> IsDevicePathMultiInstance;

    /// <summary>A node with a header and zeros; null when it would be shorter than a header. (NodeType, NodeSubType, NodeLength)</summary>
    public delegate* unmanaged<byte, byte, ushort, EFI_DEVICE_PATH_PROTOCOL*> CreateDeviceNode;
}
