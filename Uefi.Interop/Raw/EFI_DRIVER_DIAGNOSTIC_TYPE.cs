namespace NetBoot.Uefi.Interop.Raw;

/// <summary>How thorough diagnostics are. UEFI 2.10, 11.4.2.</summary>
public enum EFI_DRIVER_DIAGNOSTIC_TYPE : uint
{
    /// <summary>What every driver with diagnostics has; quick.</summary>
    EfiDriverDiagnosticTypeStandard,

    /// <summary>More, and longer.</summary>
    EfiDriverDiagnosticTypeExtended,

    /// <summary>For the device's maker; it may need equipment.</summary>
    EfiDriverDiagnosticTypeManufacturing,

    /// <summary>Ends what was begun.</summary>
    EfiDriverDiagnosticTypeCancel,

    /// <summary>No type: the first number that is none.</summary>
    EfiDriverDiagnosticTypeMaximum,
}
