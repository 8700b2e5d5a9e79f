using System.Globalization;

namespace System;

public readonly struct Int32 : IEquatable<int>, IComparable<int>, ISpanFormattable
{
    private readonly int _value;

    public const int MaxValue = 2147483647;
    public const int MinValue = -2147483648;

    public bool Equals(int other) => _value == other;

    public override bool Equals(object? obj) => obj is int other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(int other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);

    public string ToString(string? format) => Number.ToText((long)_value, 32, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((long)_value, 32, format, destination, out charsWritten);

    public static int Parse(string s) => Parse(s.AsSpan());

    public static int Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static int Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static int Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (int)Number.Parse(s, style, 32, true);

    public static bool TryParse(string? s, out int result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out int result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out int result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out int result)
    {
        bool parsed = Number.TryParse(s, style, 32, true, out ulong value);
        result = (int)value;
        return parsed;
    }
}
