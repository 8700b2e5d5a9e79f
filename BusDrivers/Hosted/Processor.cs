using System;

namespace NetBoot.BusDrivers;

/// <summary>
/// What a guest asks of its processor and of the hypervisor below it. On AArch64 <see cref="Cpuid"/> answers zeros, so that nobody finds a
/// reason to use what only x64 has.
/// </summary>
public static unsafe class Processor
{
    /// <summary>On the host only: the simulated processor. Null: one without a hypervisor.</summary>
    public static IProcessor? Host { get; set; }

    /// <summary>Whether this is AArch64, and not x64.</summary>
    public static bool IsAArch64 => Host?.IsAArch64 == true;

    /// <summary>The CPUID instruction.</summary>
    /// <param name="leaf">EAX.</param>
    /// <param name="subleaf">ECX.</param>
    /// <param name="result">4 words: EAX, EBX, ECX, EDX.</param>
    public static void Cpuid(uint leaf, uint subleaf, Span<uint> result)
    {
        result.Slice(0, 4).Clear();
        Host?.Cpuid(leaf, subleaf, result);
    }

    /// <summary>Reads a model-specific register, which must be known to be there.</summary>
    public static ulong ReadMsr(uint register) => Present.ReadMsr(register);

    /// <summary>Writes a model-specific register, which must be known to be there and to take the value.</summary>
    public static void WriteMsr(uint register, ulong value) => Present.WriteMsr(register, value);

    /// <summary>Calls Hyper-V through its hypercall page (TLFS, "Hypercall Interface").</summary>
    /// <param name="page">The page, enabled.</param>
    /// <param name="control">Call code and flags: RCX.</param>
    /// <param name="input">A guest-physical address, or the first parameter of a fast call: RDX.</param>
    /// <param name="output">A guest-physical address, or the second parameter of a fast call: R8.</param>
    /// <returns>The result value; the status is in its low 16 bits.</returns>
    public static ulong HyperVCall(void* page, ulong control, ulong input, ulong output) =>
        Present.HyperVCall(page, control, input, output);

    /// <summary>Calls Xen through its hypercall page (Xen, public/arch-x86/xen-x86_64.h).</summary>
    /// <param name="page">The page, enabled: 128 stubs of 32 bytes.</param>
    /// <param name="number">__HYPERVISOR_*, below 128.</param>
    /// <param name="a1">The first argument: RDI; the others go in RSI, RDX, R10 and R8.</param>
    /// <param name="a2">The second.</param>
    /// <param name="a3">The third.</param>
    /// <param name="a4">The fourth.</param>
    /// <param name="a5">The fifth.</param>
    /// <returns>What the call answers; a negative number is an error of Xen's errno.h.</returns>
    public static ulong XenCall(void* page, uint number, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5) =>
        Present.XenCall(page, number, a1, a2, a3, a4, a5);

    /// <summary>
    /// HVC #0 on AArch64, which the hypervisor handles (Arm's SMC Calling Convention, DEN0028): to be used only where it is known to be one
    /// that does, for otherwise it is an undefined instruction.
    /// </summary>
    /// <param name="registers">x0 to x17, before and after.</param>
    public static void Hvc(ulong* registers) => Present.Hvc(registers);

    /// <summary>SMC #0 on AArch64, which firmware below this one handles; the same goes for it.</summary>
    /// <param name="registers">x0 to x17, before and after.</param>
    public static void Smc(ulong* registers) => Present.Smc(registers);

    // Without a hypervisor these instructions raise an exception.
    private static IProcessor Present => Host ?? throw new InvalidOperationException("There is no hypervisor to ask.");
}
