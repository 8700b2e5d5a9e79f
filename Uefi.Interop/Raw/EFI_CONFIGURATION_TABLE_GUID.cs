namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The GUIDs of well-known configuration tables. UEFI 2.10, 4.6.1.</summary>
public static class EFI_CONFIGURATION_TABLE_GUID
{
    /// <summary>The RSDP of ACPI 2.0 and later.</summary>
    public static EFI_GUID EFI_ACPI_20_TABLE_GUID => new(0x8868E871, 0xE4F1, 0x11D3, 0xBC, 0x22, 0x00, 0x80, 0xC7, 0x3C, 0x88, 0x81);

    /// <summary>The RSDP of ACPI 1.0.</summary>
    public static EFI_GUID ACPI_TABLE_GUID => new(0xEB9D2D30, 0x2D88, 0x11D3, 0x9A, 0x16, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    /// <summary>The 32-bit entry point of SMBIOS ("_SM_").</summary>
    public static EFI_GUID SMBIOS_TABLE_GUID => new(0xEB9D2D31, 0x2D88, 0x11D3, 0x9A, 0x16, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    /// <summary>The 64-bit entry point of SMBIOS ("_SM3_").</summary>
    public static EFI_GUID SMBIOS3_TABLE_GUID => new(0xF2FD1544, 0x9794, 0x4A2C, 0x99, 0x2E, 0xE5, 0xBB, 0xCF, 0x20, 0xE3, 0x94);

    /// <summary>A flattened device tree.</summary>
    public static EFI_GUID EFI_DTB_TABLE_GUID => new(0xB1B621D5, 0xF19C, 0x41A5, 0x83, 0x0B, 0xD9, 0x15, 0x2C, 0x69, 0xAA, 0xE0);

    /// <summary>Which runtime services work after ExitBootServices.</summary>
    public static EFI_GUID EFI_RT_PROPERTIES_TABLE_GUID => new(0xEB66918A, 0x7EEF, 0x402A, 0x84, 0x2E, 0x93, 0x1D, 0x21, 0xC3, 0x8A, 0xE9);

    /// <summary>How the memory of the runtime services may be protected.</summary>
    public static EFI_GUID EFI_MEMORY_ATTRIBUTES_TABLE_GUID =>
        new(0xDCFA911D, 0x26EB, 0x469F, 0xA2, 0x20, 0x38, 0xB7, 0xDC, 0x46, 0x12, 0x20);
}
