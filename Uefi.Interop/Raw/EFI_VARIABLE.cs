namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Attributes of variables, and the vendor GUID of the specification's own. UEFI 2.10, 8.2.1 and 3.3.</summary>
public static class EFI_VARIABLE
{
    /// <summary>It survives power-off.</summary>
    public const uint EFI_VARIABLE_NON_VOLATILE = 0x00000001;

    /// <summary>It is there until ExitBootServices.</summary>
    public const uint EFI_VARIABLE_BOOTSERVICE_ACCESS = 0x00000002;

    /// <summary>It is there after ExitBootServices too; only together with the above.</summary>
    public const uint EFI_VARIABLE_RUNTIME_ACCESS = 0x00000004;

    /// <summary>It is a record of a hardware error.</summary>
    public const uint EFI_VARIABLE_HARDWARE_ERROR_RECORD = 0x00000008;

    /// <summary>Writes are signed, with a time that must be later than the last.</summary>
    public const uint EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS = 0x00000020;

    /// <summary>Of SetVariable: the data goes behind what is there; never told back.</summary>
    public const uint EFI_VARIABLE_APPEND_WRITE = 0x00000040;

    /// <summary>Writes are signed as the data's own header says.</summary>
    public const uint EFI_VARIABLE_ENHANCED_AUTHENTICATED_ACCESS = 0x00000080;

    /// <summary>The GUID of the variables that the specification defines.</summary>
    public static EFI_GUID EFI_GLOBAL_VARIABLE => new(0x8BE4DF61, 0x93CA, 0x11D2, 0xAA, 0x0D, 0x00, 0xE0, 0x98, 0x03, 0x2B, 0x8C);
}
