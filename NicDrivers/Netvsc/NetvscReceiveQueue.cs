namespace NetBoot.NicDrivers.Netvsc;

/// <summary>
/// The frames that were received and lie in the receive buffer, and the packets that brought them: oldest first. A packet is completed
/// once, when the last of its frames has been released, since that gives the memory of all of them back to the host.
/// </summary>
/// <remarks>
/// <code>
///   completed | released: to be completed | frames to be read | added next
///          _completed                 _released            _added
/// </code>
/// </remarks>
internal sealed class NetvscReceiveQueue
{
    public const int Capacity = 2048; // A power of two.

    /// <summary>The most frames of one packet that find room for certain; a host sends at most 375 ranges in one.</summary>
    public const int PacketRoom = 512;

    private readonly Entry[] _entries = new Entry[Capacity];
    private uint _added;
    private uint _released;
    private uint _completed;
    private uint _packet; // Where the entries of the packet begin that is being added.

    // A frame, or, with no length, the end of a packet without frames.
    private struct Entry
    {
        public ulong Transaction;
        public int Offset;
        public ushort Length;
        public bool EndsPacket;
    }

    /// <summary>Whether another packet may be taken.</summary>
    public bool HasRoomForPacket => Capacity - (_added - _completed) > PacketRoom;

    /// <summary>Frames to be read.</summary>
    public int FrameCount { get; private set; }

    /// <summary>Entries that were released and whose packets may not be completed yet.</summary>
    public uint ReleasedCount => _released - _completed;

    /// <summary>Forgets everything, without completing it.</summary>
    public void Clear()
    {
        _added = 0;
        _released = 0;
        _completed = 0;
        _packet = 0;
        FrameCount = 0;
    }

    /// <summary>Adds a frame of the packet that <see cref="EndPacket"/> will end. False when there is no room for it.</summary>
    public bool TryAdd(int offset, int length)
    {
        if (_added - _completed >= Capacity - 1)
        {
            return false; // One stays for the packet's end.
        }

        _entries[_added++ % Capacity] = new Entry { Offset = offset, Length = (ushort)length };
        FrameCount++;
        return true;
    }

    /// <summary>The frames added since the last time were all of a packet.</summary>
    public void EndPacket(ulong transaction)
    {
        if (_added == _packet)
        {
            _entries[_added++ % Capacity] = default;
        }

        ref Entry last = ref _entries[(_added - 1) % Capacity];
        last.Transaction = transaction;
        last.EndsPacket = true;
        _packet = _added;
        SkipEmpty();
    }

    /// <summary>The oldest frame.</summary>
    public bool TryPeek(out int offset, out int length)
    {
        ref Entry oldest = ref _entries[_released % Capacity];
        offset = oldest.Offset;
        length = oldest.Length;
        return FrameCount != 0;
    }

    /// <summary>The oldest frame has been read, or is not wanted. Not when there is none.</summary>
    public void Release()
    {
        _released++;
        FrameCount--;
        SkipEmpty();
    }

    /// <summary>The oldest packet whose frames have all been released, and that <see cref="Complete"/> was not called for.</summary>
    public bool TryGetReleasedPacket(out ulong transaction)
    {
        while (_completed != _released)
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

    /// <summary>The packet that <see cref="TryGetReleasedPacket"/> told of has been completed.</summary>
    public void Complete() => _completed++;

    private void SkipEmpty()
    {
        while (_released != _packet && _entries[_released % Capacity].Length == 0)
        {
            _released++;
        }
    }
}
