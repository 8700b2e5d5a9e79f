using System.Runtime.InteropServices;

namespace NetBoot.NicDrivers.E1000;

/// <summary>
/// The receive descriptor, as the driver gives it: an address and zeros; and as it comes back, in the legacy layout (SDM, 3.2.3) or the
/// advanced one (82576 datasheet, 7.1.5).
/// </summary>
[StructLayout(LayoutKind.Explicit)]
internal struct E1000ReceiveDescriptor
{
    internal const byte StatusDone = 1 << 0;
    internal const byte StatusEndOfPacket = 1 << 1;

    /// <summary>CRC, symbol, sequence, carrier extension, data. The checksum bits (5, 6) say nothing about the frame.</summary>
    internal const byte FrameErrors = 0x97;

    /// <summary>Receive error, in the advanced layout; the checksum bits (29, 30) say nothing about the frame.</summary>
    internal const uint AdvancedFrameError = 1u << 31;

    [FieldOffset(0)] internal ulong Address;

    /// <summary>All that comes back, in either layout, but for what the advanced one has in the address's place.</summary>
    [FieldOffset(8)] internal ulong Result;

    [FieldOffset(8)] internal ushort Length;
    [FieldOffset(12)] internal byte Status;
    [FieldOffset(13)] internal byte Errors;

    /// <summary>Status in its lowest bits, as in the legacy layout, errors in the highest.</summary>
    [FieldOffset(8)] internal uint AdvancedStatus;

    [FieldOffset(12)] internal ushort AdvancedLength;
}
