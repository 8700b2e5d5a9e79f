using System.Runtime.InteropServices;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// The legacy transmit descriptor (SDM, 3.3.3), and the advanced one (82576 datasheet, 7.2.2.3), whose fields lie in the same places as
/// far as they are used here.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
internal struct E1000TransmitDescriptor
{
    internal const byte CommandEndOfPacket = 1 << 0;
    internal const byte CommandInsertFcs = 1 << 1;
    internal const byte CommandReportStatus = 1 << 3;
    internal const byte CommandAdvanced = 1 << 5;

    /// <summary>DTYP, in the upper half of what is <see cref="ChecksumOffset"/> in the legacy layout: data.</summary>
    internal const byte AdvancedData = 3 << 4;

    /// <summary>PAYLEN, in the last four bytes, whose first is <see cref="Status"/>.</summary>
    internal const int AdvancedPayloadShift = 14;

    internal const byte StatusDone = 1 << 0;

    [FieldOffset(0)] internal ulong Address;
    [FieldOffset(8)] internal ushort Length;
    [FieldOffset(10)] internal byte ChecksumOffset;
    [FieldOffset(11)] internal byte Command;
    [FieldOffset(12)] internal byte Status;

    /// <summary>The status, and what is not needed here of the legacy layout; the payload's length in the advanced one.</summary>
    [FieldOffset(12)] internal uint Rest;
}
