using System;

namespace NetBoot.BusDrivers;

/// <summary>A simulated processor with what a hypervisor adds to it. What each member gets and answers is as in <see cref="Processor"/>.</summary>
public unsafe interface IProcessor
{
    /// <inheritdoc cref="Processor.IsAArch64"/>
    bool IsAArch64 => false;

    /// <summary>The CPUID instruction.</summary>
    /// <param name="leaf">EAX.</param>
    /// <param name="subleaf">ECX.</param>
    /// <param name="result">4 words, zero beforehand: EAX, EBX, ECX, EDX.</param>
    void Cpuid(uint leaf, uint subleaf, Span<uint> result);

    /// <inheritdoc cref="Processor.ReadMsr"/>
    ulong ReadMsr(uint register);

    /// <inheritdoc cref="Processor.WriteMsr"/>
    void WriteMsr(uint register, ulong value);

    /// <inheritdoc cref="Processor.HyperVCall"/>
    ulong HyperVCall(void* page, ulong control, ulong input, ulong output);

    /// <inheritdoc cref="Processor.XenCall"/>
    ulong XenCall(void* page, uint number, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5) =>
        throw new NotSupportedException("This processor is not below Xen.");

    /// <inheritdoc cref="Processor.Hvc"/>
    void Hvc(ulong* registers) => throw new NotSupportedException("This processor is none of AArch64.");

    /// <inheritdoc cref="Processor.Smc"/>
    void Smc(ulong* registers) => throw new NotSupportedException("This processor is none of AArch64.");
}
