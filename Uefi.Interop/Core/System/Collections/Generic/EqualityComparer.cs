using System.Runtime.CompilerServices;

namespace System.Collections.Generic;

public interface IEqualityComparer<T>
{
    bool Equals(T? x, T? y);

    int GetHashCode(T obj);
}

/// <summary>
/// When two values are equal: structs by what IEquatable says, enumerations by their numbers, objects by their Equals. The compiler of images
/// knows these classes by name, and which of them is <see cref="Default"/> for a type.
/// </summary>
public abstract class EqualityComparer<T> : IEqualityComparer<T>
{
    public static EqualityComparer<T> Default
    {
        [Intrinsic]
        get;
    } = Create();

    public abstract bool Equals(T? x, T? y);

    public abstract int GetHashCode(T obj);

    /// <summary>Replaced for each type that is known when the image is compiled; objects are left.</summary>
    [Intrinsic]
    private static EqualityComparer<T> Create() => new ObjectEqualityComparer<T>();
}

internal sealed class GenericEqualityComparer<T> : EqualityComparer<T>
    where T : IEquatable<T>?
{
    public override bool Equals(T? x, T? y) => x is null ? y is null : y is not null && x.Equals(y);

    public override int GetHashCode(T obj) => obj is null ? 0 : obj.GetHashCode();
}

internal sealed class StringEqualityComparer : EqualityComparer<string?>
{
    public override bool Equals(string? x, string? y) => string.Equals(x, y);

    public override int GetHashCode(string? obj) => obj is null ? 0 : obj.GetHashCode();
}

internal sealed class NullableEqualityComparer<T> : EqualityComparer<T?>
    where T : struct
{
    public override bool Equals(T? x, T? y) =>
        x.HasValue == y.HasValue && (!x.HasValue || EqualityComparer<T>.Default.Equals(x.GetValueOrDefault(), y.GetValueOrDefault()));

    public override int GetHashCode(T? obj) => obj.HasValue ? EqualityComparer<T>.Default.GetHashCode(obj.GetValueOrDefault()) : 0;
}

internal sealed class EnumEqualityComparer<T> : EqualityComparer<T>
    where T : struct
{
    public override bool Equals(T x, T y) => Number(x) == Number(y);

    public override int GetHashCode(T obj) => Number(obj).GetHashCode();

    internal static unsafe ulong Number(T value) => sizeof(T) switch
    {
        1 => Unsafe.As<T, byte>(ref value),
        2 => Unsafe.As<T, ushort>(ref value),
        4 => Unsafe.As<T, uint>(ref value),
        _ => Unsafe.As<T, ulong>(ref value),
    };
}

internal sealed class ObjectEqualityComparer<T> : EqualityComparer<T>
{
    public override bool Equals(T? x, T? y) => x is null ? y is null : y is not null && x.Equals(y);

    public override int GetHashCode(T obj) => obj is null ? 0 : obj.GetHashCode();
}
