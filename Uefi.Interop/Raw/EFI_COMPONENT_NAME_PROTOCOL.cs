namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// Names of a driver and its controllers, in ISO 639-2 languages ("eng"). Identical in layout to
/// <see cref="EFI_COMPONENT_NAME2_PROTOCOL"/>, which replaces it (UEFI 2.10, appendix L); older tools still ask for it.
/// </summary>
public unsafe struct EFI_COMPONENT_NAME_PROTOCOL : IProtocol
{
    /// <summary>EFI_COMPONENT_NAME_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x107A772C, 0xD5E1, 0x11D4, 0x9A, 0x46, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    /// <summary>
    /// The driver's name; the driver owns the text. EFI_UNSUPPORTED for a language that it does not have. (This, Language, DriverName)
    /// </summary>
    public delegate* unmanaged<EFI_COMPONENT_NAME_PROTOCOL*, byte*, char**, EFI_STATUS> GetDriverName;

    /// <summary>
    /// The name of a controller that the driver manages, or of a child of it; the driver owns the text. (This, ControllerHandle,
    /// ChildHandle or null, Language, ControllerName)
    /// </summary>
    public delegate* unmanaged<EFI_COMPONENT_NAME_PROTOCOL*, EFI_HANDLE, EFI_HANDLE, byte*, char**, EFI_STATUS> GetControllerName;

    /// <summary>ISO 639-2 codes of three letters, one after the other, ended by a zero.</summary>
    public byte* SupportedLanguages;
}
