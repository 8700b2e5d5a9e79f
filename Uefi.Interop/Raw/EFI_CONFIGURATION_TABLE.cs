namespace Uefi.Interop.Raw;

/// <summary>A GUID and a pointer: SMBIOS, ACPI and other tables of the platform. UEFI 2.10, 4.6.</summary>
public unsafe struct EFI_CONFIGURATION_TABLE
{
    public EFI_GUID VendorGuid;
    public void* VendorTable;
}
