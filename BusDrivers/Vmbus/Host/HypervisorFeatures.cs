using System;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// What CPUID says of the hypervisor (TLFS, "Feature and Interface Discovery"). The interface's signature counts, not the vendor's name:
/// who speaks the interface may have any.
/// </summary>
internal static class HypervisorFeatures
{
    private const uint Processor1 = 1;
    private const uint Range = 0x40000000;
    private const uint Interface = 0x40000001;
    private const uint Privileges = 0x40000003;
    private const uint Recommendations = 0x40000004;
    private const uint Isolation = 0x4000000C;

    private const int Eax = 0;
    private const int Ebx = 1;
    private const int Ecx = 2;

    private const uint HypervisorPresent = 1u << 31;   // Leaf 1, ECX
    private const uint Signature = 0x31237648;         // "Hv#1"
    private const uint SynicRegisters = 1u << 2;       // Privileges, EAX
    private const uint HypercallRegisters = 1u << 5;
    private const uint VpIndexRegister = 1u << 6;
    private const uint PostMessages = 1u << 4;         // Privileges, EBX
    private const uint SignalEvents = 1u << 5;
    private const uint IsolationPrivilege = 1u << 22;
    private const uint IsolationType = 0xF;            // Isolation, EBX
    private const uint AutoEoiDeprecated = 1u << 9;    // Recommendations, EAX

    /// <summary>Whether there is a hypervisor with all that VMBus needs.</summary>
    /// <param name="reason">What is missing; null when nothing is.</param>
    public static bool AreSufficient(out string? reason)
    {
        const uint registers = SynicRegisters | HypercallRegisters;
        const uint calls = PostMessages | SignalEvents;
        reason =
            !IsPresent ? "there is no hypervisor"
            : LastLeaf < Recommendations ? "the hypervisor does not have Hyper-V's interface"
            : (Ask(Privileges, Eax) & registers) != registers || (Ask(Privileges, Ebx) & calls) != calls
                ? "the hypervisor does not let this machine post messages and signal events"
            : IsIsolated ? "the machine's memory is isolated from the host"
            : null;
        return reason is null;
    }

    /// <summary>Whether the machine's memory is hidden from its host (SNP, TDX, VBS).</summary>
    public static bool IsIsolated =>
        IsPresent && LastLeaf >= Isolation && (Ask(Privileges, Ebx) & IsolationPrivilege) != 0 &&
        (Ask(Isolation, Ebx) & IsolationType) != 0;

    /// <summary>Whether an interrupt of the SynIC has to be ended by its handler; otherwise the hypervisor can do that.</summary>
    public static bool NeedsEoi => (Ask(Recommendations, Eax) & AutoEoiDeprecated) != 0;

    /// <summary>Whether the processor may ask for its number.</summary>
    public static bool HasVpIndex => (Ask(Privileges, Eax) & VpIndexRegister) != 0;

    private static bool IsPresent => (Ask(Processor1, Ecx) & HypervisorPresent) != 0;

    /// <summary>The last leaf that the hypervisor has; 0 for another interface. The hypervisor is known to be there.</summary>
    private static uint LastLeaf => Ask(Interface, Eax) == Signature ? Ask(Range, Eax) : 0;

    private static uint Ask(uint leaf, int register)
    {
        Span<uint> words = stackalloc uint[4];
        Processor.Cpuid(leaf, 0, words);
        return words[register];
    }
}
