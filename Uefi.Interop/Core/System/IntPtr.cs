using System.Globalization;
using System.Runtime.CompilerServices;

namespace System;

/// <summary>nint: both targets are 64-bit.</summary>
public readonly unsafe struct IntPtr : IEquatable<nint>, IComparable<nint>, ISpanFormattable
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

    public override string ToString() => Number.ToText((long)(nint)_value);

    public string ToString(string? format) => Number.ToText((long)(nint)_value, 64, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((long)(nint)_value, 64, format, destination, out charsWritten);

    public static nint Parse(string s) => Parse(s.AsSpan());

    public static nint Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static nint Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static nint Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (nint)Number.Parse(s, style, 64, true);

    public static bool TryParse(string? s, out nint result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out nint result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out nint result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out nint result)
    {
        bool parsed = Number.TryParse(s, style, 64, true, out ulong value);
        result = (nint)value;
        return parsed;
    }
}
