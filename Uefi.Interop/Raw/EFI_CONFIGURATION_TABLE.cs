namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A GUID and a pointer: SMBIOS, ACPI and other tables of the platform. UEFI 2.10, 4.6.</summary>
public unsafe struct EFI_CONFIGURATION_TABLE
{
    /// <summary>Whose table it is: one of <see cref="EFI_CONFIGURATION_TABLE_GUID"/>, or another.</summary>
    public EFI_GUID VendorGuid;

    /// <summary>Where it is; what is there, the GUID says.</summary>
    public void* VendorTable;
}
