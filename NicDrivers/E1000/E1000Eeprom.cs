using NetBoot.Uefi.Interop.Pci;
using static NetBoot.NicDrivers.E1000.E1000Registers;

namespace NetBoot.NicDrivers.E1000;

/// <summary>The EEPROM's words, of which the first three are the address.</summary>
internal static class E1000Eeprom
{
    private const uint ReadTimeout = 10_000; // In microseconds.

    /// <summary>Reads a word.</summary>
    /// <returns>False when the controller does not answer in time.</returns>
    public static bool TryRead(in PciRegion registers, E1000EepromAccess access, uint word, out ushort data)
    {
        if (access == E1000EepromAccess.Wires)
        {
            data = ReadByWires(registers, word);
            return true;
        }

        uint done = access == E1000EepromAccess.WideRegister ? 1u << 4 : 1u << 1;
        int shift = access == E1000EepromAccess.WideRegister ? 8 : 2;
        registers.Write32(Eerd, EerdStart | (word << shift));
        bool isRead = registers.WaitFor32(Eerd, done, done, ReadTimeout);
        data = (ushort)(registers.Read32(Eerd) >> 16);
        return isRead;
    }

    /// <summary>The read command of a Microwire EEPROM of 64 words: start bit, two bits, six of address; then 16 bits come.</summary>
    private static ushort ReadByWires(in PciRegion registers, uint word)
    {
        const uint ReadCommand = 0b110 << 6;
        const int CommandLength = 9;
        const int DataLength = 16;
        uint idle = registers.Read32(Eecd) & ~(EecdClock | EecdSelect | EecdDataIn);
        registers.Write32(Eecd, idle);
        uint data = E1000Wires.Shift(
            registers, Eecd, idle | EecdSelect, EecdClock, EecdDataIn, EecdDataOut, (ReadCommand | word) << DataLength, CommandLength + DataLength);
        registers.Write32(Eecd, idle);
        return (ushort)data;
    }
}
