namespace System;

public readonly struct Byte : IEquatable<byte>, IComparable<byte>
{
    private readonly byte _value;

    public const byte MaxValue = 0xFF;
    public const byte MinValue = 0;

    public bool Equals(byte other) => _value == other;

    public override bool Equals(object? obj) => obj is byte other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(byte other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((ulong)_value);

    /// <summary>Decimal digits; nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out byte result)
    {
        bool parsed = Number.TryParse(s, MaxValue, out ulong value);
        result = (byte)value;
        return parsed;
    }

    public static bool TryParse(string? s, out byte result) => TryParse(s.AsSpan(), out result);
}
