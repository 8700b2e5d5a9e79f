using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>One offered channel, from the host's side.</summary>
public sealed class HostChannel
{
    private const int DescriptorSize = 16;
    private const int TrailerSize = 8;

    private readonly HyperVHost _host;
    private readonly Queue<byte[]> _waiting = [];
    private HostRing? _incoming;
    private HostRing? _outgoing;
    private bool _isReading;
    private bool _wasSignalled;
    private bool _isPolled;
    private bool _isPaused;
    private Gpadl? _ring;
    private uint? _brokenAt;

    internal HostChannel(HyperVHost host, VmbusDevice device, uint id, uint connection, bool isDedicated)
    {
        _host = host;
        Device = device;
        Id = id;
        Connection = connection;
        IsDedicated = isDedicated;
    }

    public VmbusDevice Device { get; }

    /// <summary>The relid of the offer.</summary>
    public uint Id { get; }

    /// <summary>What the guest signals.</summary>
    public uint Connection { get; }

    /// <summary>Whether it has a connection of its own; otherwise it is signalled through the interrupt page.</summary>
    public bool IsDedicated { get; }

    public bool IsOpen => _incoming != null;

    public bool IsRescinded { get; internal set; }

    /// <summary>The device behind it has ended, and reads and writes no more until the channel is opened again.</summary>
    public bool IsEnded { get; private set; }

    internal void End() => IsEnded = true;

    /// <summary>From guest to host.</summary>
    public HostRing Incoming => _incoming ?? throw new InvalidOperationException("The channel is not open.");

    /// <summary>From host to guest.</summary>
    public HostRing Outgoing => _outgoing ?? throw new InvalidOperationException("The channel is not open.");

    /// <summary>How often the guest has signalled the channel since it was offered.</summary>
    public int SignalCount { get; private set; }

    /// <summary>Signals for which no rule of the ring asked: nothing new was in an empty ring, and nobody waited for room.</summary>
    public int UnneededSignalCount { get; private set; }

    /// <summary>How often the host had to wait for room, and asked to be signalled.</summary>
    public int RoomWaitCount { get; private set; }

    /// <summary>Packets that wait for room in the ring.</summary>
    public int WaitingCount => _waiting.Count;

    public int PacketCount { get; private set; }

    /// <summary>
    /// The host looks at the ring by itself in each <see cref="HyperVHost.Poll"/>, and masks the guest's signals. Otherwise it reads
    /// when it is signalled, and only then.
    /// </summary>
    public bool IsPolled
    {
        get => _isPolled;
        set
        {
            lock (_host.Gate)
            {
                _isPolled = value;
                if (IsOpen)
                {
                    Incoming.InterruptMask = value ? 1u : 0;
                    _host.Guard(ReadAll); // what came meanwhile was not signalled
                }
            }
        }
    }

