using System;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The owner of what <c>new</c> makes. In firmware there is no garbage collector: every object comes from the arena that
/// is current, and goes when that arena is reset or disposed. The host's garbage collector does that work here.
/// </summary>
/// <remarks>
/// Rules: (1) an arena is entered around construction, and around one command of the app (its scratch), never around an
/// operation whose result outlives it; (2) whoever makes an arena disposes it; (3) entries from firmware on a frame's way
/// run without one, so an allocation there is a programming fault.
/// </remarks>
public sealed class Arena : IDisposable
{
    [ThreadStatic]
    private static int s_live;

    [ThreadStatic]
    private static int s_changes;

    private bool _isDisposed;

    private Arena()
    {
        s_live++;
        s_changes++;
    }

    /// <summary>Arenas that this thread made and has not disposed: for tests that nothing is left.</summary>
    internal static int LiveOnThread => s_live;

    /// <summary>How often this thread made or disposed of one: each is a call of the firmware's, for memory.</summary>
    internal static int ChangesOnThread => s_changes;

    /// <summary>The most that this thread's <see cref="TryCreate"/> gives, in bytes; 0 for no limit.</summary>
    [field: ThreadStatic]
    internal static int LimitOnThread { get; set; }

    /// <summary>
    /// The arena that lives as long as the image: entered around the image's entry point, and by static constructors. Who ends the image
    /// (its exit or unloading) disposes it last of all; nothing of the image may run after that but returning.
    /// </summary>
    public static Arena OfImage { get; } = new();

    /// <summary>Makes an empty arena.</summary>
    public static Arena Create() => new();

    /// <summary>
    /// Makes an empty arena in which so much is there from the beginning, for construction that holds more than memory and so must not end
    /// halfway. It grows beyond that like any other.
    /// </summary>
    /// <param name="room">In bytes.</param>
    /// <returns>Null when there is not so much memory.</returns>
    public static Arena? TryCreate(int room) => LimitOnThread != 0 && room > LimitOnThread ? null : new();

    /// <summary>Makes this arena the current one until the scope is disposed.</summary>
    public ArenaScope Enter() => default;

    /// <summary>No arena is current until the scope is disposed: allocating is a fault. Entries from firmware begin so.</summary>
    public static ArenaScope EnterNone() => default;

    /// <summary>Frees everything that was allocated from this arena; it can be used again.</summary>
    public void Reset()
    {
    }

    /// <summary>Frees everything that was allocated from this arena, and the arena.</summary>
    public void Dispose()
    {
        s_live -= _isDisposed ? 0 : 1;
        s_changes++;
        _isDisposed = true;
    }
}

/// <summary>Restores the arena that was current before <see cref="Arena.Enter"/>.</summary>
public readonly ref struct ArenaScope
{
    /// <summary>Makes the arena of before current again.</summary>
    public void Dispose()
    {
    }
}
