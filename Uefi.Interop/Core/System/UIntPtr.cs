using System.Runtime.CompilerServices;

namespace System;

/// <summary>nuint: both targets are 64-bit.</summary>
public readonly unsafe struct UIntPtr : IEquatable<nuint>, IComparable<nuint>
{
    private readonly void* _value;

    [Intrinsic]
    public UIntPtr(ulong value) => _value = (void*)value;

    [Intrinsic]
    public UIntPtr(void* value) => _value = value;

    [Intrinsic]
    public static readonly nuint Zero;

    public static int Size => 8;
    public static nuint MaxValue => unchecked((nuint)UInt64.MaxValue);
    public static nuint MinValue => unchecked((nuint)UInt64.MinValue);

    [Intrinsic]
    public void* ToPointer() => _value;

    [Intrinsic]
    public ulong ToUInt64() => (ulong)_value;

    public bool Equals(nuint other) => (nuint)_value == other;

    public override bool Equals(object? obj) => obj is nuint other && other == (nuint)_value;

    public override int GetHashCode() => ((ulong)_value).GetHashCode();

    public int CompareTo(nuint other) => (nuint)_value < other ? -1 : (nuint)_value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);
}
