namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Gets a file that is not a boot option; an initrd of Linux among others. UEFI 2.10, 13.2.</summary>
public unsafe struct EFI_LOAD_FILE2_PROTOCOL : IProtocol
{
    /// <summary>EFI_LOAD_FILE2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x4006C0C1, 0xFCB3, 0x403E, 0x99, 0x6D, 0x4A, 0x6C, 0x87, 0x24, 0xE0, 0x6D);

    /// <summary>
    /// Loads a file into a buffer of the caller's; EFI_BUFFER_TOO_SMALL tells the size that it takes. (This, FilePath, BootPolicy: FALSE,
    /// BufferSize, Buffer or null to ask for the size)
    /// </summary>
    public delegate* unmanaged<EFI_LOAD_FILE2_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, byte, nuint*, void*, EFI_STATUS> LoadFile;
}
