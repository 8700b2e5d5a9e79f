using System;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>
/// The frames that were received, oldest first, and the packets that brought them. They lie in the receive buffer, where the host wrote them,
/// until they are read; or elsewhere, when they had to be moved. A packet is completed once, when none of its frames is in the receive buffer
/// any more, since that gives the memory of all of them back to the host.
/// </summary>
/// <remarks>
/// <code>
///                                  the oldest frame
///                                        v
///   completed | to be completed | moved: to be read | in the receive buffer: to be read | added next
///         _completed                _released     _freed                             _added
/// </code>
/// <para>Completing may also be behind reading, or ahead of it: what was moved is completed unread.</para>
/// </remarks>
internal sealed class NetvscReceiveQueue
{
    public const int Capacity = 2048; // A power of two.

    /// <summary>The most frames of one packet that find room for certain; a host sends at most 375 ranges in one.</summary>
    public const int PacketRoom = 512;

    private readonly Entry[] _entries = new Entry[Capacity];
    private uint _added;
    private uint _released;
    private uint _freed;
    private uint _completed;
    private uint _packet; // Where the entries of the packet begin that is being added.

    // A frame, or, with no length, the end of a packet without frames.
    private struct Entry
    {
        public ulong Transaction;
        public int Offset;
        public int Ranges; // Of the packet that ends here.
        public ushort Length;
        public bool EndsPacket;
    }

    /// <summary>Whether another packet may be taken.</summary>
    public bool HasRoomForPacket => Capacity - Math.Max(_added - _released, _added - _completed) > PacketRoom;

    /// <summary>Frames to be read.</summary>
    public int FrameCount { get; private set; }

    /// <summary>Of these, the ones that were moved.</summary>
    public int MovedCount { get; private set; }

    /// <summary>Ranges of the receive buffer that the host cannot have back yet: of all packets with a frame that is still there.</summary>
    public int HeldRanges { get; private set; }

    /// <summary>Entries that are not needed in the receive buffer and whose packets may not be completed yet.</summary>
    public uint FreedCount => _freed - _completed;

    /// <summary>Forgets everything, without completing it.</summary>
    public void Clear()
    {
        _added = 0;
        _released = 0;
        _freed = 0;
        _completed = 0;
        _packet = 0;
        FrameCount = 0;
        MovedCount = 0;
        HeldRanges = 0;
    }

    /// <summary>Adds a frame of the packet that <see cref="EndPacket"/> will end. False when there is no room for it.</summary>
    public bool TryAdd(int offset, int length)
    {
        if (Math.Max(_added - _released, _added - _completed) >= Capacity - 1)
        {
            return false; // One stays for the packet's end.
        }

        _entries[_added++ % Capacity] = new Entry { Offset = offset, Length = (ushort)length };
        FrameCount++;
        return true;
    }

    /// <summary>The frames added since the last time were all of a packet.</summary>
    /// <param name="transaction">What completes it.</param>
    /// <param name="ranges">Of the receive buffer, with those that are no frames.</param>
    public void EndPacket(ulong transaction, int ranges)
    {
        if (_added == _packet)
        {
            _entries[_added++ % Capacity] = default;
        }

        ref Entry last = ref _entries[(_added - 1) % Capacity];
        last.Transaction = transaction;
        last.Ranges = ranges;
        last.EndsPacket = true;
        HeldRanges += ranges;
        _packet = _added;
        SkipEmpty();
    }

    /// <summary>The oldest frame.</summary>
    public bool TryPeek(out int offset, out int length) => TryPeek(_released, FrameCount, out offset, out length);

    /// <summary>The oldest frame that is in the receive buffer.</summary>
    public bool TryPeekHeld(out int offset, out int length) => TryPeek(_freed, FrameCount - MovedCount, out offset, out length);

    /// <summary>The frame of <see cref="TryPeekHeld"/> has been copied elsewhere.</summary>
    public void Move(int offset)
    {
        _entries[_freed % Capacity].Offset = offset;
        MovedCount++;
        Free();
        SkipEmpty();
    }

    /// <summary>The oldest frame has been read, or is not wanted. Not when there is none.</summary>
    public void Release()
    {
        if (MovedCount > 0)
        {
            MovedCount--;
        }
        else
        {
            Free();
        }

        _released++;
        FrameCount--;
        SkipEmpty();
    }

    /// <summary>The oldest packet with no frame in the receive buffer that <see cref="Complete"/> was not called for.</summary>
    public bool TryGetFreedPacket(out ulong transaction)
    {
        while (_completed != _freed)
        {
            ref Entry oldest = ref _entries[_completed % Capacity];
            if (oldest.EndsPacket)
            {
                transaction = oldest.Transaction;
                return true;
            }

            _completed++;
        }

        transaction = 0;
        return false;
    }

    /// <summary>The packet that <see cref="TryGetFreedPacket"/> told of has been completed.</summary>
    public void Complete() => _completed++;

    private bool TryPeek(uint index, int count, out int offset, out int length)
    {
        ref Entry oldest = ref _entries[index % Capacity];
        offset = oldest.Offset;
        length = oldest.Length;
        return count != 0;
    }

    private void Free()
    {
        ref Entry oldest = ref _entries[_freed++ % Capacity];
        HeldRanges -= oldest.EndsPacket ? oldest.Ranges : 0;
    }

    private void SkipEmpty()
    {
        while (_freed != _packet && _entries[_freed % Capacity].Length == 0)
        {
            Free();
        }

        while (_released != _freed && _entries[_released % Capacity].Length == 0)
        {
            _released++;
        }
    }
}
