namespace Uefi.Interop.Raw;

/// <summary>Attributes of variables, and the vendor GUID of the specification's own. UEFI 2.10, 8.2.1 and 3.3.</summary>
public static class EFI_VARIABLE
{
    public const uint EFI_VARIABLE_NON_VOLATILE = 0x00000001;
    public const uint EFI_VARIABLE_BOOTSERVICE_ACCESS = 0x00000002;
    public const uint EFI_VARIABLE_RUNTIME_ACCESS = 0x00000004;
    public const uint EFI_VARIABLE_HARDWARE_ERROR_RECORD = 0x00000008;
    public const uint EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS = 0x00000020;
    public const uint EFI_VARIABLE_APPEND_WRITE = 0x00000040;
    public const uint EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS = 0x00000080;

    public static EFI_GUID EFI_GLOBAL_VARIABLE => new(0x8BE4DF61, 0x93CA, 0x11D2, 0xAA, 0x0D, 0x00, 0xE0, 0x98, 0x03, 0x2B, 0x8C);
}
