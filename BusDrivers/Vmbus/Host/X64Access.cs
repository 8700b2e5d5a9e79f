using System;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// Hyper-V on x64: CPUID leaves, model-specific registers, and a page of the hypervisor's own code (TLFS, "Feature and Interface Discovery",
/// "Hypercall Interface"). The interface's signature counts, not the vendor's name: who speaks the interface may have any.
/// </summary>
internal sealed unsafe class X64Access : HypervisorAccess
{
    private const uint Processor1 = 1;
    private const uint TdxIdentity = 0x21;
    private const uint Range = 0x40000000;
    private const uint Interface = 0x40000001;
    private const uint Privileges = 0x40000003;
    private const uint Recommendations = 0x40000004;
    private const uint IsolationConfiguration = 0x4000000C;
    private const uint ExtendedRange = 0x80000000;
    private const uint MemoryEncryption = 0x8000001F;

    private const int Eax = 0;
    private const int Ebx = 1;
    private const int Ecx = 2;
    private const int Edx = 3;

    private const uint HypervisorPresent = 1u << 31; // Leaf 1, ECX
    private const uint Signature = 0x31237648;       // "Hv#1"
    private const ulong HypercallRegisters = 1 << 5; // Privileges
    private const ulong VpIndexRegister = 1 << 6;
    private const uint AutoEoiDeprecated = 1u << 9;  // Recommendations, EAX
    private const uint IsolationType = 0xF;          // Isolation configuration, EBX

    // AMD's Programmer's Manual, volume 3, "Function 8000_001Fh", EAX, and volume 2, "SEV_STATUS MSR".
    private const uint SevSupported = 1 << 1;
    private const uint SevStatus = 0xC0010131;
    private const ulong SevEnabled = 1;

    private const ulong LowestVector = 0x10; // For firmware without interrupt handlers, which keeps interrupts off.
    private const ulong Vector = 0xFF;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> CallPageContent => [0xB8, 0x02, 0x00, 0x00, 0x00, 0xC3]; // mov eax, HV_STATUS_INVALID_HYPERCALL_CODE; ret

    /// <inheritdoc/>
    public override uint VpIndex => (AskPrivileges() & VpIndexRegister) == 0 ? 0 : (uint)Read(HypervisorRegister.VpIndex);

    // Whether an interrupt of the SynIC has to be ended by its handler; otherwise the hypervisor can do that.
    private static bool NeedsEoi => (Ask(Recommendations, Eax) & AutoEoiDeprecated) != 0;

    private static bool IsPresent => (Ask(Processor1, Ecx) & HypervisorPresent) != 0;

    // The last leaf that the hypervisor has; 0 for another interface. The hypervisor is known to be there.
    private static uint LastLeaf => Ask(Interface, Eax) == Signature ? Ask(Range, Eax) : 0;

    /// <inheritdoc/>
    public override string? FindLack()
    {
        const ulong needed = SynicRegisters | HypercallRegisters | PostMessages | SignalEvents;
        return
            !IsPresent ? "there is no hypervisor"
            : LastLeaf < Recommendations ? "the hypervisor does not have Hyper-V's interface"
            : (AskPrivileges() & needed) != needed ? NotAllowed
            : FindIsolation();
    }

    /// <summary>
    /// By Hyper-V's word; and by the processor's, for another hypervisor with Hyper-V's interface, as KVM is, does not say it there. The page
    /// that hypercalls go through, for one, would be written without being encrypted.
    /// </summary>
    public override string? FindIsolation()
    {
        if (!IsPresent)
        {
            return null;
        }

        bool isTold = LastLeaf >= IsolationConfiguration && (AskPrivileges() & Isolation) != 0;
        return (isTold ? Ask(IsolationConfiguration, Ebx) & IsolationType : 0) switch
        {
            0 => HasSev() ? Isolated + " (SEV)" : HasTdx() ? Isolated + " (TDX)" : null,
            1 => Isolated + " (VBS)",
            2 => Isolated + " (SEV-SNP)",
            3 => Isolated + " (TDX)",
            _ => Isolated,
        };
    }

    /// <inheritdoc/>
    public override ulong Read(uint register) => Processor.ReadMsr(ModelSpecific(register));

    /// <inheritdoc/>
    public override void Write(uint register, ulong value) => Processor.WriteMsr(ModelSpecific(register), value);

    /// <inheritdoc/>
    public override ulong Call(byte* page, ulong control, ulong input) => Processor.HyperVCall(page, control, input, 0);

    /// <inheritdoc/>
    public override ulong AcquireSource()
    {
        bool needsEoi = NeedsEoi;
        int vector = NullInterruptVector.Acquire(needsEoi);
        return vector == 0
            ? LowestVector | HypervisorRegister.AutoEoi | HypervisorRegister.Polling
            : (uint)vector | (needsEoi ? 0 : HypervisorRegister.AutoEoi);
    }

    /// <inheritdoc/>
    public override void ReleaseSource(ulong source)
    {
        if ((source & HypervisorRegister.Polling) == 0)
        {
            NullInterruptVector.Release((int)(source & Vector));
        }
    }

    // TLFS, "Synthetic MSRs".
    private static uint ModelSpecific(uint register) => register switch
    {
        HypervisorRegister.GuestOsId => 0x40000000,
        HypervisorRegister.Hypercall => 0x40000001,
        HypervisorRegister.VpIndex => 0x40000002,
        HypervisorRegister.SynicControl => 0x40000080,
        HypervisorRegister.EventFlagsPage => 0x40000082,
        HypervisorRegister.MessagePage => 0x40000083,
        HypervisorRegister.EndOfMessage => 0x40000084,
        _ => 0x40000092, // VmbusInterrupt
    };

    private static bool HasSev() =>
        Ask(ExtendedRange, Eax) >= MemoryEncryption && (Ask(MemoryEncryption, Eax) & SevSupported) != 0 &&
        (Processor.ReadMsr(SevStatus) & SevEnabled) != 0;

    // Intel's TDX Module specification, "CPUID virtualization": "IntelTDX    ".
    private static bool HasTdx() =>
        Ask(0, Eax) >= TdxIdentity && Ask(TdxIdentity, Ebx) == 0x65746E49 && Ask(TdxIdentity, Edx) == 0x5844546C &&
        Ask(TdxIdentity, Ecx) == 0x20202020;

    private static ulong AskPrivileges() => Ask(Privileges, Eax) | ((ulong)Ask(Privileges, Ebx) << 32);

    private static uint Ask(uint leaf, int register)
    {
        Span<uint> words = stackalloc uint[4];
        Processor.Cpuid(leaf, 0, words);
        return words[register];
    }
}
