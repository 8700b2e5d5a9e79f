using System.Globalization;

namespace System;

public readonly struct Int16 : IEquatable<short>, IComparable<short>, ISpanFormattable
{
    private readonly short _value;

    public const short MaxValue = 32767;
    public const short MinValue = -32768;

    public bool Equals(short other) => _value == other;

    public override bool Equals(object? obj) => obj is short other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(short other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);

    public string ToString(string? format) => Number.ToText((long)_value, 16, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((long)_value, 16, format, destination, out charsWritten);

    public static short Parse(string s) => Parse(s.AsSpan());

    public static short Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static short Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static short Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (short)Number.Parse(s, style, 16, true);

    public static bool TryParse(string? s, out short result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out short result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out short result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out short result)
    {
        bool parsed = Number.TryParse(s, style, 16, true, out ulong value);
        result = (short)value;
        return parsed;
    }
}
