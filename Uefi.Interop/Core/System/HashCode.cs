using System.Collections.Generic;

namespace System;

/// <summary>One hash of several values. As in .NET it is a number for this run of the program, and nothing to keep.</summary>
public struct HashCode
{
    private uint _sum;

    public void Add<T>(T value) => _sum = (_sum * 31) + (uint)(value is null ? 0 : EqualityComparer<T>.Default.GetHashCode(value));

    public readonly int ToHashCode() => (int)_sum;

    public static int Combine<T1>(T1 value1)
    {
        HashCode code = default;
        code.Add(value1);
        return code.ToHashCode();
    }

    public static int Combine<T1, T2>(T1 value1, T2 value2)
    {
        HashCode code = default;
        code.Add(value1);
        code.Add(value2);
        return code.ToHashCode();
    }

    public static int Combine<T1, T2, T3>(T1 value1, T2 value2, T3 value3)
    {
        HashCode code = default;
        code.Add(value1);
        code.Add(value2);
        code.Add(value3);
        return code.ToHashCode();
    }

    public static int Combine<T1, T2, T3, T4>(T1 value1, T2 value2, T3 value3, T4 value4)
    {
        HashCode code = default;
        code.Add(value1);
        code.Add(value2);
        code.Add(value3);
        code.Add(value4);
        return code.ToHashCode();
    }

    public static int Combine<T1, T2, T3, T4, T5>(T1 value1, T2 value2, T3 value3, T4 value4, T5 value5)
    {
        HashCode code = default;
        code.Add(value1);
        code.Add(value2);
        code.Add(value3);
        code.Add(value4);
        code.Add(value5);
        return code.ToHashCode();
    }

    public static int Combine<T1, T2, T3, T4, T5, T6>(T1 value1, T2 value2, T3 value3, T4 value4, T5 value5, T6 value6)
    {
        HashCode code = default;
        code.Add(value1);
        code.Add(value2);
        code.Add(value3);
        code.Add(value4);
        code.Add(value5);
        code.Add(value6);
        return code.ToHashCode();
    }

    public static int Combine<T1, T2, T3, T4, T5, T6, T7>(T1 value1, T2 value2, T3 value3, T4 value4, T5 value5, T6 value6, T7 value7)
    {
        HashCode code = default;
        code.Add(value1);
        code.Add(value2);
        code.Add(value3);
        code.Add(value4);
        code.Add(value5);
        code.Add(value6);
        code.Add(value7);
        return code.ToHashCode();
    }

    public static int Combine<T1, T2, T3, T4, T5, T6, T7, T8>(T1 value1, T2 value2, T3 value3, T4 value4, T5 value5, T6 value6, T7 value7, T8 value8)
    {
        HashCode code = default;
        code.Add(value1);
        code.Add(value2);
        code.Add(value3);
        code.Add(value4);
        code.Add(value5);
        code.Add(value6);
        code.Add(value7);
        code.Add(value8);
        return code.ToHashCode();
    }
}
