using NetBoot.Uefi.Interop.Pci;

namespace NetBoot.NicDrivers.E1000;

/// <summary>Bits of a register that a generation needs otherwise than a reset leaves them.</summary>
internal readonly struct E1000Adjustment(uint register, uint clear, uint set)
{
    /// <summary>Reads and writes the register of each.</summary>
    public static void Apply(E1000Adjustment[]? adjustments, in PciRegion registers)
    {
        for (int i = 0; adjustments is not null && i < adjustments.Length; i++)
        {
            adjustments[i].Apply(registers);
        }
    }

    private void Apply(in PciRegion registers) => registers.Write32(register, (registers.Read32(register) & ~clear) | set);
}
