using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// An interrupt vector whose interrupt does nothing. A masked source receives no messages, so the source must be allowed to interrupt,
/// though we only poll; and an interrupt that firmware has no handler for ends the machine.
/// </summary>
internal static unsafe class NullInterruptVector
{
    private const int FirstVector = 0xA0; // Above what firmware uses for its timer and for a legacy interrupt controller.
    private const int LastVector = 0xDF;

    private const uint ApicBase = 0x1B; // IA32_APIC_BASE: bit 10 is x2APIC, from bit 12 on the registers' address.
    private const uint X2Apic = 1 << 10;
    private const uint X2ApicEoi = 0x80B;
    private const ulong ApicEoi = 0xB0;

    private static bool s_needsEoi;

    /// <summary>Registers the handler.</summary>
    /// <param name="needsEoi">Whether the handler has to end the interrupt.</param>
    /// <returns>The vector, or 0 when firmware has none to give, as when it is not built on PI.</returns>
    public static int Acquire(bool needsEoi)
    {
        EFI_CPU_ARCH_PROTOCOL* processor = Firmware.Locate<EFI_CPU_ARCH_PROTOCOL>();
        s_needsEoi = needsEoi;
        for (int vector = FirstVector; processor != null && vector <= LastVector; vector++)
        {
            if (!processor->RegisterInterruptHandler(processor, vector, &OnInterrupt).IsError)
            {
                return vector;
            }
        }

        return 0;
    }

    public static void Release(int vector)
    {
        EFI_CPU_ARCH_PROTOCOL* processor = vector == 0 ? null : Firmware.Locate<EFI_CPU_ARCH_PROTOCOL>();
        if (processor != null)
        {
            processor->RegisterInterruptHandler(processor, vector, null);
        }
    }

    // It may come at any time, in the midst of anything: it touches nothing of ours, and cannot fault.
    [UnmanagedCallersOnly]
    private static void OnInterrupt(nint vector, void* context)
    {
        if (!s_needsEoi)
        {
            return;
        }

        ulong apic = Processor.ReadMsr(ApicBase);
        if ((apic & X2Apic) != 0)
        {
            Processor.WriteMsr(X2ApicEoi, 0);
        }
        else
        {
            *(uint*)((apic & ~0xFFFul) + ApicEoi) = 0;
        }
    }
}
