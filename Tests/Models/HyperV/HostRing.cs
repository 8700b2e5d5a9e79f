using System;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>One direction of a channel: a control page and a ring of bytes in the guest's memory.</summary>
public sealed class HostRing(GuestMemory memory, IReadOnlyList<ulong> pages)
{
    private const ulong WriteOffset = 0;
    private const ulong ReadOffset = 4;
    private const ulong MaskOffset = 8;
    private const ulong PendingOffset = 12;
    private const ulong FeaturesOffset = 64;

    private readonly PageRun _data = new(memory, [.. pages.Skip(1)]);

    /// <summary>Bytes of the ring.</summary>
    public uint Size => (uint)_data.Length;

    public uint WriteIndex
    {
        get => memory.ReadWord(pages[0] + WriteOffset);
        set => memory.WriteWord(pages[0] + WriteOffset, value);
    }

    public uint ReadIndex
    {
        get => memory.ReadWord(pages[0] + ReadOffset);
        set => memory.WriteWord(pages[0] + ReadOffset, value);
    }

    /// <summary>Not 0: the reader does not want to be signalled.</summary>
    public uint InterruptMask
    {
        get => memory.ReadWord(pages[0] + MaskOffset);
        set => memory.WriteWord(pages[0] + MaskOffset, value);
    }

    /// <summary>The bytes that a writer waits for; 0 when it does not wait.</summary>
    public uint PendingSendSize
    {
        get => memory.ReadWord(pages[0] + PendingOffset);
        set => memory.WriteWord(pages[0] + PendingOffset, value);
    }

    /// <summary>Bit 0: the reader looks at <see cref="PendingSendSize"/>.</summary>
    public uint Features
    {
        get => memory.ReadWord(pages[0] + FeaturesOffset);
        set => memory.WriteWord(pages[0] + FeaturesOffset, value);
    }

    /// <summary>The bytes between two indices.</summary>
    public uint Distance(uint from, uint to) => to >= from ? to - from : Size - from + to;

    /// <summary>The bytes that may be written: one less than what is empty, since equal indices mean an empty ring.</summary>
    public uint Free(uint write, uint read) => Size - Distance(read, write) - 1;

    public bool IsIndex(uint index) => index < Size && index % 8 == 0;

    /// <summary>Reads bytes, around the end.</summary>
    public byte[] Read(uint at, int length)
    {
        byte[] bytes = new byte[length];
        int first = (int)Math.Min((uint)length, Size - at);
        _data.Read(at, bytes.AsSpan(0, first));
        _data.Read(0, bytes.AsSpan(first));
        return bytes;
    }

    /// <summary>Writes bytes, around the end.</summary>
    /// <returns>The index behind them.</returns>
    public uint Write(uint at, ReadOnlySpan<byte> bytes)
    {
        int first = (int)Math.Min((uint)bytes.Length, Size - at);
        _data.Write(at, bytes[..first]);
        _data.Write(0, bytes[first..]);
        return (at + (uint)bytes.Length) % Size;
    }
}
