using System;
using System.Collections.Generic;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

/// <summary>Objects belong to arenas, and what arenas take from the firmware they give back.</summary>
internal static unsafe class ArenaChecks
{
    internal static void Run()
    {
        Arena outer = Arena.Create();
        Arena inner = Arena.Create();
        List<string> list;
        using (outer.Enter())
        {
            list = new List<string>();
            using (inner.Enter())
            {
                Check(Fill(inner) == 3 * 1000, "objects in an arena");
            }

            list.Add("outer again");
        }

        inner.Reset();
        using (inner.Enter())
        {
            Check(Fill(inner) == 3 * 1000, "objects in a reset arena");
        }

        inner.Reset();
        nint freed = Address(inner);
        inner.Reset();
        CheckEqual(*(byte*)(freed + 8), 0xDD, "freed memory is overwritten");
        inner.Dispose();
        Check(list[0] == "outer again", "objects of the outer arena are left alone");
        outer.Dispose();

        Cycle();
        long before = FreePages();
        for (int i = 0; i < 1000; i++)
        {
            Cycle();
        }

        CheckEqual(FreePages(), before, "free pages after 1,000 arenas");
    }

    private static int Fill(Arena arena)
    {
        int sum = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] small = new byte[i % 100];
            sum += small.AsSpan().IndexOf((byte)0xDD) + 1;
            sum += new Node(3).Value;
        }

        byte[] large = new byte[300_000];
        large[299_999] = 1;
        return sum + large[0];
    }

    private static nint Address(Arena arena)
    {
        using ArenaScope scope = arena.Enter();
        return ObjectReference.To(new Node(1)).Value;
    }

    private static void Cycle()
    {
        Arena arena = Arena.Create();
        using (arena.Enter())
        {
            Fill(arena);
            byte[] huge = new byte[2_000_000];
            huge[1_999_999] = 1;
        }

        arena.Dispose();
    }

    private static long FreePages()
    {
        const int room = 64 * 1024;
        byte* map = stackalloc byte[room];
        nuint size = room;
        nuint key;
        nuint stride;
        uint version;
        if (Firmware.BootServices->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR*)map, &key, &stride, &version).IsError)
        {
            return -1;
        }

        long pages = 0;
        for (byte* each = map; each < map + size; each += stride)
        {
            EFI_MEMORY_DESCRIPTOR* descriptor = (EFI_MEMORY_DESCRIPTOR*)each;
            pages += descriptor->Type == EFI_MEMORY_TYPE.EfiConventionalMemory ? (long)descriptor->NumberOfPages : 0;
        }

        return pages;
    }

    private sealed class Node(int value)
    {
        public int Value { get; } = value;
    }
}
