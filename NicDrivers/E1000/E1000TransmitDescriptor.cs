using System.Runtime.InteropServices;

namespace NicDrivers.E1000;

/// <summary>The legacy transmit descriptor. SDM 3.3.3.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct E1000TransmitDescriptor
{
    internal const byte CommandEndOfPacket = 1 << 0;
    internal const byte CommandInsertFcs = 1 << 1;
    internal const byte CommandReportStatus = 1 << 3;
    internal const byte StatusDone = 1 << 0;

    internal ulong Address;
    internal ushort Length;
    internal byte ChecksumOffset;
    internal byte Command;
    internal byte Status;
    internal byte ChecksumStart;
    internal ushort Special;
}
