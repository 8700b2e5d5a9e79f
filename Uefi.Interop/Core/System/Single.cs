namespace System;

/// <summary>float: named by the language; firmware code calculates in integers.</summary>
public readonly struct Single
{
    private readonly float _value;
}
