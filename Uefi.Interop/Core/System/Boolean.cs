namespace System;

public readonly struct Boolean : IEquatable<bool>
{
    private readonly bool _value;

    public bool Equals(bool other) => _value == other;

    public override bool Equals(object? obj) => obj is bool other && other == _value;

    public override int GetHashCode() => _value ? 1 : 0;

    public override string ToString() => _value ? "True" : "False";
}
