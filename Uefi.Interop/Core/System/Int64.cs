using System.Globalization;

namespace System;

public readonly struct Int64 : IEquatable<long>, IComparable<long>, ISpanFormattable
{
    private readonly long _value;

    public const long MaxValue = 0x7FFF_FFFF_FFFF_FFFF;
    public const long MinValue = unchecked((long)0x8000_0000_0000_0000);

    public bool Equals(long other) => _value == other;

    public override bool Equals(object? obj) => obj is long other && other == _value;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    public int CompareTo(long other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);

    public string ToString(string? format) => Number.ToText((long)_value, 64, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((long)_value, 64, format, destination, out charsWritten);

    public static long Parse(string s) => Parse(s.AsSpan());

    public static long Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static long Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static long Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (long)Number.Parse(s, style, 64, true);

    public static bool TryParse(string? s, out long result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out long result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out long result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out long result)
    {
        bool parsed = Number.TryParse(s, style, 64, true, out ulong value);
        result = (long)value;
        return parsed;
    }
}
