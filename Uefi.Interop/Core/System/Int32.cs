namespace System;

public readonly struct Int32 : IEquatable<int>, IComparable<int>
{
    private readonly int _value;

    public const int MaxValue = 2147483647;
    public const int MinValue = -2147483648;

    public bool Equals(int other) => _value == other;

    public override bool Equals(object? obj) => obj is int other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(int other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);

    /// <summary>Decimal digits with an optional sign; nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out int result)
    {
        bool parsed = Number.TryParse(s, MinValue, MaxValue, out long value);
        result = (int)value;
        return parsed;
    }

    public static bool TryParse(string? s, out int result) => TryParse(s.AsSpan(), out result);
}
