namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Reads and writes a BAR, memory or I/O. UEFI 2.10, 14.4.</summary>
public unsafe struct EFI_PCI_IO_PROTOCOL_ACCESS
{
    /// <summary>
    /// Reads Count units of Width at an offset in a BAR; EFI_UNSUPPORTED beyond its end. (This, Width, BarIndex, Offset, Count, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, nuint, void*, EFI_STATUS> Read;

    /// <summary>
    /// Writes Count units of Width at an offset in a BAR; EFI_UNSUPPORTED beyond its end. (This, Width, BarIndex, Offset, Count, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, nuint, void*, EFI_STATUS> Write;
}
