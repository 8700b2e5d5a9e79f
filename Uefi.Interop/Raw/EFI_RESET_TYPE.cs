namespace Uefi.Interop.Raw;

/// <summary>How ResetSystem resets. UEFI 2.10, 8.5.1.</summary>
public enum EFI_RESET_TYPE : uint
{
    EfiResetCold,
    EfiResetWarm,
    EfiResetShutdown,
    EfiResetPlatformSpecific,
}
