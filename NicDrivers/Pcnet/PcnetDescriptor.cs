using System.Runtime.InteropServices;

namespace NetBoot.NicDrivers.Pcnet;

/// <summary>A descriptor of either ring in software style 2. AMD 19436, "Receive Descriptors" and "Transmit Descriptors", SWSTYLE 2.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PcnetDescriptor
{
    internal const uint Own = 1u << 31;

    /// <summary>Any of framing, overflow, CRC, buffer and bus parity.</summary>
    internal const uint Error = 1 << 30;

    internal const uint Start = 1 << 25;
    internal const uint End = 1 << 24;

    /// <summary>In <see cref="Status"/>, of a frame received: its length with the FCS.</summary>
    internal const uint MessageCountMask = 0xFFF;

    internal uint Address;

    /// <summary>Whose it is, what became of it, and the buffer's length as <see cref="ByteCount"/> gives it. Written last, read first.</summary>
    internal uint Control;

    internal uint Status;
    internal uint Reserved;

    /// <summary>Two's complement in 12 bits, with four ones above: a chip takes no descriptor without them.</summary>
    internal static uint ByteCount(int length) => 0xF000 | ((uint)-length & 0xFFF);
}
