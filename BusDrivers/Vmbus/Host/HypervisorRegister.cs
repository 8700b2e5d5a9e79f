namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>The hypervisor's model-specific registers that are used here. TLFS, "Synthetic MSRs".</summary>
internal static class HypervisorRegister
{
    /// <summary>Who runs in the machine. Hypercalls work only while it is not 0.</summary>
    public const uint GuestOsId = 0x40000000;

    /// <summary>Bit 0 enables; from bit 12 on, the page that hypercalls go through.</summary>
    public const uint Hypercall = 0x40000001;

    public const uint VpIndex = 0x40000002;

    /// <summary>SCONTROL: bit 0 enables the processor's synthetic interrupt controller.</summary>
    public const uint SynicControl = 0x40000080;

    /// <summary>SIEFP: bit 0 enables; from bit 12 on, the page of event flags. Not used here, for we poll.</summary>
    public const uint EventFlagsPage = 0x40000082;

    /// <summary>SIMP: bit 0 enables; from bit 12 on, the page of messages.</summary>
    public const uint MessagePage = 0x40000083;

    /// <summary>EOM: a write lets the hypervisor deliver the message that waits.</summary>
    public const uint EndOfMessage = 0x40000084;

    /// <summary>SINT2, the synthetic interrupt source of VMBus: bits 0-7 vector, 16 masked, 17 auto-EOI, 18 polling.</summary>
    public const uint VmbusInterrupt = 0x40000092;

    public const ulong Enable = 1;
    public const ulong Reserved = 0xFFE; // Of the registers with a page: preserved.
    public const ulong Masked = 1 << 16; // Also what the interrupt sources are after a reset.
    public const ulong AutoEoi = 1 << 17;
    public const ulong Polling = 1 << 18;
}
