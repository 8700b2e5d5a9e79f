namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Gets a file from an arbitrary device, for booting from it. UEFI 2.10, 13.1.</summary>
public unsafe struct EFI_LOAD_FILE_PROTOCOL : IProtocol
{
    /// <summary>EFI_LOAD_FILE_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x56EC3091, 0x954C, 0x11D2, 0x8E, 0x3F, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>
    /// Loads a file into a buffer of the caller's; EFI_BUFFER_TOO_SMALL tells the size that it takes. BootPolicy is a BOOLEAN: any boot
    /// file will do. (This, FilePath, BootPolicy, BufferSize, Buffer or null to ask for the size)
    /// </summary>
    public delegate* unmanaged<EFI_LOAD_FILE_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL*, byte, nuint*, void*, EFI_STATUS> LoadFile;
}
