namespace Uefi.Interop.Raw;

/// <summary>What Attributes() does. UEFI 2.10, 14.4.</summary>
public enum EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION : uint
{
    EfiPciIoAttributeOperationGet,
    EfiPciIoAttributeOperationSet,
    EfiPciIoAttributeOperationEnable,
    EfiPciIoAttributeOperationDisable,
    EfiPciIoAttributeOperationSupported,
    EfiPciIoAttributeOperationMaximum,
}
