using System.Runtime.InteropServices;

namespace Internal.Runtime;

/// <summary>
/// What the compiler emits for each type, at the start of each object. Behind the fixed part: the virtual slots, the interfaces,
/// then relative pointers (type manager, writable data, and those that the flags announce, in this order: dispatch map, finalizer,
/// sealed virtual slots). Format: ILCompiler 10.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct MethodTable
{
    private const uint HasDispatchMap = 0x0004_0000;
    private const uint HasFinalizer = 0x0010_0000;
    private const uint HasSealedVirtualSlots = 0x0040_0000;
    private const uint HasComponentSize = 0x8000_0000;
    private const int ElementTypeShift = 26;
    private const int FixedSize = 24;

    private readonly uint _flags;
    private readonly uint _baseSize;
    private readonly MethodTable* _related;
    private readonly ushort _virtualSlots;
    private readonly ushort _interfaces;
    private readonly uint _hashCode;

    /// <summary>Bytes of an object without its elements, the word before the object included.</summary>
    public readonly uint BaseSize => _baseSize;

    /// <summary>Bytes of one element of an array or string.</summary>
    public readonly uint ComponentSize => (_flags & HasComponentSize) != 0 ? _flags & 0xFFFF : 0;

    public readonly bool IsInterface => ElementType == 0x15;
    public readonly bool IsArray => ElementType is 0x17 or 0x18;
    public readonly bool IsNullable => ElementType == 0x12;
    public readonly bool IsValueType => ElementType is < 0x14;

    /// <summary>Of an integer or enumeration: whether it may be negative. Its element type is even then.</summary>
    public readonly bool IsSigned => ElementType % 2 == 0;

    /// <summary>Of a boxed value: bytes of the value itself.</summary>
    public readonly uint ValueSize => _baseSize - 16 - ((_flags & 0xE0) >> 5);

    /// <summary>Of a Nullable: where its value starts.</summary>
    public readonly uint NullableValueOffset => 1u << (int)((_flags & 0x700) >> 8);

    /// <summary>The element's type of arrays, the only parameter of Nullable.</summary>
    public readonly MethodTable* Related => _related;

    /// <summary>The base class; null at Object, of interfaces and of arrays.</summary>
    public readonly MethodTable* Base => IsArray || IsInterface ? null : _related;

    public readonly ushort VirtualSlotCount => _virtualSlots;

    public readonly ushort InterfaceCount => _interfaces;

    private readonly uint ElementType => (_flags >> ElementTypeShift) & 0x1F;

    private static byte* VirtualSlots(MethodTable* type) => (byte*)type + FixedSize;

    public static MethodTable** Interfaces(MethodTable* type) => (MethodTable**)(VirtualSlots(type) + type->_virtualSlots * sizeof(void*));

    /// <summary>The map from interface slots to slots of the type; null when the type adds no interface.</summary>
    public static ushort* DispatchMap(MethodTable* type) =>
        (type->_flags & HasDispatchMap) == 0 ? null : (ushort*)Follow(Relative(type) + 2);

    /// <summary>The code in a slot of the dispatch map: a virtual slot, or one of those that are sealed and lie apart.</summary>
    public static nint Code(MethodTable* type, int slot)
    {
        if (slot < type->_virtualSlots)
        {
            return ((nint*)VirtualSlots(type))[slot];
        }

        int* pointer = Relative(type) + 2;
        pointer += (type->_flags & HasDispatchMap) != 0 ? 1 : 0;
        pointer += (type->_flags & HasFinalizer) != 0 ? 1 : 0;
        return (type->_flags & HasSealedVirtualSlots) == 0 ? 0 : (nint)Follow((int*)Follow(pointer) + (slot - type->_virtualSlots));
    }

    internal static byte* Follow(int* relative) => (byte*)relative + *relative;

    private static int* Relative(MethodTable* type) => (int*)(Interfaces(type) + type->_interfaces);
}
