namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Reads and writes configuration space. UEFI 2.10, 14.4.</summary>
public unsafe struct EFI_PCI_IO_PROTOCOL_CONFIG_ACCESS
{
    /// <summary>
    /// Reads Count units of Width at an offset in configuration space. (This, Width, Offset, Count, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, uint, nuint, void*, EFI_STATUS> Read;

    /// <summary>
    /// Writes Count units of Width at an offset in configuration space. (This, Width, Offset, Count, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, uint, nuint, void*, EFI_STATUS> Write;
}
