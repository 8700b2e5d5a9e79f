// A call of a method by its name, however private it is: the compiler of images looks the name up.
namespace System.Runtime.CompilerServices;

public enum UnsafeAccessorKind
{
    Constructor,
    Method,
    StaticMethod,
    Field,
    StaticField,
}

[AttributeUsage(AttributeTargets.Method)]
public sealed class UnsafeAccessorAttribute(UnsafeAccessorKind kind) : Attribute
{
    public UnsafeAccessorKind Kind { get; } = kind;
    public string? Name { get; set; }
}

/// <summary>Of a parameter: the type that it stands for, as "Name, Assembly".</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.ReturnValue)]
public sealed class UnsafeAccessorTypeAttribute(string typeName) : Attribute
{
    public string TypeName { get; } = typeName;
}
