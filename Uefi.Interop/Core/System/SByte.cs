namespace System;

public readonly struct SByte : IEquatable<sbyte>, IComparable<sbyte>
{
    private readonly sbyte _value;

    public const sbyte MaxValue = 127;
    public const sbyte MinValue = -128;

    public bool Equals(sbyte other) => _value == other;

    public override bool Equals(object? obj) => obj is sbyte other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(sbyte other) => _value < other ? -1 : _value > other ? 1 : 0;

    public override string ToString() => Number.ToText((long)_value);
}
