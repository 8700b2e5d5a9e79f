using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using Internal.Runtime.CompilerHelpers;

namespace Internal.Runtime;

/// <summary>
/// What the compiler emits for each interface call site: where to jump, and how to find out where. The information is a relative
/// pointer to the interface with two low bits set, or, once the call site has a cache, the absolute pointer to that.
/// </summary>
internal unsafe struct InterfaceDispatchCell
{
    internal nint Stub;
    internal nint Information;
}

/// <summary>A call site's first receiver. Once used it never changes, so that a notification may interrupt at any point.</summary>
internal unsafe struct InterfaceDispatchCache
{
    // The assembly knows the first two.
    internal MethodTable* Receiver;
    internal nint Code;
    internal MethodTable* Interface;
}

/// <summary>
/// Interface calls: the first call of each site looks its target up and keeps it for receivers of that type; other receivers
/// are looked up at each call.
/// </summary>
internal static unsafe class InterfaceDispatch
{
    /// <summary>A few more call sites than the largest image has; sites beyond it are looked up at each call.</summary>
    private const int CacheSize = 512;

    private static Caches s_caches;
    private static int s_used;

    [InlineArray(CacheSize)]
    private struct Caches
    {
        private InterfaceDispatchCache _first;
    }

    /// <summary>The code that an interface call on <paramref name="receiver"/> runs. Called by the assembly.</summary>
    [RuntimeExport("NetBootResolveInterfaceCall")]
    internal static nint Resolve(object receiver, InterfaceDispatchCell* cell)
    {
        if (receiver is null)
        {
            ThrowHelpers.ThrowNullReferenceException();
        }

        nint information = cell->Information;
        bool isCached = (information & 3) == 0;
        MethodTable* target = isCached
            ? ((InterfaceDispatchCache*)information)->Interface
            : (MethodTable*)((byte*)&cell->Information + ((int)information & ~3));
        nint code = Find(receiver.m_pEEType, target, Slot(cell));
        if (code == 0)
        {
            ThrowHelpers.ThrowInvalidCastException();
        }

        if (!isCached && s_used < CacheSize && TryTakeCache(out int index))
        {
            InterfaceDispatchCache* cache = (InterfaceDispatchCache*)Unsafe.AsPointer(ref s_caches[index]);
            cache->Receiver = receiver.m_pEEType;
            cache->Code = code;
            cache->Interface = target;
            cell->Information = (nint)cache;
            cell->Stub = (nint)(delegate*<void>)&RuntimeImports.CachedInterfaceDispatch;
        }

        return code;
    }

    /// <summary>In one instruction: a notification may come in between, and makes interface calls too.</summary>
    private static bool TryTakeCache(out int index)
    {
        index = Interlocked.Increment(ref s_used) - 1;
        return index < CacheSize;
    }

    /// <summary>Cells of one slot lie together; a last one without a stub holds the slot's number.</summary>
    private static int Slot(InterfaceDispatchCell* cell)
    {
        while (cell->Stub != 0)
        {
            cell++;
        }

        return (int)cell->Information;
    }

    private static nint Find(MethodTable* receiver, MethodTable* target, int slot)
    {
        // A class's own members come before the defaults that interfaces bring along.
        for (MethodTable* type = receiver; type != null; type = type->Base)
        {
            nint code = Find(receiver, type, target, slot, false);
            if (code != 0)
            {
                return code;
            }
        }

        for (MethodTable* type = receiver; type != null; type = type->Base)
        {
            nint code = Find(receiver, type, target, slot, true);
            if (code != 0)
            {
                return code;
            }
        }

        return 0;
    }

    private static nint Find(MethodTable* receiver, MethodTable* type, MethodTable* target, int slot, bool defaults)
    {
        ushort* map = MethodTable.DispatchMap(type);
        if (map == null)
        {
            return 0;
        }

        // Counts: members, defaults, static members, static defaults. Entries: index of the interface, its slot, the type's slot.
        ushort* entry = map + 4 + (defaults ? map[0] * 3 : 0);
        ushort* end = entry + map[defaults ? 1 : 0] * 3;
        for (; entry < end; entry += 3)
        {
            if (entry[1] == slot && MethodTable.Interfaces(type)[entry[0]] == target)
            {
                // A virtual slot may have been overridden further down; the sealed ones belong to the type itself.
                return MethodTable.Code(entry[2] < type->VirtualSlotCount ? receiver : type, entry[2]);
            }
        }

        return 0;
    }
}
