using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.San;

/// <summary>Where a part of an <see cref="HttpDisk"/> goes: lines of its cache, or straight to who reads.</summary>
/// <param name="cache">Whole lines.</param>
internal sealed unsafe class HttpDiskTarget(byte[] cache) : DownloadTarget
{
    private readonly int[] _slots = new int[HttpDisk.LargestReadAhead];
    private int _slotCount;
    private byte* _reader;
    private ulong _room;

    /// <summary>The next part goes to who reads.</summary>
    /// <param name="to">Stays where it is until the part has come.</param>
    /// <param name="room">In bytes.</param>
    public void GoTo(byte* to, ulong room)
    {
        _reader = to;
        _room = room;
        Begin(null);
    }

    /// <summary>The next part goes to lines of the cache, one after the other.</summary>
    public void GoTo(ReadOnlySpan<int> slots)
    {
        slots.CopyTo(_slots);
        _slotCount = slots.Length;
        _reader = null;
        _room = (ulong)slots.Length * HttpDisk.LineSize;
        Begin(null);
    }

    protected override Error? Prepare(ulong? size) => size > _room ? TooMuch() : null;

    protected override Error? Store(ReadOnlySpan<byte> data)
    {
        ulong at = Received;
        if ((ulong)data.Length > _room - at)
        {
            return TooMuch();
        }

        if (_reader != null)
        {
            data.CopyTo(new Span<byte>(_reader + at, data.Length));
            return null;
        }

        while (!data.IsEmpty)
        {
            int line = (int)(at / HttpDisk.LineSize);
            int offset = (int)(at % HttpDisk.LineSize);
            int count = Math.Min(data.Length, HttpDisk.LineSize - offset);
            data.Slice(0, count).CopyTo(new Span<byte>(cache, _slots[line] * HttpDisk.LineSize + offset, count));
            data = data.Slice(count);
            at += (ulong)count;
        }

        return null;
    }

    private static Error TooMuch() => new(EFI_STATUS.EFI_PROTOCOL_ERROR, "more came than was asked for");
}
