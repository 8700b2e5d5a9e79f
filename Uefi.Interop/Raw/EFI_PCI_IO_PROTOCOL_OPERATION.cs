namespace Uefi.Interop.Raw;

/// <summary>Who reads and who writes memory that is mapped for DMA. UEFI 2.10, 14.4.</summary>
public enum EFI_PCI_IO_PROTOCOL_OPERATION : uint
{
    EfiPciIoOperationBusMasterRead,
    EfiPciIoOperationBusMasterWrite,
    EfiPciIoOperationBusMasterCommonBuffer,
    EfiPciIoOperationMaximum,
}
