using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace System;

public abstract class Array
{
    internal int NumComponents;

    public int Length
    {
        [Intrinsic]
        get => NumComponents;
    }

    public long LongLength => NumComponents;

    public static T[] Empty<T>() => EmptyArray<T>.Value;

    private static class EmptyArray<T>
    {
        internal static readonly T[] Value = new T[0];
    }

    public static void Clear<T>(T[] array) => new Span<T>(array).Clear();

    public static void Copy<T>(T[] source, T[] destination, int length) =>
        new ReadOnlySpan<T>(source, 0, length).CopyTo(new Span<T>(destination, 0, length));

    public static void Copy<T>(T[] source, int sourceIndex, T[] destination, int destinationIndex, int length) =>
        new ReadOnlySpan<T>(source, sourceIndex, length).CopyTo(new Span<T>(destination, destinationIndex, length));

    public static int IndexOf<T>(T[] array, T value)
    {
        for (int i = 0; i < array.Length; i++)
        {
            if (EqualityComparer<T>.Default.Equals(array[i], value))
            {
                return i;
            }
        }

        return -1;
    }

    public static void Reverse<T>(T[] array) => new Span<T>(array).Reverse();

    public static void Fill<T>(T[] array, T value) => new Span<T>(array).Fill(value);

    /// <summary>By insertion, which keeps the order of equals: for the short arrays that firmware code has.</summary>
    public static void Sort<T>(T[] array) => SortByInsertion(new Span<T>(array));

    internal static void SortByInsertion<T>(Span<T> items)
    {
        for (int i = 1; i < items.Length; i++)
        {
            T item = items[i];
            int at = i;
            for (; at > 0 && Comparer<T>.Default.Compare(items[at - 1], item) > 0; at--)
            {
                items[at] = items[at - 1];
            }

            items[at] = item;
        }
    }

    /// <summary>Makes the array longer or shorter: a new one, the old content copied.</summary>
    public static void Resize<T>([NotNull] ref T[]? array, int newSize)
    {
        T[] resized = new T[newSize];
        if (array is not null)
        {
            Copy(array, resized, Math.Min(array.Length, newSize));
        }

        array = resized;
    }
}

/// <summary>What the compiler makes of T[]; no interfaces, so that arrays are enumerated as arrays and spans only.</summary>
public class Array<T> : Array
{
}

/// <summary>How an array lies in memory: method table, length, elements.</summary>
internal sealed class RawArrayData
{
    internal uint Length;
    internal uint Padding;
    internal byte Data;
}
