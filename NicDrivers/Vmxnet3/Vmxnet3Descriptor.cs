using System.Runtime.InteropServices;

namespace NetBoot.NicDrivers.Vmxnet3;

/// <summary>
/// What the driver tells of a buffer: 16 bytes, the same for both ways but for the fields' bits. The generation bit, written last, makes
/// it the device's; its meaning turns over with each round of the ring.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Vmxnet3Descriptor
{
    public const uint TransmitGeneration = 1 << 14;
    public const uint TransmitEnd = 1 << 12;
    public const uint TransmitCompletion = 1 << 13;
    public const uint ReceiveGeneration = 1u << 31;

    public ulong Address;

    /// <summary>The length in bits 0 to 13, and the generation.</summary>
    public uint Control;

    /// <summary>Of a frame to send: the end of the frame, and that its completion is to be told.</summary>
    public uint More;
}
