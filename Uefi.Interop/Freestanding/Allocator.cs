using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Internal.Runtime;

namespace NetBoot.Uefi.Interop;

/// <summary>What compiled code calls for <c>new</c>: memory from the current arena.</summary>
internal static unsafe class Allocator
{
    /// <summary>Longer arrays are a fault: sizes stay far from where their arithmetic would overflow.</summary>
    private const nint LongestArray = 0x4000_0000;

    /// <summary>Room for the exception that is thrown where no arena is current; the next one takes its place.</summary>
    private static ExceptionRoom s_exceptionRoom;

    /// <summary>Made by the compiler: it says what the type of exceptions is.</summary>
    private static readonly object s_exceptionSample = new Exception();

    [InlineArray(16)]
    private struct ExceptionRoom
    {
        private ulong _first;
    }

    /// <summary>Makes an object of zeros.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="address">Of the code that allocates.</param>
    [RuntimeExport("NetBootNewObject")]
    private static void* NewObject(MethodTable* type, nuint address)
    {
        ArenaMemory* arena = ArenaMemory.Current;
        byte* memory;
        if (arena != null)
        {
            memory = arena->Allocate((type->BaseSize + 7u) & ~7u);
            if (memory == null)
            {
                Machine.Fault(Fault.OutOfMemory, address);
            }
        }
        else
        {
            if (!IsException(type) || type->BaseSize > sizeof(ExceptionRoom))
            {
                Machine.Fault("allocation outside of an arena", address);
            }

            // So that `throw` on a frame's way is reported as itself.
            s_exceptionRoom = default;
            memory = (byte*)Unsafe.AsPointer(ref s_exceptionRoom);
        }

        return Initialize(memory, type);
    }

    [RuntimeExport("NetBootNewArray")]
    private static void* NewArray(MethodTable* type, nint length, nuint address)
    {
        ulong size = (type->BaseSize + type->ComponentSize * (ulong)length + 7) & ~7UL;
        if ((nuint)length > (nuint)LongestArray || size > int.MaxValue)
        {
            Machine.Fault("array length out of range", address);
        }

        ArenaMemory* arena = ArenaMemory.Current;
        if (arena == null)
        {
            Machine.Fault("allocation outside of an arena", address);
        }

        byte* memory = arena->Allocate((nuint)size);
        if (memory == null)
        {
            Machine.Fault(Fault.OutOfMemory, address);
        }

        void** array = Initialize(memory, type);
        *(uint*)(array + 1) = (uint)length;
        return array;
    }

    /// <summary>Static constructors run under the image's arena.</summary>
    [RuntimeExport("NetBootEnterImageArena")]
    private static ArenaMemory* EnterImageArena()
    {
        ArenaMemory* previous = ArenaMemory.Current;
        ArenaMemory.Current = ArenaMemory.Image;
        return previous;
    }

    [RuntimeExport("NetBootLeaveImageArena")]
    private static void LeaveImageArena(ArenaMemory* previous) => ArenaMemory.Current = previous;

    /// <summary>The word before an object is part of it, though nothing here uses it.</summary>
    private static void** Initialize(byte* memory, MethodTable* type)
    {
        void** instance = (void**)(memory + sizeof(void*));
        *instance = type;
        return instance;
    }

    private static bool IsException(MethodTable* type)
    {
        object sample = s_exceptionSample;
        MethodTable* exception = *(MethodTable**)Unsafe.As<object, nint>(ref sample);
        while (type != null && type != exception)
        {
            type = type->Base;
        }

        return type != null;
    }
}
