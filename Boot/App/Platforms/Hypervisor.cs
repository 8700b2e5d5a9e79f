using System;
using NetBoot.Boot.App.Settings;
using NetBoot.BusDrivers;

namespace NetBoot.Boot.App.Platforms;

/// <summary>Whether the machine, and so each of its NICs, is presented by a hypervisor.</summary>
public static class Hypervisor
{
    /// <summary>By the processor (x64; CPUID leaf 1, ECX bit 31, which hardware leaves clear) or the SMBIOS tables.</summary>
    /// <param name="smbios">The structure table, or empty.</param>
    public static bool IsPresent(ReadOnlySpan<byte> smbios)
    {
        // DSP0134, 7.1.2.2: the second extension byte of the BIOS characteristics.
        const byte BiosInformation = 0;
        const int CharacteristicsExtension2 = 0x13;
        const byte IsVirtualMachine = 1 << 4;
        Span<uint> leaf = stackalloc uint[4];
        Processor.Cpuid(1, 0, leaf);
        return (leaf[2] >> 31) != 0 ||
            (new Smbios(smbios).TryFind(BiosInformation, 0, out ReadOnlySpan<byte> fields, out _) &&
            fields.Length > CharacteristicsExtension2 && (fields[CharacteristicsExtension2] & IsVirtualMachine) != 0);
    }
}
