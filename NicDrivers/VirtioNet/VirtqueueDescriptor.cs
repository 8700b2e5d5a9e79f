using System.Runtime.InteropServices;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>struct virtq_desc. Virtio 1.2, 2.7.5.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VirtqueueDescriptor
{
    internal const ushort HasNext = 1;
    internal const ushort DeviceWrites = 2;

    internal ulong Address;
    internal uint Length;
    internal ushort Flags;
    internal ushort Next;
}
