namespace System;

public readonly struct Int64 : IEquatable<long>, IComparable<long>
{
    private readonly long _value;

    public const long MaxValue = 0x7FFF_FFFF_FFFF_FFFF;
    public const long MinValue = unchecked((long)0x8000_0000_0000_0000);

    public bool Equals(long other) => _value == other;

    public override bool Equals(object? obj) => obj is long other && other == _value;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    public int CompareTo(long other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);

    /// <summary>Decimal digits with an optional sign; nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out long result)
    {
        bool parsed = Number.TryParse(s, MinValue, MaxValue, out long value);
        result = (long)value;
        return parsed;
    }

    public static bool TryParse(string? s, out long result) => TryParse(s.AsSpan(), out result);
}
