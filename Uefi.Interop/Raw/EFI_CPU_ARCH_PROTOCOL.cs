namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The processor, as the firmware's core sees it. PI 1.8 volume 2, 12.3.</summary>
public unsafe struct EFI_CPU_ARCH_PROTOCOL : IProtocol
{
    /// <summary>EFI_CPU_ARCH_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x26BACCB1, 0x6F42, 0x11D4, 0xBC, 0xE7, 0x00, 0x80, 0xC7, 0x3C, 0x88, 0x81);

    /// <summary>Writes back or drops a range of the data cache. (This, Start, Length, FlushType)</summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, ulong, ulong, uint, EFI_STATUS> FlushDataCache;

    /// <summary>Has the processor take interrupts. (This)</summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, EFI_STATUS> EnableInterrupt;

    /// <summary>Has the processor take no interrupts. (This)</summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, EFI_STATUS> DisableInterrupt;

    /// <summary>Whether it takes interrupts; State is a BOOLEAN. (This, State)</summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, byte*, EFI_STATUS> GetInterruptState;

    /// <summary>Sends an INIT to the processor; EFI_UNSUPPORTED where that cannot be. (This, InitType)</summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, uint, EFI_STATUS> Init;

    /// <summary>
    /// Sets or removes the handler of an interrupt or exception. (This, InterruptType, InterruptHandler or null for none):
    /// EFI_ALREADY_STARTED when there is a handler. It is called as (InterruptType, SystemContext), with interrupts off.
    /// </summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, nint, delegate* unmanaged<nint, void*, void>, EFI_STATUS> RegisterInterruptHandler;

    /// <summary>
    /// A timer of the processor, and its period in femtoseconds; TimerPeriod may be null. (This, TimerIndex, TimerValue, TimerPeriod)
    /// </summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, uint, ulong*, ulong*, EFI_STATUS> GetTimerValue;

    /// <summary>Sets EFI_MEMORY_* attributes of a range of whole pages. (This, BaseAddress, Length, Attributes)</summary>
    public delegate* unmanaged<EFI_CPU_ARCH_PROTOCOL*, ulong, ulong, ulong, EFI_STATUS> SetMemoryAttributes;

    /// <summary>How many timers <see cref="GetTimerValue"/> knows.</summary>
    public uint NumberOfTimers;

    /// <summary>In bytes: the alignment that keeps a DMA buffer apart from its neighbours in the cache.</summary>
    public uint DmaBufferAlignment;
}
