using System;
using System.Buffers.Binary;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>A control message that is being written, in room of the caller's.</summary>
internal ref struct Message
{
    private readonly Span<byte> _room;
    private int _size;

    /// <param name="room">240 bytes.</param>
    /// <param name="type">What the message is; its first word.</param>
    public Message(Span<byte> room, MessageType type)
    {
        _room = room;
        Add((uint)type);
        Add(0u);
    }

    public readonly ReadOnlySpan<byte> Written => _room.Slice(0, _size);

    /// <summary>Bytes that are left.</summary>
    public readonly int Room => _room.Length - _size;

    public void Add(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_room.Slice(_size), value);
        _size += sizeof(ushort);
    }

    public void Add(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_room.Slice(_size), value);
        _size += sizeof(uint);
    }

    public void Add(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_room.Slice(_size), value);
        _size += sizeof(ulong);
    }

    public void AddZeros(int count)
    {
        _room.Slice(_size, count).Clear();
        _size += count;
    }
}
