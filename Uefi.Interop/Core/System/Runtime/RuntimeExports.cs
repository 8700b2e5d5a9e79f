using System.Runtime.CompilerServices;
using Internal.Runtime;
using Internal.Runtime.CompilerHelpers;

namespace System.Runtime;

/// <summary>What compiled code calls for boxing where it does not do so in line.</summary>
internal static unsafe class RuntimeExports
{
    private static object RhNewObject(MethodTable* type) => RuntimeImports.NewObject(type);

    private static object? RhBox(MethodTable* type, ref byte value)
    {
        ref byte source = ref value;
        if (type->IsNullable)
        {
            if (source == 0)
            {
                return null;
            }

            source = ref Unsafe.Add(ref source, (nint)type->NullableValueOffset);
            type = type->Related;
        }

        object box = RuntimeImports.NewObject(type);
        SpanHelpers.Memmove(ref Unsafe.As<RawData>(box).Data, ref source, type->ValueSize);
        return box;
    }

    private static ref byte RhUnbox2(MethodTable* type, object box)
    {
        RhUnboxTypeTest(type, box.m_pEEType);
        return ref Unsafe.As<RawData>(box).Data;
    }

    private static void RhUnboxTypeTest(MethodTable* type, MethodTable* boxed)
    {
        if (type != boxed)
        {
            ThrowHelpers.ThrowInvalidCastException();
        }
    }

    private static void RhUnboxNullable(ref byte destination, MethodTable* type, object? box)
    {
        SpanHelpers.ClearWithoutReferences(ref destination, type->ValueSize);
        if (box is null)
        {
            return;
        }

        RhUnboxTypeTest(type->Related, box.m_pEEType);
        destination = 1;
        SpanHelpers.Memmove(
            ref Unsafe.Add(ref destination, (nint)type->NullableValueOffset), ref Unsafe.As<RawData>(box).Data, type->Related->ValueSize);
    }
}
