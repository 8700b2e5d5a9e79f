using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>A guest's memory by guest physical address, as the host sees it. What is not the guest's cannot be reached.</summary>
public abstract unsafe class GuestMemory
{
    public const int PageSize = 4096;

    /// <summary>Where a range is in this process; null when any byte of it is not the guest's memory.</summary>
    protected abstract byte* Translate(ulong address, ulong length);

    public bool IsAccessible(ulong address, ulong length) => Translate(address, length) != null;

    /// <exception cref="GuestMemoryException">Some of it is not the guest's memory.</exception>
    public Span<byte> Span(ulong address, int length) => new(Locate(address, (ulong)length), length);

    /// <summary>One aligned word, read once, after all that was read before it.</summary>
    public uint ReadWord(ulong address) => Volatile.Read(ref Unsafe.AsRef<uint>(Locate(address, 4)));

    /// <summary>One aligned word, written after all that was written before it.</summary>
    public void WriteWord(ulong address, uint value) => Volatile.Write(ref Unsafe.AsRef<uint>(Locate(address, 4)), value);

    /// <summary>Sets bits of an aligned word, without losing what the guest does to the others.</summary>
    /// <returns>The word before.</returns>
    public uint SetBits(ulong address, uint bits) => Interlocked.Or(ref Unsafe.AsRef<uint>(Locate(address, 4)), bits);

    /// <summary>Takes an aligned word and leaves zero.</summary>
    public uint Take(ulong address) => Interlocked.Exchange(ref Unsafe.AsRef<uint>(Locate(address, 4)), 0);

    private byte* Locate(ulong address, ulong length)
    {
        byte* at = Translate(address, length);
        return at != null ? at : throw new GuestMemoryException($"The guest has no memory of {length} bytes at {address:x}");
    }
}
