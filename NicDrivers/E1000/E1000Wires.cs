using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;

namespace NetBoot.NicDrivers.E1000;

/// <summary>A serial bus whose clock and data are bits of a register.</summary>
internal static class E1000Wires
{
    private const uint HalfPeriod = 50; // In microseconds: what the slowest EEPROM takes. FreeBSD, e1000_82543.c.

    /// <summary>Clocks bits out and in, the highest first; each is sampled while the clock is high. The clock is low at the end.</summary>
    /// <param name="registers">The controller's.</param>
    /// <param name="offset">The register.</param>
    /// <param name="idle">What else is in it.</param>
    /// <param name="clock">The clock's bit.</param>
    /// <param name="output">The bit of what goes out.</param>
    /// <param name="input">The bit of what comes in.</param>
    /// <param name="bits">What goes out.</param>
    /// <param name="count">How many bits.</param>
    /// <returns>What came in, as far as 32 bits hold it.</returns>
    public static uint Shift(in PciRegion registers, uint offset, uint idle, uint clock, uint output, uint input, uint bits, int count)
    {
        uint result = 0;
        while (--count >= 0)
        {
            uint value = idle | (((bits >> count) & 1) != 0 ? output : 0);
            registers.Write32(offset, value);
            Firmware.Stall(HalfPeriod);
            registers.Write32(offset, value | clock);
            Firmware.Stall(HalfPeriod);
            result = (result << 1) | ((registers.Read32(offset) & input) != 0 ? 1u : 0);
        }

        registers.Write32(offset, idle);
        return result;
    }
}
