namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The version of the specification that a driver follows. UEFI 2.10, 11.13.</summary>
public struct EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL : IProtocol
{
    /// <summary>EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x5C198761, 0x16A8, 0x4E69, 0x97, 0x2C, 0x89, 0xD6, 0x79, 0x54, 0xF8, 0x1D);

    /// <summary>Size of this structure in bytes.</summary>
    public uint Length;

    /// <summary>As <see cref="EFI_TABLE_HEADER.Revision"/>.</summary>
    public uint FirmwareVersion;
}
