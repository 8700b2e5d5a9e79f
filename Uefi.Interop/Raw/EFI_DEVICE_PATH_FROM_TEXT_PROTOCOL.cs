namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The firmware's own conversion of text to device paths. UEFI 2.10, 10.6.5.</summary>
public unsafe struct EFI_DEVICE_PATH_FROM_TEXT_PROTOCOL : IProtocol
{
    /// <summary>EFI_DEVICE_PATH_FROM_TEXT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x05C99A21, 0xC70F, 0x4AD2, 0x8A, 0x5F, 0x35, 0xDF, 0x33, 0x43, 0xF5, 0x1E);

    /// <summary>One node; null when memory is short or the text is null. (TextDeviceNode); the caller frees the node.</summary>
    public delegate* unmanaged<char*, EFI_DEVICE_PATH_PROTOCOL*> ConvertTextToDeviceNode;

    /// <summary>A whole path; null when memory is short or the text is null. (TextDevicePath); the caller frees the path.</summary>
    public delegate* unmanaged<char*, EFI_DEVICE_PATH_PROTOCOL*> ConvertTextToDevicePath;
}
