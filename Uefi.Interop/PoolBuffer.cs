using System;

namespace Uefi.Interop;

/// <summary>A list that firmware allocated for its caller, who disposes it. The default value is the empty list.</summary>
public readonly unsafe ref struct PoolBuffer<T>(T* items, int count) : IDisposable where T : unmanaged
{
    private readonly T* _items = items;

    public int Count { get; } = items == null ? 0 : count;

    public ReadOnlySpan<T> Span => new(_items, Count);

    public T this[int index] => Span[index];

    public void Dispose() => Pool.Free(_items);
}
