namespace Uefi.Interop.Raw;

/// <summary>How thorough diagnostics are. UEFI 2.10, 11.4.2.</summary>
public enum EFI_DRIVER_DIAGNOSTIC_TYPE : uint
{
    EfiDriverDiagnosticTypeStandard,
    EfiDriverDiagnosticTypeExtended,
    EfiDriverDiagnosticTypeManufacturing,
    EfiDriverDiagnosticTypeCancel,
    EfiDriverDiagnosticTypeMaximum,
}
