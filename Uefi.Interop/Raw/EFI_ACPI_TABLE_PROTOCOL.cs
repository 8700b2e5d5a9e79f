namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Adds tables to those of ACPI. UEFI 2.10, 20.2.</summary>
public unsafe struct EFI_ACPI_TABLE_PROTOCOL : IProtocol
{
    /// <summary>EFI_ACPI_TABLE_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xFFE06BDD, 0x6107, 0x46A6, 0x7B, 0xB2, 0x5A, 0x9C, 0x7E, 0xC5, 0x27, 0x5C);

    /// <summary>Copies a table, whose length is in it too, and makes its checksum right. (This, AcpiTableBuffer, AcpiTableBufferSize, TableKey)</summary>
    public delegate* unmanaged<EFI_ACPI_TABLE_PROTOCOL*, void*, nuint, nuint*, EFI_STATUS> InstallAcpiTable;

    /// <summary>Takes one away. (This, TableKey)</summary>
    public delegate* unmanaged<EFI_ACPI_TABLE_PROTOCOL*, nuint, EFI_STATUS> UninstallAcpiTable;
}
