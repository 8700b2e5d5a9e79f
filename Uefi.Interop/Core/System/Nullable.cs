using System.Runtime.CompilerServices;

namespace System;

[NonVersionable]
public struct Nullable<T>
    where T : struct
{
    // The compiler knows both fields and their order.
    private readonly bool hasValue;
    internal T value;

    [NonVersionable]
    public Nullable(T value)
    {
        this.value = value;
        hasValue = true;
    }

    public readonly bool HasValue
    {
        [NonVersionable]
        get => hasValue;
    }

    public readonly T Value
    {
        get
        {
            if (!hasValue)
            {
                throw new InvalidOperationException("Nullable has no value");
            }

            return value;
        }
    }

    [NonVersionable]
    public readonly T GetValueOrDefault() => value;

    [NonVersionable]
    public readonly T GetValueOrDefault(T defaultValue) => hasValue ? value : defaultValue;

    [NonVersionable]
    public static implicit operator T?(T value) => new Nullable<T>(value);

    [NonVersionable]
    public static explicit operator T(T? value) => value!.Value;
}
