using System.Runtime.InteropServices;

namespace NetBoot.NicDrivers.Vmxnet3;

/// <summary>What the device tells of a buffer that it is done with: 16 bytes, the last of them written last, with the generation.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Vmxnet3Completion
{
    public const uint IndexMask = 0xFFF;
    public const uint End = 1 << 14;
    public const uint Start = 1 << 15;
    public const uint QueueMask = 0x3FF << 16;
    public const uint LengthMask = 0x3FFF;
    public const uint Error = 1 << 14;
    public const uint Generation = 1u << 31;

    /// <summary>The descriptor's index; of a received frame also its start and end, and the queue.</summary>
    public uint Index;

    public uint Hash;

    /// <summary>Of a received frame: length and error.</summary>
    public uint Length;

    public uint Flags;
}
