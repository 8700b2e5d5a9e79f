namespace NetBoot.Uefi.Interop.Raw;

/// <summary>How ResetSystem resets. UEFI 2.10, 8.5.1.</summary>
public enum EFI_RESET_TYPE : uint
{
    /// <summary>As after power-on.</summary>
    EfiResetCold,

    /// <summary>The processors and the rest of the machine begin anew; memory may keep its content.</summary>
    EfiResetWarm,

    /// <summary>Off.</summary>
    EfiResetShutdown,

    /// <summary>What the GUID behind the text in ResetData says.</summary>
    EfiResetPlatformSpecific,
}
