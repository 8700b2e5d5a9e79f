using System.Runtime;
using System.Runtime.CompilerServices;

namespace Internal.Runtime;

/// <summary>What the core library calls in the image: the allocator (Uefi.Interop) and data that the compiler emits.</summary>
internal static unsafe class RuntimeImports
{
    [RuntimeImport("*", "RhpNewFast")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object NewObject(MethodTable* type);

    [RuntimeImport("*", "RhpNewArrayFast")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object NewArray(MethodTable* type, nint length);

    [RuntimeImport("*", "__ReadyToRunHeader")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ReadyToRunHeader();

    [RuntimeImport("*", "NetBootEnterImageArena")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern nint EnterImageArena();

    [RuntimeImport("*", "NetBootLeaveImageArena")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void LeaveImageArena(nint previous);

    /// <summary>Changes an interface call site that has one receiver so far into one that compares and jumps.</summary>
    [RuntimeImport("*", "RhpCachedInterfaceDispatch")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void CachedInterfaceDispatch();
}

/// <summary>A pointer where the compiler's signature has one to a type of its own.</summary>
internal struct RawPointer
{
    internal nint Value;
}
