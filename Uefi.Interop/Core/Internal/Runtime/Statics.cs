using System;
using System.Runtime.CompilerServices;

namespace Internal.Runtime;

/// <summary>The static fields that hold references: the compiler wants an object made for each group of them.</summary>
public static unsafe class Statics
{
    private const int GcStaticRegion = 201;

    private struct Section
    {
        internal int Id;
        internal int Flags;
        internal byte* Start;
        internal byte* End;
    }

    /// <summary>Must run first of all, under the arena that lives as long as the image.</summary>
    public static void Initialize()
    {
        byte* header = (byte*)(delegate*<void>)&RuntimeImports.ReadyToRunHeader;
        ushort count = *(ushort*)(header + 12);
        Section* sections = (Section*)(header + 16);
        for (int i = 0; i < count; i++)
        {
            if (sections[i].Id == GcStaticRegion)
            {
                for (int* pointer = (int*)sections[i].Start; pointer < sections[i].End; pointer++)
                {
                    InitializeGroup((nint*)MethodTable.Follow(pointer));
                }
            }
        }
    }

    /// <summary>A slot holds a relative pointer to the group's type, bit 0 set, then one to its first values when bit 1 is set.</summary>
    private static void InitializeGroup(nint* slot)
    {
        int description = *(int*)slot;
        if ((description & 1) == 0)
        {
            return;
        }

        MethodTable* type = (MethodTable*)((byte*)slot + (description & ~3));
        object group = RuntimeImports.NewObject(type);
        if ((description & 2) != 0)
        {
            byte* values = MethodTable.Follow((int*)slot + 1);
            SpanHelpers.Memmove(ref Unsafe.As<RawData>(group).Data, ref *values, type->BaseSize - 16);
        }

        *slot = *(nint*)Unsafe.AsPointer(ref group);
    }
}
