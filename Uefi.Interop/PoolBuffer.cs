using System;

namespace NetBoot.Uefi.Interop;

/// <summary>A list that firmware allocated for its caller, who disposes it. The default value is the empty list.</summary>
public readonly unsafe ref struct PoolBuffer<T>(T* items, int count) : IDisposable where T : unmanaged
{
    private readonly T* _items = items;

    /// <summary>How many items there are.</summary>
    public int Count { get; } = items == null ? 0 : count;

    /// <summary>The items; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<T> Span => new(_items, Count);

    /// <summary>An item, from 0; outside of the list is a fault.</summary>
    public T this[int index] => Span[index];

    /// <summary>Gives the list back to the firmware.</summary>
    public void Dispose() => Pool.Free(_items);
}
