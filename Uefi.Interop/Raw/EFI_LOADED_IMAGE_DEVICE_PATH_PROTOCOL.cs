namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The GUID under which an image's handle carries the full device path that it was loaded from. UEFI 2.10, 9.2.</summary>
public static class EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL
{
    /// <summary>EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL_GUID; the interface is an <see cref="EFI_DEVICE_PATH_PROTOCOL"/> or null.</summary>
    public static EFI_GUID Guid => new(0xBC62157E, 0x3E33, 0x4FEC, 0x99, 0x20, 0x2D, 0x3B, 0x36, 0xD7, 0x50, 0xDF);
}
