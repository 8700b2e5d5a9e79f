using System.Runtime.CompilerServices;
using Internal.Runtime;
using Internal.Runtime.CompilerHelpers;

namespace System.Runtime;

/// <summary>What compiled code calls for casts, `is`, and stores into arrays of objects.</summary>
internal static unsafe class TypeCast
{
    private static object? IsInstanceOfClass(MethodTable* target, object? value)
    {
        if (value is null)
        {
            return null;
        }

        for (MethodTable* type = value.m_pEEType; type != null; type = type->Base)
        {
            if (type == target)
            {
                return value;
            }
        }

        return null;
    }

    private static object? IsInstanceOfInterface(MethodTable* target, object? value)
    {
        if (value is null)
        {
            return null;
        }

        MethodTable* type = value.m_pEEType;
        MethodTable** interfaces = MethodTable.Interfaces(type);
        for (int i = 0; i < type->InterfaceCount; i++)
        {
            if (interfaces[i] == target)
            {
                return value;
            }
        }

        return null;
    }

    private static object? IsInstanceOfAny(MethodTable* target, object? value) =>
        value is not null && IsAssignable(value.m_pEEType, target) ? value : null;

    private static bool IsInstanceOfException(MethodTable* target, object? value) => IsInstanceOfClass(target, value) is not null;

    private static bool IsAssignable(MethodTable* type, MethodTable* target)
    {
        if (type == target)
        {
            return true;
        }

        if (target->IsArray)
        {
            // Arrays of references are arrays of what their elements are, arrays of values of nothing else.
            return type->IsArray && !type->Related->IsValueType && IsAssignable(type->Related, target->Related);
        }

        if (target->IsInterface)
        {
            MethodTable** interfaces = MethodTable.Interfaces(type);
            for (int i = 0; i < type->InterfaceCount; i++)
            {
                if (interfaces[i] == target)
                {
                    return true;
                }
            }

            return IsObject(target);
        }

        for (; type != null; type = type->Base)
        {
            if (type == target)
            {
                return true;
            }
        }

        return IsObject(target);
    }

    /// <summary>Object alone among the classes has no base; whatever has no other common type is still one.</summary>
    private static bool IsObject(MethodTable* type) => !type->IsInterface && !type->IsArray && type->Base == null;

    private static object? CheckCastAny(MethodTable* target, object? value)
    {
        if (value is not null && !IsAssignable(value.m_pEEType, target))
        {
            ThrowHelpers.ThrowInvalidCastException();
        }

        return value;
    }

    private static object? CheckCastClass(MethodTable* target, object? value) => CheckCastClassSpecial(target, value);

    private static object? CheckCastClassSpecial(MethodTable* target, object? value)
    {
        if (value is not null && IsInstanceOfClass(target, value) is null)
        {
            ThrowHelpers.ThrowInvalidCastException();
        }

        return value;
    }

    private static object? CheckCastInterface(MethodTable* target, object? value)
    {
        if (value is not null && IsInstanceOfInterface(target, value) is null)
        {
            ThrowHelpers.ThrowInvalidCastException();
        }

        return value;
    }

    private static void StelemRef(object?[] array, nint index, object? value)
    {
        if ((nuint)index >= (nuint)array.NumComponents)
        {
            ThrowHelpers.ThrowIndexOutOfRangeException();
        }

        if (value is not null && !IsAssignable(value.m_pEEType, array.m_pEEType->Related))
        {
            ThrowHelpers.ThrowArrayTypeMismatchException();
        }

        Unsafe.As<byte, nint>(ref Unsafe.Add(ref Unsafe.As<RawArrayData>(array).Data, index * sizeof(nint))) = Address(value);
    }

    private static ref object? LdelemaRef(object?[] array, nint index, MethodTable* elementType)
    {
        if ((nuint)index >= (nuint)array.NumComponents)
        {
            ThrowHelpers.ThrowIndexOutOfRangeException();
        }

        if (array.m_pEEType->Related != elementType)
        {
            ThrowHelpers.ThrowArrayTypeMismatchException();
        }

        return ref Unsafe.As<byte, object?>(ref Unsafe.Add(ref Unsafe.As<RawArrayData>(array).Data, index * sizeof(nint)));
    }

    private static nint Address(object? value) => *(nint*)Unsafe.AsPointer(ref value);
}
