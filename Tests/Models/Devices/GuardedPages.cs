using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace NetBoot.Tests.Models.Devices;

/// <summary>
/// Whole pages between two that cannot be reached, so that an access beyond them ends the process. What is freed is kept for the next of
/// that size: making the guards costs more than all else.
/// </summary>
public static unsafe partial class GuardedPages
{
    private const nuint PageSize = 4096;
    private const int None = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private static readonly ConcurrentDictionary<nuint, ConcurrentBag<nint>> s_free = new();

    /// <param name="pages">Of 4096 bytes; at least one. What is in them is not known.</param>
    public static void* Allocate(nuint pages) =>
        s_free.TryGetValue(pages, out ConcurrentBag<nint>? free) && free.TryTake(out nint kept) ? (void*)kept : Make(pages);

    /// <param name="memory">As <see cref="Allocate"/> gave it.</param>
    /// <param name="pages">As many as it was asked for.</param>
    public static void Free(void* memory, nuint pages) => s_free.GetOrAdd(pages, _ => []).Add((nint)memory);

    private static void* Make(nuint pages)
    {
        nint all = Map(0, (pages + 2) * PageSize, None, PrivateAnonymous, -1, 0);
        nint memory = all + (nint)PageSize;
        return all != -1 && Protect(memory, pages * PageSize, ReadWrite) == 0 ? (void*)memory : throw new OutOfMemoryException();
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);
}
