namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Names of a driver and its controllers, in RFC 4646 languages ("en"). UEFI 2.10, 11.5.</summary>
public unsafe struct EFI_COMPONENT_NAME2_PROTOCOL : IProtocol
{
    /// <summary>EFI_COMPONENT_NAME2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x6A7A5CFF, 0xE8D9, 0x4F70, 0xBA, 0xDA, 0x75, 0xAB, 0x30, 0x25, 0xCE, 0x14);

    /// <summary>
    /// The driver's name; the driver owns the text. EFI_UNSUPPORTED for a language that it does not have. (This, Language, DriverName)
    /// </summary>
    public delegate* unmanaged<EFI_COMPONENT_NAME2_PROTOCOL*, byte*, char**, EFI_STATUS> GetDriverName;

    /// <summary>
    /// The name of a controller that the driver manages, or of a child of it; the driver owns the text. (This, ControllerHandle,
    /// ChildHandle or null, Language, ControllerName)
    /// </summary>
    public delegate* unmanaged<EFI_COMPONENT_NAME2_PROTOCOL*, EFI_HANDLE, EFI_HANDLE, byte*, char**, EFI_STATUS> GetControllerName;

    /// <summary>RFC 4646 codes separated by ';', ended by a zero.</summary>
    public byte* SupportedLanguages;
}
