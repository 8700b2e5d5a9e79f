using System.Runtime.CompilerServices;

namespace System.Collections.Generic;

public interface IComparer<T>
{
    int Compare(T? x, T? y);
}

/// <summary>
/// Which of two values comes first: what IComparable says, of enumerations their numbers. The compiler of images knows these classes by name, and
/// which of them is <see cref="Default"/> for a type.
/// </summary>
public abstract class Comparer<T> : IComparer<T>
{
    public static Comparer<T> Default
    {
        [Intrinsic]
        get;
    } = Create();

    public abstract int Compare(T? x, T? y);

    /// <summary>Replaced for each type that is known when the image is compiled; objects are left.</summary>
    [Intrinsic]
    private static Comparer<T> Create() => new ObjectComparer<T>();
}

internal sealed class GenericComparer<T> : Comparer<T>
    where T : IComparable<T>?
{
    public override int Compare(T? x, T? y) => x is null ? (y is null ? 0 : -1) : y is null ? 1 : x.CompareTo(y);
}

internal sealed class NullableComparer<T> : Comparer<T?>
    where T : struct
{
    public override int Compare(T? x, T? y) => !x.HasValue
        ? (y.HasValue ? -1 : 0)
        : y.HasValue ? Comparer<T>.Default.Compare(x.GetValueOrDefault(), y.GetValueOrDefault()) : 1;
}

internal sealed unsafe class EnumComparer<T> : Comparer<T>
    where T : struct
{
    private readonly bool _isSigned;

    public EnumComparer()
    {
        object sample = default(T);
        _isSigned = sample.m_pEEType->IsSigned;
    }

    public override int Compare(T x, T y) => _isSigned
        ? ((long)EnumEqualityComparer<T>.Number(x) << Shift).CompareTo((long)EnumEqualityComparer<T>.Number(y) << Shift)
        : EnumEqualityComparer<T>.Number(x).CompareTo(EnumEqualityComparer<T>.Number(y));

    /// <summary>By which the sign comes to be the uppermost bit.</summary>
    private static int Shift => 64 - (sizeof(T) * 8);
}

internal sealed class ObjectComparer<T> : Comparer<T>
{
    public override int Compare(T? x, T? y)
    {
        if (x is null || y is null)
        {
            return x is not null ? 1 : y is not null ? -1 : 0;
        }

        return x is IComparable<T> comparable ? comparable.CompareTo(y) : throw new InvalidOperationException("what is sorted is not IComparable");
    }
}
