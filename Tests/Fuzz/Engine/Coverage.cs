using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace NetBoot.Tests.Fuzz.Engine;

/// <summary>
/// Which branches the instrumented product has taken from which, and about how often: SharpFuzz's trace, which is AFL's, a byte for each pair
/// of branches, counting. The counts of a run fall into AFL's eight classes.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    private static readonly byte[] s_classes = MakeClasses();

    private readonly byte* _trace = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    public Coverage() => Trace.SharedMem = _trace;

    /// <summary>Pairs of branches that were seen.</summary>
    public int Pairs { get; private set; }

    /// <summary>Before a run.</summary>
    public void Begin()
    {
        new Span<byte>(_trace, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds the run to what was seen. Whether it brought anything new.</summary>
    public bool Add()
    {
        bool isNew = false;
        int at = -1;
        while (TryNext(ref at, out byte @class))
        {
            byte seen = _seen[at];
            if ((@class & ~seen) != 0)
            {
                isNew = true;
                Pairs += seen == 0 ? 1 : 0;
                _seen[at] = (byte)(seen | @class);
            }
        }

        return isNew;
    }

    /// <summary>Where the run has been, with the class of how often in the low 8 bits.</summary>
    public IReadOnlyList<int> Places()
    {
        List<int> places = [];
        int at = -1;
        while (TryNext(ref at, out byte @class))
        {
            places.Add((at << 8) | @class);
        }

        return places;
    }

    /// <summary>The same for the same branches in the same numbers.</summary>
    public ulong Hash()
    {
        ulong hash = 14695981039346656037;
        int at = -1;
        while (TryNext(ref at, out byte @class))
        {
            hash = (hash ^ (uint)((at << 8) | @class)) * 1099511628211;
        }

        return hash;
    }

    private bool TryNext(ref int at, out byte @class)
    {
        ReadOnlySpan<byte> trace = new(_trace, Size);
        int next = at + 1 < Size ? trace[(at + 1)..].IndexOfAnyExcept((byte)0) : -1;
        at += next + 1;
        @class = next < 0 ? (byte)0 : s_classes[trace[at]];
        return next >= 0;
    }

    /// <summary>One bit for each of 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, and more.</summary>
    private static byte[] MakeClasses()
    {
        byte[] classes = new byte[256];
        for (int count = 1; count < 256; count++)
        {
            int index = count <= 3 ? count - 1 : Math.Min(BitOperations.Log2((uint)count) + 1, 7) - (count is >= 64 and < 128 ? 1 : 0);
            classes[count] = (byte)(1 << index);
        }

        return classes;
    }
}
