using System;
using System.Threading;

namespace NetBoot.BusDrivers.Vmbus.Rings;

/// <summary>
/// The ring from the host. The host may write anything to the shared pages at any time: each packet is copied out once, and all that is
/// believed is read from the copy.
/// </summary>
internal sealed unsafe class IncomingRing
{
    private const int TransferHeader = PacketDescriptor.Size + 8; // Set of pages, who owns it, number of ranges.

    private RingControl* _control;
    private byte* _data;
    private byte* _copy;
    private uint _size;
    private uint _out;

    /// <summary>How often something was dropped because it made no sense.</summary>
    public ulong Malformed { get; private set; }

    /// <summary>Begins with an empty ring over memory that is not shared yet.</summary>
    /// <param name="control">The control page, with the data behind it.</param>
    /// <param name="dataSize">Bytes, a multiple of 4096.</param>
    /// <param name="copy">As many bytes that the host does not see, for the packet that was received last.</param>
    public void Reset(byte* control, uint dataSize, byte* copy)
    {
        _control = (RingControl*)control;
        _data = control + RingControl.PageSize;
        _copy = copy;
        _size = dataSize;
        _out = 0;
        *_control = default;
        _control->FeatureBits = RingControl.SupportsPendingSendSize;
        _control->InterruptMask = 1; // We ask; no signal is wanted, ever.
    }

    /// <summary>Takes the next packet. It is valid until the next call.</summary>
    /// <param name="packet">A copy, checked to be whole.</param>
    /// <param name="signal">Whether the host waits to be told that there is room again.</param>
    public bool TryReceive(out VmbusPacket packet, out bool signal)
    {
        packet = default;
        signal = false;
        uint hostIn = Volatile.Read(ref _control->In);
        if (hostIn == _out)
        {
            return false;
        }

        if (hostIn >= _size || hostIn % PacketDescriptor.Unit != 0)
        {
            Malformed++; // Nothing to go by; perhaps the next look finds better.
            return false;
        }

        uint available = hostIn > _out ? hostIn - _out : hostIn - _out + _size;
        PacketDescriptor descriptor = default;
        if (available >= PacketDescriptor.Size)
        {
            Copy(_out, (byte*)&descriptor, PacketDescriptor.Size);
        }

        uint length = (uint)descriptor.Length * PacketDescriptor.Unit;
        uint dataOffset = (uint)descriptor.DataOffset * PacketDescriptor.Unit;
        if (dataOffset < PacketDescriptor.Size || dataOffset > length || length + PacketDescriptor.TrailerSize > available)
        {
            // Where the next packet would begin is not known: what there is goes, and what is written from now on counts.
            Malformed++;
            signal = Release(available);
            return false;
        }

        Copy(_out, _copy, length);
        packet = new VmbusPacket
        {
            Type = (VmbusPacketType)descriptor.Type,
            CompletionRequested = (descriptor.Flags & PacketDescriptor.CompletionRequested) != 0,
            Transaction = descriptor.Transaction,
            Payload = new ReadOnlySpan<byte>(_copy + dataOffset, (int)(length - dataOffset)),
            TransferPageSet = dataOffset >= TransferHeader ? *(ushort*)(_copy + PacketDescriptor.Size) : (ushort)0,
            Ranges = descriptor.Type == (ushort)VmbusPacketType.TransferPages ? Ranges(dataOffset) : default,
        };
        signal = Release(length + PacketDescriptor.TrailerSize);
        return true;
    }

    // A number of ranges that the header has no room for is a lie: then there are none, and the receiver completes a packet of nothing.
    private ReadOnlySpan<NETBOOT_VMBUS_TRANSFER_RANGE> Ranges(uint dataOffset)
    {
        if (dataOffset < TransferHeader)
        {
            Malformed++;
            return default;
        }

        uint count = *(uint*)(_copy + PacketDescriptor.Size + 4);
        if (count > (dataOffset - TransferHeader) / (uint)sizeof(NETBOOT_VMBUS_TRANSFER_RANGE))
        {
            Malformed++;
            return default;
        }

        return new ReadOnlySpan<NETBOOT_VMBUS_TRANSFER_RANGE>(_copy + TransferHeader, (int)count);
    }

    // The writer is signalled when it waits for more room than there was, and this has made it.
    private bool Release(uint size)
    {
        _out = _out + size >= _size ? _out + size - _size : _out + size;
        Interlocked.MemoryBarrier();
        Volatile.Write(ref _control->Out, _out);
        Interlocked.MemoryBarrier();
        uint pending = Volatile.Read(ref _control->PendingSendSize);
        uint hostIn = Volatile.Read(ref _control->In);
        if (pending == 0 || hostIn >= _size)
        {
            return false;
        }

        uint free = _size - (hostIn >= _out ? hostIn - _out : hostIn - _out + _size);
        return free > pending && (free < size || free - size <= pending);
    }

    private void Copy(uint position, byte* target, uint size)
    {
        uint first = Math.Min(size, _size - position);
        new ReadOnlySpan<byte>(_data + position, (int)first).CopyTo(new Span<byte>(target, (int)first));
        new ReadOnlySpan<byte>(_data, (int)(size - first)).CopyTo(new Span<byte>(target + first, (int)(size - first)));
    }
}