    /// <summary>The host reads nothing, so that the guest's ring fills up; what is in it is read when this ends.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set
        {
            lock (_host.Gate)
            {
                _isPaused = value;
                _host.Guard(ReadAll);
            }
        }
    }

    internal void Open(Gpadl ring, uint downstreamPage)
    {
        _ring = ring;
        ring.Use = "the ring";
        IsEnded = false;
        _brokenAt = null;
        _incoming = new HostRing(_host.Memory, [.. ring.Pages.Take((int)downstreamPage)]);
        _outgoing = new HostRing(_host.Memory, [.. ring.Pages.Skip((int)downstreamPage)]);
        foreach (HostRing each in new[] { _incoming, _outgoing })
        {
            if (each.WriteIndex != 0 || each.ReadIndex != 0 || each.PendingSendSize != 0)
            {
                _host.Violate($"Channel {Id} was opened with a ring that is not new");
            }
        }

        _incoming.Features |= 1;
        _incoming.InterruptMask = IsPolled ? 1u : 0;
        Device.Opened();
    }

    internal void Close(bool byGuest)
    {
        if (IsOpen)
        {
            _incoming = null;
            _outgoing = null;
            _waiting.Clear();
            _wasSignalled = false;
            IsEnded = false;
            Device.Closed(byGuest);
            _host.Vmbus.EndUse(ref _ring);
        }
    }

    internal void Poll()
    {
        if (!IsOpen)
        {
            return;
        }

        if (IsPolled)
        {
            ReadAll();
        }

        if (IsOpen && (Outgoing.Features & 1) == 0)
        {
            SendWaiting();
        }

        if (IsOpen)
        {
            Device.Work();
        }
    }

    // From the guest

    internal void Signal()
    {
        SignalCount++;
        if (!IsOpen)
        {
            _host.Violate($"Channel {Id} was signalled, which is not open");
            return;
        }

        bool isNews = Incoming.WriteIndex != Incoming.ReadIndex && !_wasSignalled && Incoming.InterruptMask == 0;
        if (!isNews && _waiting.Count == 0)
        {
            UnneededSignalCount++;
        }

        _wasSignalled = true;
        SendWaiting();
        ReadAll();
        if (IsOpen)
        {
            Device.Work();
        }
    }

    private void ReadAll()
    {
        if (_isReading || _isPaused || IsEnded)
        {
            return;
        }

        _isReading = true;
        try
        {
            while (IsOpen)
            {
                if (ReadOne())
                {
                    continue;
                }

                if (_isPolled || !IsOpen || IsEnded)
                {
                    break;
                }

                // Between the last look and the end of the mask the guest has not signalled what it wrote.
                Incoming.InterruptMask = 0;
                Interlocked.MemoryBarrier();
                if (Incoming.WriteIndex == Incoming.ReadIndex || IsBroken)
                {
                    break;
                }
            }
        }
        finally
        {
            _isReading = false;
        }
    }

    /// <summary>The guest has written what cannot be read: nothing more is read until the channel is opened again.</summary>
    public bool IsBroken => IsOpen && (!Incoming.IsIndex(Incoming.WriteIndex) || !Incoming.IsIndex(Incoming.ReadIndex) || _brokenAt == Incoming.ReadIndex);

    private bool ReadOne()
    {
        HostRing ring = Incoming;
        uint write = ring.WriteIndex;
        uint read = ring.ReadIndex;
        if (write == read || _brokenAt == read || IsEnded)
        {
            _wasSignalled = false;
            return false;
        }

        if (!_isPolled)
        {
            ring.InterruptMask = 1;
        }

        if (!ring.IsIndex(write) || !ring.IsIndex(read))
        {
            return Break(read, $"the indices {write:x} and {read:x} of its ring");
        }

        uint available = ring.Distance(read, write);
        if (available < DescriptorSize + TrailerSize)
        {
            return Break(read, $"{available} bytes in its ring");
        }

        byte[] descriptor = ring.Read(read, DescriptorSize);
        PacketType type = (PacketType)BinaryPrimitives.ReadUInt16LittleEndian(descriptor);
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(descriptor.AsSpan(2)) * 8;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(descriptor.AsSpan(4)) * 8;
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(descriptor.AsSpan(6));
        if (offset < DescriptorSize || length < offset || length + TrailerSize > available)
        {
            return Break(read, $"a packet of {length} bytes with its payload at {offset}, in {available} bytes");
        }

        byte[] bytes = ring.Read(read, length + TrailerSize);
        ulong trailer = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(length));
        if (trailer != (ulong)read << 32)
        {
            _host.Violate($"Channel {Id}: the trailer of the packet at {read:x} is {trailer:x}");
        }

        if ((flags & ~1) != 0)
        {
            _host.Violate($"Channel {Id}: a packet with flags {flags:x}");
        }

        List<(ulong Address, int Length)> pieces = [];
        int rangeCount = 0;
        bool isWhole = type switch
        {
            PacketType.InBand or PacketType.Completion => offset == DescriptorSize,
            PacketType.GpaDirect => TryGather(bytes.AsSpan(0, offset), pieces, out rangeCount),
            _ => false,
        };
        if (!isWhole)
        {
            return Break(read, $"a packet of type {(ushort)type} with {offset} bytes before its payload");
        }

        byte[] external = [.. pieces.SelectMany(each => _host.Memory.Span(each.Address, each.Length).ToArray())];
        Advance(ring, read, (uint)(length + TrailerSize), write);
        PacketCount++;
        ulong transaction = BinaryPrimitives.ReadUInt64LittleEndian(descriptor.AsSpan(8));
        Device.Receive(new HostPacket(type, (flags & 1) != 0, transaction, bytes[offset..length], external)
        {
            Pieces = pieces,
            RangeCount = rangeCount,
        });
        return true;
    }

    private bool Break(uint at, string what)
    {
        _host.Violate($"Channel {Id}: {what}");
        _brokenAt = at;
        return false;
    }

    // What a GPA-direct packet names: reserved, count, then {bytes, offset, page numbers}.
    private static bool TryGather(ReadOnlySpan<byte> header, List<(ulong Address, int Length)> pieces, out int rangeCount)
    {
        rangeCount = 0;
        if (header.Length < DescriptorSize + 8)
        {
            return false;
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        ReadOnlySpan<byte> rest = header[24..];
        for (; rangeCount < count; rangeCount++)
        {
            if (rest.Length < 8)
            {
                return false;
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            int pages = (int)(((ulong)offset + length + GuestMemory.PageSize - 1) / GuestMemory.PageSize);
            if (offset >= GuestMemory.PageSize || length == 0 || length > 1 << 20 || rest.Length < 8 + (pages * 8))
            {
                return false;
            }

            for (int page = 0; page < pages; page++)
            {
                ulong frame = BinaryPrimitives.ReadUInt64LittleEndian(rest[(8 + (page * 8))..]);
                int size = (int)Math.Min(length, GuestMemory.PageSize - offset);
                pieces.Add(((frame << 12) + offset, size));
                length -= (uint)size;
                offset = 0;
            }

            rest = rest[(8 + (pages * 8))..];
        }

        return rest.Length == 0 && count > 0;
    }

    private void Advance(HostRing ring, uint read, uint length, uint write)
    {
        uint next = (read + length) % ring.Size;
        uint before = ring.Free(write, read);
        ring.ReadIndex = next;
        Interlocked.MemoryBarrier();
        uint wanted = ring.PendingSendSize;
        if (wanted != 0 && before < wanted && ring.Free(write, next) >= wanted)
        {
            _host.Vmbus.Interrupt(this);
        }
    }

    // To the guest

    /// <summary>Sends an in-band packet.</summary>
    public void Send(ReadOnlySpan<byte> payload, ulong transaction, bool wantsCompletion) =>
        Send(PacketType.InBand, transaction, wantsCompletion, [], payload);

    public void SendCompletion(ulong transaction, ReadOnlySpan<byte> payload) =>
        Send(PacketType.Completion, transaction, false, [], payload);

    /// <summary>Sends a packet whose data is in ranges of a buffer that the guest has given.</summary>
    public void SendTransferPages(ushort set, ReadOnlySpan<(uint Length, uint Offset)> ranges, ReadOnlySpan<byte> payload, ulong transaction)
    {
        byte[] more = new byte[8 + (ranges.Length * 8)];
        BinaryPrimitives.WriteUInt16LittleEndian(more, set);
        BinaryPrimitives.WriteInt32LittleEndian(more.AsSpan(4), ranges.Length);
        for (int i = 0; i < ranges.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(more.AsSpan(8 + (i * 8)), ranges[i].Length);
            BinaryPrimitives.WriteUInt32LittleEndian(more.AsSpan(12 + (i * 8)), ranges[i].Offset);
        }

        Send(PacketType.TransferPages, transaction, true, more, payload);
    }

    /// <summary>Sends a packet with a given rest of its descriptor.</summary>
    public void Send(PacketType type, ulong transaction, bool wantsCompletion, ReadOnlySpan<byte> descriptorRest, ReadOnlySpan<byte> payload)
    {
        int offset = DescriptorSize + descriptorRest.Length;
        int length = (offset + payload.Length + 7) & ~7;
        byte[] packet = new byte[length];
        BinaryPrimitives.WriteUInt16LittleEndian(packet, (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(2), (ushort)(offset / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(4), (ushort)(length / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(6), (ushort)(wantsCompletion ? 1 : 0));
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(8), transaction);
        descriptorRest.CopyTo(packet.AsSpan(DescriptorSize));
        payload.CopyTo(packet.AsSpan(offset));
        SendRaw(packet);
    }

    /// <summary>Changes packets before they are written, descriptor and all; null drops one.</summary>
    public Func<byte[], byte[]?>? Tamper { get; set; }

    /// <summary>Sends a packet as it is: a multiple of 8 bytes, without the trailer, its descriptor telling the truth or not.</summary>
    public void SendRaw(byte[] packet)
    {
        lock (_host.Gate)
        {
            if (!IsOpen || IsEnded)
            {
                return; // What is late for a channel that has been closed is gone.
            }

            if (Tamper is { } tamper)
            {
                if (tamper(packet) is not { } changed)
                {
                    return;
                }

                packet = changed;
            }

            _waiting.Enqueue(packet);
            if (_waiting.Count == 1)
            {
                _host.Guard(SendWaiting);
            }
        }
    }

    private void SendWaiting()
    {
        while (IsOpen && _waiting.TryPeek(out byte[]? packet))
        {
            HostRing ring = Outgoing;
            uint write = ring.WriteIndex;
            uint read = ring.ReadIndex;
            uint needed = (uint)packet.Length + TrailerSize;
            if (!ring.IsIndex(read))
            {
                _host.Violate($"Channel {Id}: the read index {read:x} of the guest");
                _waiting.Clear();
                return;
            }

            if (!ring.IsIndex(write))
            {
                return; // A test has made it so.
            }

            if (ring.Free(write, read) < needed)
            {
                bool isNew = ring.PendingSendSize == 0;
                ring.PendingSendSize = needed;
                Interlocked.MemoryBarrier();
                if (ring.Free(write, ring.ReadIndex) < needed)
                {
                    RoomWaitCount += isNew ? 1 : 0;
                    return;
                }
            }

            ring.PendingSendSize = 0;
            _waiting.Dequeue();
            byte[] trailer = new byte[TrailerSize];
            BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(4), write);
            uint next = ring.Write(ring.Write(write, packet), trailer);
            ring.WriteIndex = next;
            Interlocked.MemoryBarrier();
            if (ring.InterruptMask == 0 && ring.ReadIndex == write)
            {
                _host.Vmbus.Interrupt(this);
            }
        }
    }
}
