using System.Globalization;

namespace System;

public readonly struct UInt32 : IEquatable<uint>, IComparable<uint>, ISpanFormattable
{
    private readonly uint _value;

    public const uint MaxValue = 0xFFFF_FFFF;
    public const uint MinValue = 0;

    public bool Equals(uint other) => _value == other;

    public override bool Equals(object? obj) => obj is uint other && other == _value;

    public override int GetHashCode() => (int)_value;

    public int CompareTo(uint other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    public string ToString(string? format) => Number.ToText((ulong)_value, 32, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((ulong)_value, 32, format, destination, out charsWritten);

    public static uint Parse(string s) => Parse(s.AsSpan());

    public static uint Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static uint Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static uint Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (uint)Number.Parse(s, style, 32, false);

    public static bool TryParse(string? s, out uint result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out uint result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out uint result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out uint result)
    {
        bool parsed = Number.TryParse(s, style, 32, false, out ulong value);
        result = (uint)value;
        return parsed;
    }
}
