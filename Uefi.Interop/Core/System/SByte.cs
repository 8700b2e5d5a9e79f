using System.Globalization;

namespace System;

public readonly struct SByte : IEquatable<sbyte>, IComparable<sbyte>, ISpanFormattable
{
    private readonly sbyte _value;

    public const sbyte MaxValue = 127;
    public const sbyte MinValue = -128;

    public bool Equals(sbyte other) => _value == other;

    public override bool Equals(object? obj) => obj is sbyte other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(sbyte other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);

    public string ToString(string? format) => Number.ToText((long)_value, 8, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((long)_value, 8, format, destination, out charsWritten);

    public static sbyte Parse(string s) => Parse(s.AsSpan());

    public static sbyte Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static sbyte Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static sbyte Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (sbyte)Number.Parse(s, style, 8, true);

    public static bool TryParse(string? s, out sbyte result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out sbyte result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out sbyte result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out sbyte result)
    {
        bool parsed = Number.TryParse(s, style, 8, true, out ulong value);
        result = (sbyte)value;
        return parsed;
    }
}
