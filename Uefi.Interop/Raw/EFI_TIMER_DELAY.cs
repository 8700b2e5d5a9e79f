namespace Uefi.Interop.Raw;

/// <summary>What SetTimer does. UEFI 2.10, 7.1.7.</summary>
public enum EFI_TIMER_DELAY : uint
{
    TimerCancel,
    TimerPeriodic,
    TimerRelative,
}
