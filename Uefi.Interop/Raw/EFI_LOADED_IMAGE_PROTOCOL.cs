namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What an image knows of how it was loaded. UEFI 2.10, 9.1.</summary>
public unsafe struct EFI_LOADED_IMAGE_PROTOCOL : IProtocol
{
    /// <summary>The only revision.</summary>
    public const uint EFI_LOADED_IMAGE_PROTOCOL_REVISION = 0x1000;

    /// <summary>EFI_LOADED_IMAGE_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x5B1B31A1, 0x9562, 0x11D2, 0x8E, 0x3F, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>EFI_LOADED_IMAGE_PROTOCOL_REVISION.</summary>
    public uint Revision;

    /// <summary>The image that loaded it; null when the boot manager did.</summary>
    public EFI_HANDLE ParentHandle;

    /// <summary>What the image's entry point gets.</summary>
    public EFI_SYSTEM_TABLE* SystemTable;

    /// <summary>What it was loaded from; null when that was memory.</summary>
    public EFI_HANDLE DeviceHandle;

    /// <summary>The path of the file on DeviceHandle, or null.</summary>
    public EFI_DEVICE_PATH_PROTOCOL* FilePath;

    /// <summary>Null.</summary>
    public void* Reserved;

    /// <summary>Size of LoadOptions in bytes.</summary>
    public uint LoadOptionsSize;

    /// <summary>Its command line or other data, as whoever starts it agreed with it; null when there is none. Not to be freed.</summary>
    public void* LoadOptions;

    /// <summary>Where it is loaded.</summary>
    public void* ImageBase;

    /// <summary>In bytes.</summary>
    public ulong ImageSize;

    /// <summary>The type of the memory that its code is in.</summary>
    public EFI_MEMORY_TYPE ImageCodeType;

    /// <summary>The type of the memory that its data is in.</summary>
    public EFI_MEMORY_TYPE ImageDataType;

    /// <summary>Called by UnloadImage; set by the image itself, null when it does not unload. (ImageHandle)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_STATUS> Unload;
}
