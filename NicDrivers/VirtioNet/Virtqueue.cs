using System;
using System.Runtime.CompilerServices;
using System.Threading;
using NetBoot.Uefi.Interop;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>
/// A split virtqueue. Virtio 1.2, 2.7. Descriptors, the available ring, and from the next page on the used ring: the layout that a legacy
/// device demands (virtio 1.2, 2.7.2) suits a modern one. What the device writes is only the used ring, and none of it is trusted.
/// </summary>
internal sealed unsafe class Virtqueue
{
    private const ushort NoInterrupt = 1;
    private const ushort NoNotify = 1;
    private const nuint PageSize = 4096;
    private const uint RingOffset = 4; // Flags and index come first, in both rings.
    private const uint UsedElementSize = 8;

    private readonly byte* _host;
    private readonly ushort* _available;
    private readonly byte* _used;
    private readonly int _mask;
    private ushort _availableIndex;
    private ushort _published;
    private ushort _usedIndex;

    /// <param name="index">The device's number for it.</param>
    /// <param name="size">A power of two, up to 32768.</param>
    /// <param name="host">Where the processor sees <see cref="BytesFor"/> bytes of memory for it, at a page's beginning.</param>
    /// <param name="deviceAddress">Where the device does.</param>
    internal Virtqueue(ushort index, int size, byte* host, ulong deviceAddress)
    {
        Index = index;
        Size = size;
        DeviceAddress = deviceAddress;
        AvailableOffset = (uint)(size * sizeof(VirtqueueDescriptor));
        UsedOffset = (uint)UsedOffsetFor(size);
        _mask = size - 1;
        _host = host;
        _available = (ushort*)(host + AvailableOffset);
        _used = host + UsedOffset;
    }

    internal ushort Index { get; }
    internal int Size { get; }
    internal ulong DeviceAddress { get; }
    internal uint AvailableOffset { get; }
    internal uint UsedOffset { get; }

    /// <summary>For the transport's own use.</summary>
    internal uint NotifyOffset { get; set; }

    /// <summary>True after the device claimed to have used buffers that it never got: dead until <see cref="Clear"/>.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Of <see cref="Size"/> entries.</summary>
    internal VirtqueueDescriptor* Descriptors => (VirtqueueDescriptor*)_host;

    internal static nuint BytesFor(int size) => UsedOffsetFor(size) + Align(RingOffset + ((nuint)size * UsedElementSize) + sizeof(ushort));

    internal static bool IsUsableSize(int size) => size is > 0 and <= 32768 && (size & (size - 1)) == 0;

    /// <summary>As it was before the first use. The device must be reset.</summary>
    internal void Clear()
    {
        new Span<byte>(_host, (int)BytesFor(Size)).Clear();
        _available[0] = NoInterrupt;
        _availableIndex = 0;
        _published = 0;
        _usedIndex = 0;
        IsBroken = false;
    }

    /// <summary>Puts a descriptor chain into the available ring; the device does not see it before <see cref="Publish"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Offer(ushort head)
    {
        _available[2 + (_availableIndex & _mask)] = head;
        _availableIndex++;
    }

    /// <summary>Shows the device what was offered since the last time.</summary>
    /// <returns>True when it wants to be notified.</returns>
    internal bool Publish()
    {
        Machine.DeviceBarrier(); // The ring before its index.
        Volatile.Write(ref _available[1], _availableIndex);
        _published = _availableIndex;
        Machine.DeviceBarrier(); // The index before the flag: the device does it the other way round.
        return (Volatile.Read(ref *(ushort*)_used) & NoNotify) == 0;
    }

    /// <summary>Takes the oldest entry of the used ring: what the device says, unchecked.</summary>
    /// <param name="id">The head of a chain, or anything.</param>
    /// <param name="length">The bytes that the device wrote, or anything.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakeUsed(out uint id, out uint length)
    {
        ushort waiting = (ushort)(Volatile.Read(ref *(ushort*)(_used + sizeof(ushort))) - _usedIndex);
        if (waiting == 0 || IsBroken || waiting > (ushort)(_published - _usedIndex))
        {
            IsBroken |= waiting != 0;
            id = 0;
            length = 0;
            return false;
        }

        Machine.DeviceReadBarrier(); // The index before the ring.
        uint* element = (uint*)(_used + RingOffset + ((uint)(_usedIndex & _mask) * UsedElementSize));
        id = element[0];
        length = element[1];
        _usedIndex++;
        return true;
    }

    private static nuint UsedOffsetFor(int size) =>
        Align(((nuint)size * (nuint)sizeof(VirtqueueDescriptor)) + RingOffset + ((nuint)size * sizeof(ushort)) + sizeof(ushort));

    private static nuint Align(nuint value) => (value + PageSize - 1) & ~(PageSize - 1);
}
