namespace System;

public readonly struct UInt32 : IEquatable<uint>, IComparable<uint>
{
    private readonly uint _value;

    public const uint MaxValue = 0xFFFF_FFFF;
    public const uint MinValue = 0;

    public bool Equals(uint other) => _value == other;

    public override bool Equals(object? obj) => obj is uint other && other == _value;

    public override int GetHashCode() => (int)_value;

    public int CompareTo(uint other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    /// <summary>Decimal digits; nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out uint result)
    {
        bool parsed = Number.TryParse(s, MaxValue, out ulong value);
        result = (uint)value;
        return parsed;
    }

    public static bool TryParse(string? s, out uint result) => TryParse(s.AsSpan(), out result);
}
