using System;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// How a guest gets at Hyper-V, which each processor has a way of its own for: how the hypervisor is found and what it offers, its registers,
/// its calls, and the interrupt source of VMBus. What is said with them is the same.
/// </summary>
internal abstract unsafe class HypervisorAccess
{
    // HV_PARTITION_PRIVILEGE_MASK (TLFS, "Feature and Interface Discovery"), which both processors show.
    protected const ulong SynicRegisters = 1ul << 2;
    protected const ulong PostMessages = 1ul << 36;
    protected const ulong SignalEvents = 1ul << 37;
    protected const ulong Isolation = 1ul << 54;

    protected const string NotAllowed = "the hypervisor does not let this machine post messages and signal events";
    protected const string Isolated = "the machine's memory is isolated from the host";

    private static readonly HypervisorAccess s_x64 = new X64Access();
    private static readonly HypervisorAccess s_aarch64 = new AArch64Access();

    /// <summary>This machine's.</summary>
    public static HypervisorAccess Current => Processor.IsAArch64 ? s_aarch64 : s_x64;

    /// <summary>What is missing of all that VMBus needs; null when nothing is. It changes nothing.</summary>
    public abstract string? FindLack();

    /// <summary>Why the machine's memory is hidden from its host, so that nothing can be shared with him; null when it is not.</summary>
    public abstract string? FindIsolation();

    /// <summary>Reads a register of <see cref="HypervisorRegister"/>; 0 when the hypervisor does not tell.</summary>
    public abstract ulong Read(uint register);

    /// <summary>Writes a register of <see cref="HypervisorRegister"/>.</summary>
    public abstract void Write(uint register, ulong value);

    /// <summary>The number of this processor.</summary>
    public abstract uint VpIndex { get; }

    /// <summary>
    /// What the page that calls go through does where the hypervisor does not put its own code over it; empty where there is no such page.
    /// </summary>
    public virtual ReadOnlySpan<byte> CallPageContent => default;

    /// <summary>Makes a call without output (TLFS, "Hypercall Interface").</summary>
    /// <param name="page">The page of <see cref="CallPageContent"/>, enabled; null where there is none.</param>
    /// <param name="control">Call code and flags.</param>
    /// <param name="input">A guest-physical address, or the parameter of a fast call.</param>
    /// <returns>The result value; the status is in its low 16 bits.</returns>
    public abstract ulong Call(byte* page, ulong control, ulong input);

    /// <summary>
    /// Prepares for interrupts that nobody waits for: a masked source receives no messages, so the source must be allowed to interrupt, though
    /// we only poll.
    /// </summary>
    /// <returns>What the source's register is to hold.</returns>
    public abstract ulong AcquireSource();

    /// <summary>Undoes <see cref="AcquireSource"/>, of which it gets the result.</summary>
    public abstract void ReleaseSource(ulong source);
}
