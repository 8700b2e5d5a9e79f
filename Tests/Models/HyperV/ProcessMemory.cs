using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>The memory of this process as a guest's, address for address: only ranges that were added, and what a predicate knows.</summary>
public sealed unsafe class ProcessMemory : GuestMemory
{
    private readonly List<(ulong Start, ulong End)> _ranges = [];

    /// <summary>Whether a range (address, bytes) is the guest's; for memory whose owner keeps accounts of it.</summary>
    public Func<ulong, ulong, bool>? Owns { get; set; }

    public void Add(void* start, ulong length) => _ranges.Add(((ulong)start, (ulong)start + length));

    public void Remove(void* start) => _ranges.RemoveAll(each => each.Start == (ulong)start);

    protected override byte* Translate(ulong address, ulong length)
    {
        if (address + length < address)
        {
            return null;
        }

        foreach ((ulong start, ulong end) in _ranges)
        {
            if (address >= start && address + length <= end)
            {
                return (byte*)address;
            }
        }

        return Owns?.Invoke(address, length) == true ? (byte*)address : null;
    }
}
