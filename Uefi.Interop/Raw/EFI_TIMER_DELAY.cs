namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What SetTimer does. UEFI 2.10, 7.1.7.</summary>
public enum EFI_TIMER_DELAY : uint
{
    /// <summary>The timer is off; TriggerTime is ignored.</summary>
    TimerCancel,

    /// <summary>Every TriggerTime; 0 for every tick.</summary>
    TimerPeriodic,

    /// <summary>Once, TriggerTime from now; 0 for the next tick.</summary>
    TimerRelative,
}
