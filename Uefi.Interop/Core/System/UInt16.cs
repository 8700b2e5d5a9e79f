namespace System;

public readonly struct UInt16 : IEquatable<ushort>, IComparable<ushort>
{
    private readonly ushort _value;

    public const ushort MaxValue = 0xFFFF;
    public const ushort MinValue = 0;

    public bool Equals(ushort other) => _value == other;

    public override bool Equals(object? obj) => obj is ushort other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(ushort other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    /// <summary>Decimal digits; nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out ushort result)
    {
        bool parsed = Number.TryParse(s, MaxValue, out ulong value);
        result = (ushort)value;
        return parsed;
    }

    public static bool TryParse(string? s, out ushort result) => TryParse(s.AsSpan(), out result);
}
