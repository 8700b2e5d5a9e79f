using System;

namespace NetBoot.Boot.App.Consoles;

/// <summary>The lines that were entered last. Its room is there from the beginning: a shell that is used for a week allocates nothing.</summary>
public sealed class LineHistory
{
    public const int Size = 32;

    private readonly char[][] _lines = new char[Size][];
    private readonly int[] _lengths = new int[Size];

    public LineHistory()
    {
        for (int i = 0; i < Size; i++)
        {
            _lines[i] = new char[LineEditor.MaximumLength];
        }
    }

    /// <summary>How many lines there have been: the number of the next.</summary>
    public int Count { get; private set; }

    /// <summary>The number of the oldest that is kept.</summary>
    public int Oldest => Math.Max(0, Count - Size);

    /// <summary>The line of a number from <see cref="Oldest"/> on, below <see cref="Count"/>.</summary>
    public ReadOnlySpan<char> this[int number] => new(_lines[number % Size], 0, _lengths[number % Size]);

    /// <summary>Keeps a line, unless it is empty or the same as the last.</summary>
    public void Add(ReadOnlySpan<char> line)
    {
        if (line.Length > 0 && !(Count > 0 && line.SequenceEqual(this[Count - 1])))
        {
            line.CopyTo(_lines[Count % Size]);
            _lengths[Count % Size] = line.Length;
            Count++;
        }
    }
}
