namespace System;

/// <summary>
/// The base of structs. Equality is what a struct itself says: comparing fields by reflection is not there, so an Equals that
/// is not overridden is false.
/// </summary>
public abstract class ValueType
{
    public override bool Equals(object? obj) => false;

    public override int GetHashCode() => 0;
}
