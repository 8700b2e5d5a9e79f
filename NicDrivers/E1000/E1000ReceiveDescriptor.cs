using System.Runtime.InteropServices;

namespace NicDrivers.E1000;

/// <summary>The legacy receive descriptor. SDM 3.2.3.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct E1000ReceiveDescriptor
{
    internal const byte StatusDone = 1 << 0;
    internal const byte StatusEndOfPacket = 1 << 1;

    /// <summary>CRC, symbol, sequence, carrier extension, data. The checksum bits (5, 6) say nothing about the frame.</summary>
    internal const byte FrameErrors = 0x97;

    internal ulong Address;
    internal ushort Length;
    internal ushort Checksum;
    internal byte Status;
    internal byte Errors;
    internal ushort Special;
}
