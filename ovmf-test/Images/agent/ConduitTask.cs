using System;
using NetBoot.BusDrivers;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// The functions that execute HVC and SMC, on the calls that a machine has, which are PSCI's: what is in the registers gets there, and what is in
/// them then comes back.
/// </summary>
internal static unsafe class ConduitTask
{
    private const int Count = 18; // x0 to x17
    private const ulong PsciVersion = 0x84000000; // DEN0022, 5.1.1
    private const ulong PsciFeatures = 0x8400000A;
    private const ulong HyperV = 0x46000001;
    private const int NotSupported = -1;

    /// <param name="conduit">By which instruction firmware is called here: hvc or smc.</param>
    public static void Run(ReadOnlySpan<char> conduit)
    {
        bool isHvc = conduit.SequenceEqual("hvc");
        Agent.Check(Processor.IsAArch64, "the processor is of AArch64");
        int version = Call(isHvc, PsciVersion, 0);
        Agent.Check(version >= 2, "PSCI has a version");
        Agent.Check(Call(isHvc, PsciFeatures, PsciVersion) >= 0, "PSCI has its version, says the register behind the function's");
        Agent.Check(Call(isHvc, PsciFeatures, HyperV) == NotSupported, "PSCI has nothing of Hyper-V");
        Agent.Check(Call(isHvc, HyperV, 0x1_0001_0050) == NotSupported, "nobody knows Hyper-V's calls");
        Agent.Line($"agent: PSCI {version >> 16}.{version & 0xFFFF}");
    }

    private static int Call(bool isHvc, ulong function, ulong argument)
    {
        ulong* registers = stackalloc ulong[Count + 1];
        for (int i = 0; i <= Count; i++)
        {
            registers[i] = 0x4E42_0000_0000_0000 + (ulong)i;
        }

        registers[0] = function;
        registers[1] = argument;
        if (isHvc)
        {
            Processor.Hvc(registers);
        }
        else
        {
            Processor.Smc(registers);
        }

        bool areKept = registers[1] == argument;
        for (int i = 2; i <= Count; i++)
        {
            areKept &= registers[i] == 0x4E42_0000_0000_0000 + (ulong)i;
        }

        Agent.Check(areKept, "each register has what was in it");
        return (int)registers[0];
    }
}
