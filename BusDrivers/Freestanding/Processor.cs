using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace NetBoot.BusDrivers;

/// <summary>
/// What a guest asks of its processor and of the hypervisor below it. On AArch64 <see cref="Cpuid"/> answers zeros, so that nobody finds a
/// reason to use what only x64 has.
/// </summary>
public static unsafe class Processor
{
    /// <summary>Whether this is AArch64, and not x64.</summary>
    public static bool IsAArch64 => AskIsAArch64() != 0;

    /// <summary>The CPUID instruction.</summary>
    /// <param name="leaf">EAX.</param>
    /// <param name="subleaf">ECX.</param>
    /// <param name="result">4 words: EAX, EBX, ECX, EDX.</param>
    public static void Cpuid(uint leaf, uint subleaf, Span<uint> result)
    {
        uint* words = stackalloc uint[4];
        CpuidInstruction(leaf, subleaf, words);
        new ReadOnlySpan<uint>(words, 4).CopyTo(result);
    }

    /// <summary>Reads a model-specific register, which must be known to be there.</summary>
    [RuntimeImport("*", "NetBootReadMsr")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadMsr(uint register);

    /// <summary>Writes a model-specific register, which must be known to be there and to take the value.</summary>
    [RuntimeImport("*", "NetBootWriteMsr")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteMsr(uint register, ulong value);

    /// <summary>Calls Hyper-V through its hypercall page (TLFS, "Hypercall Interface").</summary>
    /// <param name="page">The page, enabled.</param>
    /// <param name="control">Call code and flags: RCX.</param>
    /// <param name="input">A guest-physical address, or the first parameter of a fast call: RDX.</param>
    /// <param name="output">A guest-physical address, or the second parameter of a fast call: R8.</param>
    /// <returns>The result value; the status is in its low 16 bits.</returns>
    [RuntimeImport("*", "NetBootHyperVCall")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong HyperVCall(void* page, ulong control, ulong input, ulong output);

    /// <summary>Calls Xen through its hypercall page (Xen, public/arch-x86/xen-x86_64.h).</summary>
    /// <param name="page">The page, enabled: 128 stubs of 32 bytes.</param>
    /// <param name="number">__HYPERVISOR_*, below 128.</param>
    /// <param name="a1">The first argument: RDI; the others go in RSI, RDX, R10 and R8.</param>
    /// <param name="a2">The second.</param>
    /// <param name="a3">The third.</param>
    /// <param name="a4">The fourth.</param>
    /// <param name="a5">The fifth.</param>
    /// <returns>What the call answers; a negative number is an error of Xen's errno.h.</returns>
    [RuntimeImport("*", "NetBootXenCall")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong XenCall(void* page, uint number, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5);

    /// <summary>
    /// HVC #0 on AArch64, which the hypervisor handles (Arm's SMC Calling Convention, DEN0028): to be used only where it is known to be one
    /// that does, for otherwise it is an undefined instruction.
    /// </summary>
    /// <param name="registers">x0 to x17, before and after.</param>
    [RuntimeImport("*", "NetBootHvc")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Hvc(ulong* registers);

    /// <summary>SMC #0 on AArch64, which firmware below this one handles; the same goes for it.</summary>
    /// <param name="registers">x0 to x17, before and after.</param>
    [RuntimeImport("*", "NetBootSmc")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Smc(ulong* registers);

    [RuntimeImport("*", "NetBootIsAArch64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern uint AskIsAArch64();

    [RuntimeImport("*", "NetBootCpuid")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void CpuidInstruction(uint leaf, uint subleaf, uint* result);
}
