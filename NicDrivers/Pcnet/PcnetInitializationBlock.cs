using System.Runtime.InteropServices;

namespace NetBoot.NicDrivers.Pcnet;

/// <summary>What the chip reads at INIT. AMD 19436, "Initialization Block", SSIZE32 = 1.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PcnetInitializationBlock
{
    internal ushort Mode;

    /// <summary>The binary logarithm of the number of receive descriptors, in the upper four bits; the next, of transmit descriptors.</summary>
    internal byte ReceiveLength;

    internal byte TransmitLength;
    internal uint AddressLow;

    /// <summary>The upper half is reserved.</summary>
    internal uint AddressHigh;

    internal uint MulticastLow;
    internal uint MulticastHigh;
    internal uint ReceiveRing;
    internal uint TransmitRing;
}
