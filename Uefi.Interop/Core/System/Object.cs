using Internal.Runtime;

namespace System;

/// <summary>The root of all types. No type has metadata at run time.</summary>
public unsafe class Object
{
    internal MethodTable* m_pEEType; // The compiler knows it by this name.

    public Object()
    {
    }

    public virtual bool Equals(object? obj) => this == obj;

    public virtual int GetHashCode() => (int)(nint)m_pEEType;

    /// <summary>Empty unless a type says otherwise: types do not know their names here.</summary>
    public virtual string? ToString() => "";

    [Obsolete("Types are not known at run time in firmware: ask with `is`, or by a virtual property.", true)]
    public Type GetType() => null!;

    public static bool ReferenceEquals(object? a, object? b) => a == b;

    public static bool Equals(object? a, object? b) => a == b || (a is not null && b is not null && a.Equals(b));
}
