namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>The hypervisor's registers that are used here, by their names (TLFS, "HV_REGISTER_NAME"), and what is in them.</summary>
internal static class HypervisorRegister
{
    /// <summary>On AArch64: what CPUID leaf 0x40000003 shows on x64.</summary>
    public const uint PrivilegesAndFeatures = 0x00000200;

    /// <summary>On x64: bit 0 enables; from bit 12 on, the page that hypercalls go through.</summary>
    public const uint Hypercall = 0x00090001;

    /// <summary>Who runs in the machine. Hypercalls work only while it is not 0.</summary>
    public const uint GuestOsId = 0x00090002;

    public const uint VpIndex = 0x00090003;

    /// <summary>
    /// HvRegisterSint2, the synthetic interrupt source of VMBus: bits 0-7 vector (on AArch64: INTID), 16 masked, 17 auto-EOI, 18 polling.
    /// </summary>
    public const uint VmbusInterrupt = 0x000A0002;

    /// <summary>SCONTROL: bit 0 enables the processor's synthetic interrupt controller.</summary>
    public const uint SynicControl = 0x000A0010;

    /// <summary>SIEFP: bit 0 enables; from bit 12 on, the page of event flags. Not used here, for we poll.</summary>
    public const uint EventFlagsPage = 0x000A0012;

    /// <summary>SIMP: bit 0 enables; from bit 12 on, the page of messages.</summary>
    public const uint MessagePage = 0x000A0013;

    /// <summary>EOM: a write lets the hypervisor deliver the message that waits.</summary>
    public const uint EndOfMessage = 0x000A0014;

    public const ulong Enable = 1;
    public const ulong Reserved = 0xFFE; // Of the registers with a page: preserved.
    public const ulong Masked = 1 << 16; // Also what the interrupt sources are after a reset.
    public const ulong AutoEoi = 1 << 17;
    public const ulong Polling = 1 << 18;
}
