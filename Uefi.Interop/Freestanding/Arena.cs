using System;
using System.Runtime.CompilerServices;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The owner of what <c>new</c> makes. In firmware there is no garbage collector: every object comes from the arena that
/// is current, and goes when that arena is reset or disposed.
/// </summary>
/// <remarks>
/// Rules: (1) an arena is entered around construction, and around one command of the app (its scratch), never around an
/// operation whose result outlives it; (2) whoever makes an arena disposes it; (3) entries from firmware on a frame's way
/// run without one, so an allocation there is a programming fault.
/// An arena is entered at one TPL only: a notification that interrupted an allocation must not allocate from the same one.
/// </remarks>
public sealed unsafe class Arena : IDisposable
{
    private readonly ArenaMemory* _memory;

    private Arena(ArenaMemory* memory)
    {
        _memory = memory;
    }

    /// <summary>
    /// The arena that lives as long as the image: entered around the image's entry point, and by static constructors. Who ends the image
    /// (its exit or unloading) disposes it last of all, and with it every arena that was left; nothing of the image may run after that but returning.
    /// </summary>
    public static Arena OfImage => Unsafe.As<nint, Arena>(ref ArenaMemory.Image->Owner);

    /// <summary>
    /// Makes an empty arena. It costs one block of pool memory; the object itself lies in it. When there is none, what is going on ends
    /// there (<see cref="Fault.IsOutOfMemory"/>), as with every <c>new</c>.
    /// </summary>
    public static Arena Create()
    {
        Arena? arena = TryCreate(0);
        if (arena is null)
        {
            Machine.Fault(Fault.OutOfMemory, 0);
        }

        return arena!;
    }

    /// <summary>
    /// Makes an empty arena in which so much is there from the beginning, for construction that holds more than memory and so must not end
    /// halfway. It grows beyond that like any other.
    /// </summary>
    /// <param name="room">In bytes.</param>
    /// <returns>Null when there is not so much memory.</returns>
    public static Arena? TryCreate(int room)
    {
        ArenaMemory* memory = ArenaMemory.Create((nuint)room);
        return memory == null ? null : Adopt(memory);
    }

    /// <summary>Makes the object for memory, in that memory.</summary>
    internal static Arena Adopt(ArenaMemory* memory)
    {
        ArenaMemory* previous = ArenaMemory.Current;
        ArenaMemory.Current = memory;
        Arena arena = new(memory);
        ArenaMemory.Current = previous;
        memory->Owner = Unsafe.As<Arena, nint>(ref arena);
        memory->Seal();
        return arena;
    }

    /// <summary>Makes this arena the current one until the scope is disposed.</summary>
    public ArenaScope Enter() => ArenaScope.Begin(_memory);

    /// <summary>No arena is current until the scope is disposed: allocating is a fault. Entries from firmware begin so.</summary>
    public static ArenaScope EnterNone() => ArenaScope.Begin(null);

    /// <summary>Frees everything that was allocated from this arena; it can be used again.</summary>
    public void Reset() => _memory->Reset();

    /// <summary>Frees everything that was allocated from this arena, and the arena.</summary>
    public void Dispose() => ArenaMemory.Free(_memory);
}

/// <summary>Restores the arena that was current before <see cref="Arena.Enter"/>.</summary>
public readonly unsafe ref struct ArenaScope
{
    private readonly ArenaMemory* _previous;

    private ArenaScope(ArenaMemory* previous)
    {
        _previous = previous;
    }

    internal static ArenaScope Begin(ArenaMemory* memory)
    {
        ArenaScope scope = new(ArenaMemory.Current);
        ArenaMemory.Current = memory;
        return scope;
    }

    /// <summary>Makes the arena of before current again.</summary>
    public void Dispose() => ArenaMemory.Current = _previous;
}
