using System;
using System.Threading;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Rings;

/// <summary>
/// The ring to the host. The host may write anything to the shared pages at any time: what counts is our own write index, and the host's
/// read index once it has been checked.
/// </summary>
internal sealed unsafe class OutgoingRing
{
    private const int GpaDirectHeader = 8; // Reserved, number of ranges.
    private const int GpaRangeHeader = 8;  // Bytes, offset into the first page.
    private const int FrameNumber = 8;

    private RingControl* _control;
    private byte* _data;
    private uint _size;
    private uint _in;

    /// <summary>Begins with an empty ring over memory that is not shared yet.</summary>
    /// <param name="control">The control page, with the data behind it.</param>
    /// <param name="dataSize">Bytes, a multiple of 4096.</param>
    public void Reset(byte* control, uint dataSize)
    {
        _control = (RingControl*)control;
        _data = control + RingControl.PageSize;
        _size = dataSize;
        _in = 0;
        *_control = default;
        _control->FeatureBits = RingControl.SupportsPendingSendSize;
    }

    /// <summary>Writes a packet with all its data.</summary>
    /// <param name="type">What the packet is.</param>
    /// <param name="payload">What follows the descriptor; zeros fill it up to a multiple of 8 bytes.</param>
    /// <param name="transaction">What its completion names.</param>
    /// <param name="completionRequested">Whether the host is to complete it.</param>
    /// <param name="signal">Whether the host must be told.</param>
    /// <returns>
    /// EFI_NOT_READY when there is no room now; EFI_BAD_BUFFER_SIZE when there never will be; EFI_DEVICE_ERROR when the host's index is
    /// nonsense.
    /// </returns>
    public EFI_STATUS Send(VmbusPacketType type, ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested, out bool signal)
    {
        EFI_STATUS status = Begin(type, PacketDescriptor.Size, payload.Length, transaction, completionRequested, out Writer writer);
        if (status.IsError)
        {
            signal = false;
            return status;
        }

        writer.Write(payload);
        signal = End(ref writer);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Writes a packet whose data is in memory. As Send; EFI_INVALID_PARAMETER for a range that is empty or wraps.</summary>
    public EFI_STATUS SendGpaDirect(
        ReadOnlySpan<byte> payload, ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE> ranges, ulong transaction, bool completionRequested,
        out bool signal)
    {
        signal = false;
        ulong header = PacketDescriptor.Size + GpaDirectHeader;
        foreach (ref readonly NETBOOT_VMBUS_GPA_RANGE range in ranges)
        {
            if (range.Size == 0 || range.Address > ulong.MaxValue - range.Size)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            header += GpaRangeHeader + FrameNumber * FramesOf(range);
        }

        EFI_STATUS status = Begin(
            VmbusPacketType.GpaDirect, header, payload.Length, transaction, completionRequested, out Writer writer);
        if (status.IsError)
        {
            return status;
        }

        writer.Write(0u, (uint)ranges.Length);
        foreach (ref readonly NETBOOT_VMBUS_GPA_RANGE range in ranges)
        {
            writer.Write(range.Size, (uint)range.Address % RingControl.PageSize);
            ulong first = range.Address / RingControl.PageSize;
            ulong count = FramesOf(range);
            for (ulong i = 0; i < count; i++)
            {
                writer.Write(first + i);
            }
        }

        writer.Write(payload);
        signal = End(ref writer);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static ulong FramesOf(in NETBOOT_VMBUS_GPA_RANGE range) =>
        (range.Address + range.Size - 1) / RingControl.PageSize - range.Address / RingControl.PageSize + 1;

    private EFI_STATUS Begin(
        VmbusPacketType type, ulong headerSize, int payloadSize, ulong transaction, bool completionRequested, out Writer writer)
    {
        writer = default;
        ulong length = (headerSize + (uint)payloadSize + PacketDescriptor.Unit - 1) / PacketDescriptor.Unit;
        ulong total = length * PacketDescriptor.Unit + PacketDescriptor.TrailerSize;
        if (length > ushort.MaxValue || total >= _size)
        {
            return EFI_STATUS.EFI_BAD_BUFFER_SIZE;
        }

        uint hostOut = Volatile.Read(ref _control->Out);
        if (hostOut >= _size || hostOut % PacketDescriptor.Unit != 0)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if ((hostOut > _in ? hostOut - _in : hostOut - _in + _size) <= total)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        PacketDescriptor descriptor = new()
        {
            Type = (ushort)type,
            DataOffset = (ushort)(headerSize / PacketDescriptor.Unit),
            Length = (ushort)length,
            Flags = completionRequested ? PacketDescriptor.CompletionRequested : (ushort)0,
            Transaction = transaction,
        };
        writer = new Writer(_data, _size, _in);
        writer.Write(new ReadOnlySpan<byte>(&descriptor, PacketDescriptor.Size));
        return EFI_STATUS.EFI_SUCCESS;
    }

    // The host is signalled when it does not mind, and had nothing left to read: otherwise it still reads, and finds this packet too.
    private bool End(ref Writer writer)
    {
        writer.Pad();
        writer.Write(0u, _in);
        uint before = _in;
        _in = writer.Position;
        Volatile.Write(ref _control->In, _in);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _control->InterruptMask) == 0 && Volatile.Read(ref _control->Out) == before;
    }

    /// <summary>Writes on, around the end of the data. There is room for what it is given.</summary>
    private struct Writer(byte* data, uint size, uint position)
    {
        public uint Position = position;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            int first = (int)Math.Min((uint)bytes.Length, size - Position);
            bytes.Slice(0, first).CopyTo(new Span<byte>(data + Position, first));
            bytes.Slice(first).CopyTo(new Span<byte>(data, bytes.Length - first));
            Position = Position + (uint)bytes.Length >= size ? Position + (uint)bytes.Length - size : Position + (uint)bytes.Length;
        }

        public void Write(ulong value) => Write(new ReadOnlySpan<byte>(&value, sizeof(ulong)));

        public void Write(uint low, uint high) => Write(low | ((ulong)high << 32));

        public void Pad()
        {
            ulong zero = 0;
            uint partial = Position % PacketDescriptor.Unit;
            if (partial != 0)
            {
                Write(new ReadOnlySpan<byte>(&zero, (int)(PacketDescriptor.Unit - partial)));
            }
        }
    }
}
