using System.Runtime.InteropServices;

namespace NetBoot.BusDrivers.Vmbus.Rings;

/// <summary>What every packet in a ring begins with. Lengths are in units of 8 bytes, and do not count the trailer.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct PacketDescriptor
{
    public const int Size = 16;

    /// <summary>In <see cref="Flags"/>.</summary>
    public const ushort CompletionRequested = 1;

    /// <summary>Behind each packet: 4 bytes of zero, and where in the data the packet begins.</summary>
    public const int TrailerSize = 8;

    public const int Unit = 8;

    public ushort Type;

    /// <summary>From the descriptor's beginning to the payload: what a type has besides lies in between.</summary>
    public ushort DataOffset;

    public ushort Length;
    public ushort Flags;
    public ulong Transaction;
}
