using System;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// Hyper-V on AArch64: calls by the HVC instruction, and registers by calls (TLFS, "HvCallGetVpRegisters" and "HvCallSetVpRegisters").
/// </summary>
/// <remarks>
/// <para>HVC faults where nobody handles it, so the firmware's tables are asked first, as Linux does (arch/arm64/hyperv/mshyperv.c). The
/// calls follow Arm's calling convention as Linux's do (hv_core.c): HVC #0 with Hyper-V's function in x0, so that a hypervisor that
/// is none answers that it does not know it. Microsoft's firmware uses HVC #1, without the function; its hosts take both (OpenVMM,
/// hv1_hypercall/src/aarch64.rs).</para>
/// <para>Until a guest has identified itself it can read but a few registers, its identity and the features among them, and write
/// its identity; those are by fast calls, as all are here.</para>
/// </remarks>
internal sealed unsafe class AArch64Access : HypervisorAccess
{
    private const int CallRegisters = 18; // x0 to x17

    private const ulong HyperVFunction = 0x46000001; // DEN0028: a yielding 64-bit call of the vendor's hypervisor, number 1
    private const ulong GetRegisters = 0x50;
    private const ulong SetRegisters = 0x51;
    private const ulong Fast = 1 << 16;
    private const ulong Once = 1ul << 32; // The number of registers.
    private const ulong Self = ulong.MaxValue;
    private const ulong ThisProcessor = 0xFFFFFFFE;

    // Arm's Realm Management Monitor specification (DEN0137), "RSI_VERSION".
    private const ulong RealmVersionFunction = 0xC4000190;
    private const ulong RealmVersion = 1 << 16;

    /// <summary>
    /// The PPI that Microsoft's firmware gives VMBus (mu_msvm, PcdVmbusVector). It has no handler, and needs none: the interrupt controller
    /// passes on what somebody has enabled.
    /// </summary>
    private const ulong Interrupt = 18;

    /// <inheritdoc/>
    public override uint VpIndex => (uint)Read(HypervisorRegister.VpIndex);

    /// <summary>OpenVMM shows no privilege at all, and grants all of them.</summary>
    public override string? FindLack()
    {
        const ulong needed = SynicRegisters | PostMessages | SignalEvents;
        return
            !FixedAcpiTable.Find().NamesHyperV ? "the firmware's tables do not name Hyper-V"
            : FindIsolation() is string isolation ? isolation
            : !TryRead(HypervisorRegister.PrivilegesAndFeatures, out ulong privileges) ? "the hypervisor does not answer as Hyper-V does"
            : privileges != 0 && (privileges & needed) != needed ? NotAllowed
            : null;
    }

    /// <summary>In a realm HVC faults as on a machine without a hypervisor; where there can be one, firmware is called by SMC.</summary>
    public override string? FindIsolation()
    {
        FixedAcpiTable table = FixedAcpiTable.Find();
        return
            !table.NamesHyperV ? null
            : table.HasSmcCalls && IsRealm() ? Isolated + " (Arm CCA)"
            : (Read(HypervisorRegister.PrivilegesAndFeatures) & Isolation) != 0 ? Isolated
            : null;
    }

    /// <inheritdoc/>
    public override ulong Read(uint register) => TryRead(register, out ulong value) ? value : 0;

    /// <inheritdoc/>
    public override void Write(uint register, ulong value)
    {
        ulong* x = stackalloc ulong[CallRegisters];
        Begin(x, SetRegisters | Fast | Once);
        x[2] = Self;
        x[3] = ThisProcessor;
        x[4] = register;
        x[6] = value;
        Processor.Hvc(x);
    }

    /// <inheritdoc/>
    public override ulong Call(byte* page, ulong control, ulong input)
    {
        ulong* x = stackalloc ulong[CallRegisters];
        Begin(x, control);
        x[2] = input;
        Processor.Hvc(x);
        return x[0];
    }

    /// <inheritdoc/>
    public override ulong AcquireSource() => Interrupt;

    /// <inheritdoc/>
    public override void ReleaseSource(ulong source)
    {
    }

    // Any answer but that the function is not known, which is negative.
    private static bool IsRealm()
    {
        ulong* x = stackalloc ulong[CallRegisters];
        new Span<ulong>(x, CallRegisters).Clear();
        x[0] = RealmVersionFunction;
        x[1] = RealmVersion;
        Processor.Smc(x);
        return (int)x[0] >= 0;
    }

    // The value lies behind the parameters, on the next boundary of 16 bytes.
    private static bool TryRead(uint register, out ulong value)
    {
        ulong* x = stackalloc ulong[CallRegisters];
        Begin(x, GetRegisters | Fast | Once);
        x[2] = Self;
        x[3] = ThisProcessor;
        x[4] = register;
        Processor.Hvc(x);
        bool isTold = (ushort)x[0] == 0;
        value = isTold ? x[6] : 0;
        return isTold;
    }

    private static void Begin(ulong* x, ulong control)
    {
        new Span<ulong>(x, CallRegisters).Clear();
        x[0] = HyperVFunction;
        x[1] = control;
    }
}
