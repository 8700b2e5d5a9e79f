namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Who reads and who writes memory that is mapped for DMA. UEFI 2.10, 14.4.</summary>
public enum EFI_PCI_IO_PROTOCOL_OPERATION : uint
{
    /// <summary>The device reads.</summary>
    EfiPciIoOperationBusMasterRead,

    /// <summary>The device writes; the processor reads after Unmap.</summary>
    EfiPciIoOperationBusMasterWrite,

    /// <summary>Both read and write all the time; for memory of AllocateBuffer.</summary>
    EfiPciIoOperationBusMasterCommonBuffer,

    /// <summary>No operation: the first number that is none.</summary>
    EfiPciIoOperationMaximum,
}
