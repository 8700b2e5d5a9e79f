using System;
using System.Collections.Generic;
using System.Threading;
using NetBoot.Uefi.Interop;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

/// <summary>Static fields, made by the compiler or at first use; checked arithmetic, bits, atomics.</summary>
internal static class StaticChecks
{
    private static readonly int[] s_table = [3, 1, 4, 1, 5];
    private static readonly string[] s_words = ["alpha", "beta"];
    private static readonly Func<int, int> s_square = static x => x * x;
    private static ReadOnlySpan<uint> Constants => [0xDEADBEEF, 7];
    private static int s_counter = 40;
    private static object? s_reference;

    internal static void Run()
    {
        CheckEqual(s_table[2] + s_table.Length, 9, "array made by the compiler");
        CheckEqual(s_words[1], "beta", "array of strings made by the compiler");
        CheckEqual(s_square(7), 49, "delegate made by the compiler");
        CheckEqual(Constants[0], 0xDEADBEEF, "constant data");
        s_counter += 2;
        CheckEqual(s_counter, 42, "static number");
        Check(s_reference is null, "static reference is null at first");
        s_reference = "kept";
        Check((string?)s_reference == "kept", "static reference");

        // A static constructor that the compiler cannot run, met under a short-lived arena: what it makes lives on.
        Arena scratch = Arena.Create();
        using (scratch.Enter())
        {
            Check(Lazy.Values.Count == 3, "static constructor at first use");
        }

        scratch.Dispose();
        object[] noise = new object[64];
        noise.AsSpan().Fill("noise");
        Check(Lazy.Values[0] == "one" && Lazy.Stamp != 0, "what a static constructor made outlives the arena");
        Check(Generic<int>.Count == 0 && Generic<long>.Count++ == 0 && Generic<long>.Count == 1 && Generic<int>.Count == 0, "generic statics");

        int exchanged = 5;
        Check(Interlocked.CompareExchange(ref exchanged, 9, 5) == 5 && exchanged == 9, "compare and exchange");
        Check(Interlocked.Increment(ref exchanged) == 10 && Interlocked.Exchange(ref exchanged, 1) == 10, "increment and exchange");
        Volatile.Write(ref s_counter, 3);
        Interlocked.MemoryBarrier();
        CheckEqual(Volatile.Read(ref s_counter), 3, "volatile");
        Check(System.Numerics.BitOperations.LeadingZeroCount((uint)s_counter) == 30 &&
            System.Numerics.BitOperations.TrailingZeroCount((ulong)s_counter << 40) == 40 &&
            System.Numerics.BitOperations.PopCount((uint)s_counter | 1UL << 63) == 3 &&
            System.Numerics.BitOperations.RotateLeft((uint)s_counter, 31) == 0x8000_0001 &&
            System.Numerics.BitOperations.Log2((uint)s_counter) == 1, "bits");
        ulong high = Math.BigMul(ulong.MaxValue, (ulong)s_counter, out ulong low);
        Check(high == 2 && low == ulong.MaxValue - 2, "128-bit product");
        ulong before = Machine.ReadCounter();
        Firmware.Stall(1000);
        Check(Machine.ReadCounter() > before, "the counter counts");
    }

    private static class Lazy
    {
        public static readonly List<string> Values = Make();
        public static readonly ulong Stamp = Machine.ReadCounter();

        private static List<string> Make()
        {
            List<string> made = new();
            made.Add("one");
            made.AddRange("two", TextBuilder.Format($"{Machine.ReadCounter()}"));
            return made;
        }
    }

    private static class Generic<T>
    {
        public static int Count;
    }
}
