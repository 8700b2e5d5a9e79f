using System.Runtime.CompilerServices;

namespace System;

/// <summary>nint: both targets are 64-bit.</summary>
public readonly unsafe struct IntPtr : IEquatable<nint>, IComparable<nint>
{
    private readonly void* _value;

    [Intrinsic]
    public IntPtr(long value) => _value = (void*)value;

    [Intrinsic]
    public IntPtr(void* value) => _value = value;

    [Intrinsic]
    public static readonly nint Zero;

    public static int Size => 8;
    public static nint MaxValue => unchecked((nint)Int64.MaxValue);
    public static nint MinValue => unchecked((nint)Int64.MinValue);

    [Intrinsic]
    public void* ToPointer() => _value;

    [Intrinsic]
    public long ToInt64() => (long)_value;

    public bool Equals(nint other) => (nint)_value == other;

    public override bool Equals(object? obj) => obj is nint other && other == (nint)_value;

    public override int GetHashCode() => ((long)_value).GetHashCode();

    public int CompareTo(nint other) => (nint)_value < other ? -1 : (nint)_value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);
}
