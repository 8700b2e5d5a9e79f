namespace NetBoot.Boot.Tool.Qemu;

/// <summary>What Linux must be told in an emulated machine.</summary>
public static class EmulatedLinux
{
    /// <summary>
    /// A kernel parameter. At its start Linux looks whether enough timer interrupts come in a time that it takes by the time stamp counter, and
    /// panics if not; but that counter is this machine's own, and goes on while the emulator waits for a processor. See kernel-parameters.txt,
    /// and check_timer in arch/x86/kernel/apic/io_apic.c.
    /// </summary>
    public const string NoTimerCheck = "no_timer_check";
}
