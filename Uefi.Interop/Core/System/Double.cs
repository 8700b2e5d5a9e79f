namespace System;

/// <summary>double: named by the language; firmware code calculates in integers.</summary>
public readonly struct Double
{
    private readonly double _value;
}
