using System.Globalization;
using System.Runtime.CompilerServices;

namespace System;

/// <summary>nuint: both targets are 64-bit.</summary>
public readonly unsafe struct UIntPtr : IEquatable<nuint>, IComparable<nuint>, ISpanFormattable
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

    public override string ToString() => Number.ToText((ulong)(nuint)_value);

    public string ToString(string? format) => Number.ToText((ulong)(nuint)_value, 64, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((ulong)(nuint)_value, 64, format, destination, out charsWritten);

    public static nuint Parse(string s) => Parse(s.AsSpan());

    public static nuint Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static nuint Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static nuint Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (nuint)Number.Parse(s, style, 64, false);

    public static bool TryParse(string? s, out nuint result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out nuint result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out nuint result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out nuint result)
    {
        bool parsed = Number.TryParse(s, style, 64, false, out ulong value);
        result = (nuint)value;
        return parsed;
    }
}
