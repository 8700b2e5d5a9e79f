using System;
using NetBoot.BusDrivers;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Succeeds when the processor has a feature: a bit of EDX of CPUID's leaf 1, or of others by options. No processor but x64 has any.</summary>
public sealed class CpuidCommand : Command
{
    private const uint FirstExtended = 0x80000000;
    private const int Eax = 0;
    private const int Ecx = 2;
    private const int Edx = 3;

    public override string Name => "cpuid";
    public override string Summary => "check for a feature of the processor";
    public override string Options => "e|ext a|amd c|ecx";
    public override string Operands => "BIT";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = Arguments.ParseNumber(arguments.Words[0], out ulong bit);
        if (error is not null)
        {
            return error;
        }

        uint first = arguments.Has('e') || arguments.Has('a') ? FirstExtended : 0;
        Span<uint> registers = stackalloc uint[4];
        Processor.Cpuid(first, 0, registers);
        bool hasLeaf = registers[Eax] >= first + 1;
        Processor.Cpuid(first + 1, 0, registers);
        return hasLeaf && bit < 32 && (registers[arguments.Has('c') ? Ecx : Edx] >> (int)bit & 1) != 0
            ? null
            : new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"the processor does not have feature {bit}"));
    }
}
