using System.Globalization;

namespace System;

public readonly struct Byte : IEquatable<byte>, IComparable<byte>, ISpanFormattable
{
    private readonly byte _value;

    public const byte MaxValue = 0xFF;
    public const byte MinValue = 0;

    public bool Equals(byte other) => _value == other;

    public override bool Equals(object? obj) => obj is byte other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(byte other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    public string ToString(string? format) => Number.ToText((ulong)_value, 8, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((ulong)_value, 8, format, destination, out charsWritten);

    public static byte Parse(string s) => Parse(s.AsSpan());

    public static byte Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static byte Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static byte Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (byte)Number.Parse(s, style, 8, false);

    public static bool TryParse(string? s, out byte result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out byte result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out byte result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out byte result)
    {
        bool parsed = Number.TryParse(s, style, 8, false, out ulong value);
        result = (byte)value;
        return parsed;
    }
}
