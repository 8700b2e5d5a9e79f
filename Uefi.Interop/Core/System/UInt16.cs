using System.Globalization;

namespace System;

public readonly struct UInt16 : IEquatable<ushort>, IComparable<ushort>, ISpanFormattable
{
    private readonly ushort _value;

    public const ushort MaxValue = 0xFFFF;
    public const ushort MinValue = 0;

    public bool Equals(ushort other) => _value == other;

    public override bool Equals(object? obj) => obj is ushort other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(ushort other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    public string ToString(string? format) => Number.ToText((ulong)_value, 16, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((ulong)_value, 16, format, destination, out charsWritten);

    public static ushort Parse(string s) => Parse(s.AsSpan());

    public static ushort Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static ushort Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static ushort Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (ushort)Number.Parse(s, style, 16, false);

    public static bool TryParse(string? s, out ushort result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out ushort result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out ushort result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out ushort result)
    {
        bool parsed = Number.TryParse(s, style, 16, false, out ulong value);
        result = (ushort)value;
        return parsed;
    }
}
