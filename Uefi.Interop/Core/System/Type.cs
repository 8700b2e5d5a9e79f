using System.Runtime.CompilerServices;

namespace System;

/// <summary>Only `typeof(T) == typeof(X)`, which the compiler decides; there are no types at run time.</summary>
public abstract class Type
{
    private protected Type()
    {
    }

    [Intrinsic]
    public static Type GetTypeFromHandle(RuntimeTypeHandle handle) => null!;

    [Intrinsic]
    public static bool operator ==(Type? left, Type? right) => (object?)left == right;

    [Intrinsic]
    public static bool operator !=(Type? left, Type? right) => (object?)left != right;
}

/// <summary>Asked for by the compiler.</summary>
internal sealed class RuntimeType : Type
{
}

public struct RuntimeTypeHandle
{
    private nint _value;
}

public struct RuntimeMethodHandle
{
    private nint _value;
}

public struct RuntimeFieldHandle
{
    private nint _value;
}
