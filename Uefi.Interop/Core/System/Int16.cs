namespace System;

public readonly struct Int16 : IEquatable<short>, IComparable<short>
{
    private readonly short _value;

    public const short MaxValue = 32767;
    public const short MinValue = -32768;

    public bool Equals(short other) => _value == other;

    public override bool Equals(object? obj) => obj is short other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(short other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);
}
