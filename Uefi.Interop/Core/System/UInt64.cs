using System.Globalization;

namespace System;

public readonly struct UInt64 : IEquatable<ulong>, IComparable<ulong>
{
    private readonly ulong _value;

    public const ulong MaxValue = 0xFFFF_FFFF_FFFF_FFFF;
    public const ulong MinValue = 0;

    public bool Equals(ulong other) => _value == other;

    public override bool Equals(object? obj) => obj is ulong other && other == _value;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    public int CompareTo(ulong other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    /// <summary>Decimal digits; nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out ulong result)
    {
        bool parsed = Number.TryParse(s, MaxValue, out ulong value);
        result = (ulong)value;
        return parsed;
    }

    public static bool TryParse(string? s, out ulong result) => TryParse(s.AsSpan(), out result);

    /// <summary>Digits in either case; nothing else. There is no provider here: null.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out ulong result)
    {
        uint radix = Number.RadixOf(style);
        result = 0;
        foreach (char c in s)
        {
            if (!Number.TryAppendDigit(ref result, radix, c))
            {
                return false;
            }
        }

        return !s.IsEmpty;
    }

    /// <summary>The same of ASCII.</summary>
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
