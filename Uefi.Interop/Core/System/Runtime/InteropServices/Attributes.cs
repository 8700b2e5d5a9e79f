// Attributes and markers that the C# compiler or ILCompiler look for by name.
namespace System.Runtime.InteropServices;

/// <summary>How a value is marshalled; nothing is. The compiler marks `unmanaged` constraints with it.</summary>
public enum UnmanagedType
{
}

[AttributeUsage(AttributeTargets.Method)]
public sealed class UnmanagedCallersOnlyAttribute : Attribute
{
    public Type[]? CallConvs;
    public string? EntryPoint;
}

public enum LayoutKind
{
    Sequential = 0,
    Explicit = 2,
    Auto = 3,
}

public enum CharSet
{
    None = 1,
    Ansi = 2,
    Unicode = 3,
    Auto = 4,
}

[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class StructLayoutAttribute(LayoutKind layoutKind) : Attribute
{
    public LayoutKind Value { get; } = layoutKind;
    public int Pack;
    public int Size;
    public CharSet CharSet;
}

[AttributeUsage(AttributeTargets.Field)]
public sealed class FieldOffsetAttribute(int offset) : Attribute
{
    public int Value { get; } = offset;
}

public sealed class InAttribute : Attribute;

public sealed class OutAttribute : Attribute;

/// <summary>Asked for by the compiler whenever it casts to an interface; nothing here is castable dynamically.</summary>
internal interface IDynamicInterfaceCastable
{
    private static nint GetDynamicInterfaceImplementation(IDynamicInterfaceCastable instance, Internal.Runtime.RawPointer interfaceType, ushort slot) => 0;
}
