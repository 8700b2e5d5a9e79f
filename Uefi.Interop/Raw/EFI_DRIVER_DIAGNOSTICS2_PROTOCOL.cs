namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Runs a driver's diagnostics on a controller. UEFI 2.10, 11.4.</summary>
public unsafe struct EFI_DRIVER_DIAGNOSTICS2_PROTOCOL : IProtocol
{
    /// <summary>EFI_DRIVER_DIAGNOSTICS2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x4D330321, 0x025F, 0x4AAC, 0x90, 0xD8, 0x5E, 0xD9, 0x00, 0x17, 0x3B, 0x63);

    /// <summary>
    /// EFI_DEVICE_ERROR for a controller that did not pass. Buffer begins with a text, which the caller frees; ErrorType says what follows
    /// it, or null. (This, ControllerHandle, ChildHandle, DiagnosticType, Language, ErrorType, BufferSize, Buffer)
    /// </summary>
    public delegate* unmanaged<
        EFI_DRIVER_DIAGNOSTICS2_PROTOCOL*, EFI_HANDLE, EFI_HANDLE, EFI_DRIVER_DIAGNOSTIC_TYPE, byte*, EFI_GUID**, nuint*, char**,
        EFI_STATUS> RunDiagnostics;

    /// <summary>RFC 4646 codes separated by ';', ended by a zero.</summary>
    public byte* SupportedLanguages;
}
