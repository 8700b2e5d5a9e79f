using System;
using System.Collections.Generic;

namespace NetBoot.Boot.Packaging.Compression;

/// <summary>What the bytes at each place repeat: of all earlier places, per length the nearest.</summary>
internal sealed class MatchFinder
{
    /// <summary>So many earlier places are looked at; more cost time and bring next to nothing.</summary>
    private const int MaximumTries = 1024;

    private readonly List<(ushort Length, ushort Distance)> _matches = [];
    private readonly int[] _first;

    /// <param name="data">The bytes.</param>
    /// <param name="window">The longest distance.</param>
    /// <param name="shortest">The shortest length that counts: at least 3.</param>
    /// <param name="longest">The longest length.</param>
    public MatchFinder(ReadOnlySpan<byte> data, int window, int shortest, int longest)
    {
        _first = new int[data.Length + 1];
        int[] latest = new int[1 << 16];
        int[] earlier = new int[data.Length];
        latest.AsSpan().Fill(-1);
        for (int at = 0; at < data.Length; at++)
        {
            _first[at] = _matches.Count;
            if (at + 3 > data.Length)
            {
                continue;
            }

            int hash = ((data[at] << 8) ^ (data[at + 1] << 4) ^ (data[at + 2] * 0x9E5)) & 0xFFFF;
            int best = shortest - 1;
            int limit = Math.Min(longest, data.Length - at);
            int tries = MaximumTries;
            for (int place = latest[hash]; place >= 0 && at - place <= window && best < limit && tries-- > 0; place = earlier[place])
            {
                int length = data.Slice(at, limit).CommonPrefixLength(data[place..]);
                if (length > best)
                {
                    best = length;
                    _matches.Add(((ushort)length, (ushort)(at - place)));
                }
            }

            earlier[at] = latest[hash];
            latest[hash] = at;
        }

        _first[data.Length] = _matches.Count;
    }

    /// <summary>The matches at a place: longer ones are farther away.</summary>
    public ReadOnlySpan<(ushort Length, ushort Distance)> this[int at] =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_matches)[_first[at].._first[at + 1]];
}
