namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The firmware's own conversion of device paths to text. UEFI 2.10, 10.6.2.</summary>
public unsafe struct EFI_DEVICE_PATH_TO_TEXT_PROTOCOL : IProtocol
{
    /// <summary>EFI_DEVICE_PATH_TO_TEXT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x8B843E20, 0x8132, 0x4852, 0x90, 0xCC, 0x55, 0x1A, 0x4E, 0x4A, 0x7F, 0x1C);

    /// <summary>
    /// One node as text; null when memory is short. The flags are BOOLEANs. (DeviceNode, DisplayOnly, AllowShortcuts); the caller frees the
    /// text.
    /// </summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, byte, byte, char*> ConvertDeviceNodeToText;

    /// <summary>
    /// A whole path as text; null when memory is short. The flags are BOOLEANs. (DevicePath, DisplayOnly, AllowShortcuts); the caller frees
    /// the text.
    /// </summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, byte, byte, char*> ConvertDevicePathToText;
}
