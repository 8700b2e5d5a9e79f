namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What Attributes() does. UEFI 2.10, 14.4.</summary>
public enum EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION : uint
{
    /// <summary>Result becomes what is set; Attributes is ignored.</summary>
    EfiPciIoAttributeOperationGet,

    /// <summary>Exactly these.</summary>
    EfiPciIoAttributeOperationSet,

    /// <summary>These too.</summary>
    EfiPciIoAttributeOperationEnable,

    /// <summary>These no more.</summary>
    EfiPciIoAttributeOperationDisable,

    /// <summary>Result becomes what can be set; Attributes is ignored.</summary>
    EfiPciIoAttributeOperationSupported,

    /// <summary>No operation: the first number that is none.</summary>
    EfiPciIoAttributeOperationMaximum,
}
