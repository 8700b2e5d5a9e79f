using System.Runtime.InteropServices;

namespace NetBoot.BusDrivers.Vmbus.Rings;

/// <summary>
/// The first page of a ring, shared with the host; the data follows in the next pages. Indices are byte offsets into the data. The ring is
/// empty when they are equal, and so never full to the last byte.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 4096)]
internal struct RingControl
{
    /// <summary>In <see cref="FeatureBits"/>: the reader looks at <see cref="PendingSendSize"/>.</summary>
    public const uint SupportsPendingSendSize = 1;

    public const int PageSize = 4096;

    /// <summary>Where the writer goes on.</summary>
    [FieldOffset(0)]
    public uint In;

    /// <summary>Where the reader goes on.</summary>
    [FieldOffset(4)]
    public uint Out;

    /// <summary>Not 0: the reader wants no signal for what is written.</summary>
    [FieldOffset(8)]
    public uint InterruptMask;

    /// <summary>Not 0: the writer waits for this many free bytes, and wants a signal when there are.</summary>
    [FieldOffset(12)]
    public uint PendingSendSize;

    [FieldOffset(64)]
    public uint FeatureBits;
}
