using System;
using System.Threading;
using NetBoot.Uefi.Interop;

namespace NetBoot.NicDrivers.Netfront;

/// <summary>
/// The frontend's side of a shared ring of one page: requests go out and responses come back in the same slots. Xen, public/io/ring.h.
/// Indices count without end and wrap at 32 bits. Ours are kept here and only shown to the backend; of what it writes, an index is
/// believed only as far as there are requests for it to answer.
/// </summary>
/// <param name="page">A page of its own.</param>
/// <param name="slotSize">In bytes: the larger of request and response.</param>
internal sealed unsafe class NetfrontRing(byte* page, uint slotSize)
{
    /// <summary>As many as a page holds of either ring's, rounded down to a power of two.</summary>
    public const uint Size = 256;

    // The header, with indices of 32 bits; the slots come behind it.
    private const uint RequestsProduced = 0;
    private const uint RequestEvent = 4;
    private const uint ResponsesProduced = 8;
    private const uint ResponseEvent = 12;
    private const uint HeaderSize = 64;

    private uint _produced;
    private uint _published;
    private uint _consumed;

    /// <summary>True after the backend answered what it was never asked: dead until <see cref="Clear"/>.</summary>
    public bool IsBroken { get; private set; }

    public byte* Page => page;

    /// <summary>Requests that the backend has not been shown.</summary>
    public uint Unpublished => _produced - _published;

    /// <summary>As it is before a backend connects.</summary>
    public void Clear()
    {
        new Span<byte>(page, Pages.PageSize).Clear();
        *Index(RequestEvent) = 1;
        *Index(ResponseEvent) = 1;
        _produced = 0;
        _published = 0;
        _consumed = 0;
        IsBroken = false;
    }

    /// <summary>The slot for the next request; there must be fewer than <see cref="Size"/> unanswered.</summary>
    /// <param name="index">The request's, counted since <see cref="Clear"/>.</param>
    public byte* Produce(out uint index)
    {
        index = _produced++;
        return Slot(index);
    }

    /// <summary>Whether the backend has been shown a request of the last <see cref="Size"/>.</summary>
    public bool IsPublished(uint index) => _published - index - 1 < Size;

    /// <summary>Shows the backend what was produced since the last time.</summary>
    /// <returns>True when it asks for an event.</returns>
    public bool Publish()
    {
        uint before = _published;
        Interlocked.MemoryBarrier(); // The requests before their index.
        Volatile.Write(ref *Index(RequestsProduced), _produced);
        _published = _produced;
        Interlocked.MemoryBarrier(); // The index before what the backend asks for: it does it the other way round.
        return _published - Volatile.Read(ref *Index(RequestEvent)) < _published - before;
    }

    /// <summary>Takes the oldest response: what the backend says, unchecked, read once.</summary>
    /// <param name="index">The response's, counted since <see cref="Clear"/>.</param>
    /// <param name="response">The slot's first 8 bytes.</param>
    public bool TryTake(out uint index, out ulong response)
    {
        index = _consumed;
        response = 0;
        uint waiting = Volatile.Read(ref *Index(ResponsesProduced)) - _consumed;
        if (waiting == 0 || IsBroken || waiting > _published - _consumed)
        {
            IsBroken |= waiting != 0;
            return false;
        }

        uint* words = (uint*)Slot(index);
        response = Volatile.Read(ref words[0]) | ((ulong)Volatile.Read(ref words[1]) << 32);
        _consumed++;
        return true;
    }

    private byte* Slot(uint index) => page + HeaderSize + (index % Size * slotSize);

    private uint* Index(uint offset) => (uint*)(page + offset);
}
