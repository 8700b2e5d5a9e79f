using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using static NetBoot.NicDrivers.E1000.E1000Registers;

namespace NetBoot.NicDrivers.E1000;

/// <summary>The PHY's registers (IEEE 802.3, 22.2.4). Between <see cref="TryLock"/> and <see cref="Unlock"/> the management firmware keeps off.</summary>
internal static class E1000Phy
{
    private const uint Address = 1; // Of the PHY on the management interface: SDM, 13.4.8.

    // In microseconds. Firmware that does not answer for so long is taken for dead, and its PHY left alone.
    private const uint AccessTimeout = 2_000;
    private const uint LockTimeout = 100_000;
    private const uint LockStep = 2_000;

    /// <summary>Takes the PHY's registers from the management firmware, where there is such a thing.</summary>
    /// <returns>False when it keeps them, or the controller is gone.</returns>
    public static bool TryLock(in PciRegion registers, E1000PhyAccess access)
    {
        for (uint waited = 0; waited <= LockTimeout; waited += LockStep)
        {
            uint answer = access switch
            {
                E1000PhyAccess.OwnedRegister => Own(registers),
                E1000PhyAccess.GuardedRegister => Guard(registers, isLocked: true),
                _ => 1,
            };
            if (answer == uint.MaxValue)
            {
                break;
            }

            if (answer != 0)
            {
                return true;
            }

            Firmware.Stall(LockStep);
        }

        return false;
    }

    /// <summary>Gives them back.</summary>
    public static void Unlock(in PciRegion registers, E1000PhyAccess access)
    {
        if (access == E1000PhyAccess.OwnedRegister)
        {
            registers.Write32(ExtcnfCtrl, registers.Read32(ExtcnfCtrl) & ~ExtcnfCtrlMdioSoftware);
        }
        else if (access == E1000PhyAccess.GuardedRegister)
        {
            Guard(registers, isLocked: false);
        }
    }

    /// <summary>Reads a register.</summary>
    /// <returns>False when the PHY does not answer.</returns>
    public static bool TryRead(in PciRegion registers, E1000PhyAccess access, uint register, out ushort value)
    {
        if (access == E1000PhyAccess.Wires)
        {
            value = (ushort)Exchange(registers, (0b0110 << 10) | (Address << 5) | register, 14, 1 + 16);
            return true;
        }

        bool isRead = TryAccess(registers, MdicRead | (register << MdicRegisterShift), out uint answer);
        value = (ushort)answer;
        return isRead;
    }

    /// <summary>Writes a register.</summary>
    public static void Write(in PciRegion registers, E1000PhyAccess access, uint register, ushort value)
    {
        if (access == E1000PhyAccess.Wires)
        {
            Exchange(registers, (0b0101u << 28) | (Address << 23) | (register << 18) | (0b10 << 16) | value, 32, 0);
        }
        else
        {
            TryAccess(registers, MdicWrite | (register << MdicRegisterShift) | value, out _);
        }
    }

    private static bool TryAccess(in PciRegion registers, uint command, out uint answer)
    {
        registers.Write32(Mdic, command | (Address << MdicPhyShift));
        bool isDone = registers.WaitFor32(Mdic, MdicReady, MdicReady, AccessTimeout);
        answer = registers.Read32(Mdic);
        return isDone && (answer & MdicError) == 0;
    }

    /// <summary>A frame of the management interface: 32 ones, what goes out, and with the pin turned around what comes in.</summary>
    private static uint Exchange(in PciRegion registers, uint sent, int sentLength, int receivedLength)
    {
        uint idle = (registers.Read32(Ctrl) & ~(CtrlMdc | CtrlMdio | CtrlMdioOutput)) | CtrlMdcOutput;
        E1000Wires.Shift(registers, Ctrl, idle | CtrlMdioOutput, CtrlMdc, CtrlMdio, CtrlMdio, uint.MaxValue, 32);
        E1000Wires.Shift(registers, Ctrl, idle | CtrlMdioOutput, CtrlMdc, CtrlMdio, CtrlMdio, sent, sentLength);
        return E1000Wires.Shift(registers, Ctrl, idle, CtrlMdc, 0, CtrlMdio, 0, receivedLength);
    }

    /// <summary>Asks for the management interface. 0: not yet.</summary>
    private static uint Own(in PciRegion registers)
    {
        registers.Write32(ExtcnfCtrl, registers.Read32(ExtcnfCtrl) | ExtcnfCtrlMdioSoftware);
        uint answer = registers.Read32(ExtcnfCtrl);
        return answer == uint.MaxValue ? answer : answer & ExtcnfCtrlMdioSoftware;
    }

    /// <summary>
    /// Enters the PHY of this port in the table of owners, or takes it out, under the table's own semaphore. Software's marks are not looked
    /// at: no other runs, and who left one is gone.
    /// </summary>
    /// <returns>0: not yet.</returns>
    private static uint Guard(in PciRegion registers, bool isLocked)
    {
        int port = (int)(registers.Read32(Status) >> StatusPortShift) & 3;
        uint owner = (port < 2 ? SwFwSyncPhy0 : SwFwSyncPhy2 >> 2) << port;
        uint semaphore = registers.Read32(Swsm);
        if (semaphore == uint.MaxValue)
        {
            return semaphore;
        }

        registers.Write32(Swsm, semaphore | SwsmFirmware);
        if ((registers.Read32(Swsm) & SwsmFirmware) == 0 && isLocked)
        {
            return 0;
        }

        uint owners = registers.Read32(SwFwSync);
        bool isFree = !isLocked || (owners & (owner << SwFwSyncFirmwareShift)) == 0;
        if (isFree)
        {
            registers.Write32(SwFwSync, isLocked ? owners | owner : owners & ~owner);
        }

        registers.Write32(Swsm, semaphore & ~(SwsmSoftware | SwsmFirmware));
        return isFree ? 1u : 0;
    }
}
