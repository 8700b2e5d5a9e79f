using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Uefi.Interop;

/// <summary>
/// What a guest asks of its processor and of the hypervisor below it (x64). On AArch64 <see cref="Cpuid"/> answers zeros, so that
/// nobody finds a reason to use the rest.
/// </summary>
public static unsafe class Processor
{
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

    [RuntimeImport("*", "NetBootCpuid")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void CpuidInstruction(uint leaf, uint subleaf, uint* result);
}
