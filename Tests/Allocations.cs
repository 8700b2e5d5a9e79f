using System;

namespace NetBoot.Tests;

/// <summary>
/// What code allocates on the managed heap. The runtime allocates too on the thread that runs the code: when it compiles a method, or makes a
/// type's statics. That passes, and what the code allocates itself comes every time: so the least of many rounds is the code's own.
/// </summary>
internal static class Allocations
{
    private const int Rounds = 20;

    /// <summary>The fewest bytes that a round of <paramref name="repeats"/> calls allocates.</summary>
    public static long Of(Action action, int repeats = 1)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least != 0; round++)
        {
            least = Math.Min(least, During(action, repeats));
        }

        return least;
    }

    /// <summary>The bytes that are allocated in one round of <paramref name="repeats"/> calls, by whomever.</summary>
    public static long During(Action action, int repeats = 1)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < repeats; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
