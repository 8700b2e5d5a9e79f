using System;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Frames that found no room on the link, in the order in which they go out when it has some.</summary>
internal sealed class HeldFrames
{
    public const int Capacity = 16;

    private readonly byte[] _frames = new byte[Capacity * NetworkInterface.MaximumFrameSize];
    private readonly int[] _lengths = new int[Capacity];
    private int _first;
    private int _count;

    public bool IsEmpty => _count == 0;

    /// <summary>The frame that waits longest. Not when <see cref="IsEmpty"/>.</summary>
    public ReadOnlySpan<byte> First => Slot(_first).Slice(0, _lengths[_first]);

    /// <summary>Copies a frame.</summary>
    /// <returns>False when there is no place left.</returns>
    public bool TryAdd(ReadOnlySpan<byte> frame)
    {
        if (_count == Capacity)
        {
            return false;
        }

        int index = (_first + _count) % Capacity;
        frame.CopyTo(Slot(index));
        _lengths[index] = frame.Length;
        _count++;
        return true;
    }

    /// <summary>Forgets <see cref="First"/>.</summary>
    public void RemoveFirst()
    {
        _first = (_first + 1) % Capacity;
        _count--;
    }

    public void Clear() => _count = 0;

    private Span<byte> Slot(int index) => new(_frames, index * NetworkInterface.MaximumFrameSize, NetworkInterface.MaximumFrameSize);
}
