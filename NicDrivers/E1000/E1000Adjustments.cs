using System;
using NetBoot.Uefi.Interop.Pci;
using static NetBoot.NicDrivers.E1000.E1000Registers;

namespace NetBoot.NicDrivers.E1000;

/// <summary>The registers of each <see cref="E1000Adjustment"/>.</summary>
internal static class E1000Adjustments
{
    private const int RowLength = 4;

    // Which, register, bits to clear, bits to set.
    private static ReadOnlySpan<uint> Rows =>
    [
        (uint)E1000Adjustment.NoArpByFirmware, Manc, MancArp, 0,
        (uint)E1000Adjustment.PhyOutOfReset, CtrlExt, 0, CtrlExtPhyResetOutput | CtrlExtPhyResetHigh,
        (uint)E1000Adjustment.NoRelaxedOrdering, CtrlExt, 0, CtrlExtNoRelaxedOrdering,
        (uint)E1000Adjustment.Reserved82574, Ctrl, 1 << 29, 0,
        (uint)E1000Adjustment.Reserved82574, CtrlExt, 1 << 23, 1 << 22,
        (uint)E1000Adjustment.Reserved82574, TransmitArbitration, 0xFu << 27, 1 << 26,
        (uint)E1000Adjustment.Reserved82574, SecondTransmitQueueControl, 0, TxdctlReservedOne,
        (uint)E1000Adjustment.Reserved82574, Gcr, 0, (1 << 22) | GcrL1WithoutL0s,
        (uint)E1000Adjustment.Reserved82574, Gcr2, 0, 1 << 0,
        (uint)E1000Adjustment.PhyOnTheWire, Phpm, PhpmGoLinkDisconnect, 0,
        (uint)E1000Adjustment.PacketBuffers, Rxpbsize, uint.MaxValue, RxpbsizeOfI210,
        (uint)E1000Adjustment.PacketBuffers, Txpbsize, uint.MaxValue, TxpbsizeOfI210,
    ];

    /// <summary>Reads and writes the registers of some.</summary>
    public static void Make(E1000Adjustment adjustments, in PciRegion registers)
    {
        ReadOnlySpan<uint> rows = Rows;
        for (int row = 0; row < rows.Length; row += RowLength)
        {
            if ((rows[row] & (uint)adjustments) != 0)
            {
                uint register = rows[row + 1];
                registers.Write32(register, (registers.Read32(register) & ~rows[row + 2]) | rows[row + 3]);
            }
        }
    }
}
