using System.Globalization;

namespace System;

public readonly struct UInt64 : IEquatable<ulong>, IComparable<ulong>, ISpanFormattable
{
    private readonly ulong _value;

    public const ulong MaxValue = 0xFFFF_FFFF_FFFF_FFFF;
    public const ulong MinValue = 0;

    public bool Equals(ulong other) => _value == other;

    public override bool Equals(object? obj) => obj is ulong other && other == _value;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    public int CompareTo(ulong other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    public string ToString(string? format) => Number.ToText((ulong)_value, 64, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Number.TryFormat((ulong)_value, 64, format, destination, out charsWritten);

    public static ulong Parse(string s) => Parse(s.AsSpan());

    public static ulong Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan());

    public static ulong Parse(string s, NumberStyles style, IFormatProvider? provider = null) => Parse(s.AsSpan(), style);

    public static ulong Parse(ReadOnlySpan<char> s, NumberStyles style = NumberStyles.Integer, IFormatProvider? provider = null) =>
        (ulong)Number.Parse(s, style, 64, false);

    public static bool TryParse(string? s, out ulong result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, out ulong result) => TryParse(s, NumberStyles.Integer, null, out result);

    public static bool TryParse(string? s, NumberStyles style, IFormatProvider? provider, out ulong result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out ulong result)
    {
        bool parsed = Number.TryParse(s, style, 64, false, out ulong value);
        result = (ulong)value;
        return parsed;
    }

    /// <summary>Of ASCII: digits in either case; nothing else. There is no provider here: null.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider, out ulong result)
    {
        uint radix = Number.RadixOf(style);
        result = 0;
        foreach (byte b in utf8Text)
        {
            if (!Number.TryAppendDigit(ref result, radix, (char)b))
            {
                return false;
            }
        }

        return !utf8Text.IsEmpty;
    }
}
