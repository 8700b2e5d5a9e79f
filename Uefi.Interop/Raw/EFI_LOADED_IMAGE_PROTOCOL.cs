namespace Uefi.Interop.Raw;

/// <summary>What an image knows of how it was loaded. UEFI 2.10, 9.1.</summary>
public unsafe struct EFI_LOADED_IMAGE_PROTOCOL : IProtocol
{
    public const uint EFI_LOADED_IMAGE_PROTOCOL_REVISION = 0x1000;

    /// <summary>EFI_LOADED_IMAGE_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x5B1B31A1, 0x9562, 0x11D2, 0x8E, 0x3F, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    public uint Revision;
    public EFI_HANDLE ParentHandle;
    public EFI_SYSTEM_TABLE* SystemTable;
    public EFI_HANDLE DeviceHandle;
    public EFI_DEVICE_PATH_PROTOCOL* FilePath;
    public void* Reserved;

    /// <summary>Size of LoadOptions in bytes.</summary>
    public uint LoadOptionsSize;
    public void* LoadOptions;
    public void* ImageBase;

    /// <summary>In bytes.</summary>
    public ulong ImageSize;
    public EFI_MEMORY_TYPE ImageCodeType;
    public EFI_MEMORY_TYPE ImageDataType;

    /// <summary>(ImageHandle)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_STATUS> Unload;
}
