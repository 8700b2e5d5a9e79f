using System.Runtime.CompilerServices;

namespace System;

/// <summary>
/// Copying, filling and comparing memory. Memmove, Fill and ClearWithoutReferences are also what the compiler calls for struct
/// copies and initialisation, so nothing here may be compiled into a call of itself.
/// </summary>
/// <remarks>
/// Words of 8 bytes, sixteen at a time: near the speed of vectors on processors, and faster under emulation, where vectors take
/// a detour and each round of a loop is a step of its own. Both architectures allow unaligned access to normal memory.
/// </remarks>
internal static unsafe class SpanHelpers
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Memmove(ref byte destination, ref byte source, nuint length)
    {
        // Objects and firmware memory never move: plain pointers will do.
        byte* to = (byte*)Unsafe.AsPointer(ref destination);
        byte* from = (byte*)Unsafe.AsPointer(ref source);
        if ((nuint)to - (nuint)from < length)
        {
            MoveBackwards(to, from, length);
            return;
        }

        while (length >= 128)
        {
            Copy64(to, from);
            Copy64(to + 64, from + 64);
            from += 128;
            to += 128;
            length -= 128;
        }

        if (length >= 64)
        {
            Copy64(to, from);
            from += 64;
            to += 64;
            length -= 64;
        }

        while (length >= 8)
        {
            *(ulong*)to = *(ulong*)from;
            from += 8;
            to += 8;
            length -= 8;
        }

        while (length != 0)
        {
            *to++ = *from++;
            length--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy64(byte* to, byte* from)
    {
        ulong a = *(ulong*)from;
        ulong b = *(ulong*)(from + 8);
        ulong c = *(ulong*)(from + 16);
        ulong d = *(ulong*)(from + 24);
        *(ulong*)to = a;
        *(ulong*)(to + 8) = b;
        *(ulong*)(to + 16) = c;
        *(ulong*)(to + 24) = d;
        a = *(ulong*)(from + 32);
        b = *(ulong*)(from + 40);
        c = *(ulong*)(from + 48);
        d = *(ulong*)(from + 56);
        *(ulong*)(to + 32) = a;
        *(ulong*)(to + 40) = b;
        *(ulong*)(to + 48) = c;
        *(ulong*)(to + 56) = d;
    }

    private static void MoveBackwards(byte* to, byte* from, nuint length)
    {
        if (to == from)
        {
            return;
        }

        while (length >= 8)
        {
            length -= 8;
            *(ulong*)(to + length) = *(ulong*)(from + length);
        }

        while (length != 0)
        {
            length--;
            to[length] = from[length];
        }
    }

    internal static void ClearWithoutReferences(ref byte destination, nuint length) => Fill(ref destination, 0, length);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Fill(ref byte destination, byte value, nuint length)
    {
        byte* to = (byte*)Unsafe.AsPointer(ref destination);
        ulong word = value * 0x0101_0101_0101_0101UL;
        while (length >= 32)
        {
            *(ulong*)to = word;
            *(ulong*)(to + 8) = word;
            *(ulong*)(to + 16) = word;
            *(ulong*)(to + 24) = word;
            to += 32;
            length -= 32;
        }

        while (length >= 8)
        {
            *(ulong*)to = word;
            to += 8;
            length -= 8;
        }

        while (length != 0)
        {
            *to++ = value;
            length--;
        }
    }

    internal static bool SequenceEqual(ref byte first, ref byte second, nuint length)
    {
        byte* a = (byte*)Unsafe.AsPointer(ref first);
        byte* b = (byte*)Unsafe.AsPointer(ref second);
        while (length >= 8)
        {
            if (*(ulong*)a != *(ulong*)b)
            {
                return false;
            }

            a += 8;
            b += 8;
            length -= 8;
        }

        while (length != 0)
        {
            if (*a++ != *b++)
            {
                return false;
            }

            length--;
        }

        return true;
    }
}
