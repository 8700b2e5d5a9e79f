using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace System;

public static unsafe class MemoryExtensions
{
    // Not `=> text`: that conversion would compile to a call of this very method.
    public static ReadOnlySpan<char> AsSpan(this string? text) =>
        text is null ? default : new ReadOnlySpan<char>(ref text.GetRawStringData(), text.Length);

    public static ReadOnlySpan<char> AsSpan(this string? text, int start) => AsSpan(text).Slice(start);

    public static ReadOnlySpan<char> AsSpan(this string? text, int start, int length) => AsSpan(text).Slice(start, length);

    public static Span<T> AsSpan<T>(this T[]? array) => new(array);

    public static Span<T> AsSpan<T>(this T[]? array, int start) => new Span<T>(array).Slice(start);

    public static Span<T> AsSpan<T>(this T[]? array, int start, int length) => new(array, start, length);

    public static bool SequenceEqual<T>(this Span<T> span, ReadOnlySpan<T> other)
        where T : IEquatable<T>? =>
            SequenceEqual((ReadOnlySpan<T>)span, other);

    public static bool SequenceEqual<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> other)
        where T : IEquatable<T>?
    {
        if (span.Length != other.Length)
        {
            return false;
        }

        if (IsBitwise<T>())
        {
            return SpanHelpers.SequenceEqual(
                ref Unsafe.As<T, byte>(ref span._reference), ref Unsafe.As<T, byte>(ref other._reference), (nuint)(uint)span.Length * (nuint)sizeof(T));
        }

        for (int i = 0; i < span.Length; i++)
        {
            if (!AreEqual(span[i], other[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static int SequenceCompareTo<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> other)
        where T : IComparable<T>?
    {
        int common = Math.Min(span.Length, other.Length);
        for (int i = 0; i < common; i++)
        {
            int order = span[i]!.CompareTo(other[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return span.Length - other.Length;
    }

    public static bool StartsWith<T>(this Span<T> span, ReadOnlySpan<T> value)
        where T : IEquatable<T>? =>
            StartsWith((ReadOnlySpan<T>)span, value);

    public static bool StartsWith<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value)
        where T : IEquatable<T>? =>
            value.Length <= span.Length && span.Slice(0, value.Length).SequenceEqual(value);

    public static bool StartsWith<T>(this ReadOnlySpan<T> span, T value)
        where T : IEquatable<T>? =>
            !span.IsEmpty && AreEqual(span[0], value);

    public static bool EndsWith<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value)
        where T : IEquatable<T>? =>
            value.Length <= span.Length && span.Slice(span.Length - value.Length).SequenceEqual(value);

    public static bool EndsWith<T>(this ReadOnlySpan<T> span, T value)
        where T : IEquatable<T>? =>
            !span.IsEmpty && AreEqual(span[span.Length - 1], value);

    public static int IndexOf<T>(this Span<T> span, T value)
        where T : IEquatable<T>? =>
            IndexOf((ReadOnlySpan<T>)span, value);

    public static int IndexOf<T>(this ReadOnlySpan<T> span, T value)
        where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (AreEqual(span[i], value))
            {
                return i;
            }
        }

        return -1;
    }

    public static int IndexOf<T>(this Span<T> span, ReadOnlySpan<T> value)
        where T : IEquatable<T>? =>
            IndexOf((ReadOnlySpan<T>)span, value);

    public static int IndexOf<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> value)
        where T : IEquatable<T>?
    {
        for (int i = 0; i <= span.Length - value.Length; i++)
        {
            if (span.Slice(i, value.Length).SequenceEqual(value))
            {
                return i;
            }
        }

        return -1;
    }

    public static int IndexOfAny<T>(this ReadOnlySpan<T> span, T value0, T value1)
        where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (AreEqual(span[i], value0) || AreEqual(span[i], value1))
            {
                return i;
            }
        }

        return -1;
    }

    public static int IndexOfAny<T>(this ReadOnlySpan<T> span, T value0, T value1, T value2)
        where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (AreEqual(span[i], value0) || AreEqual(span[i], value1) || AreEqual(span[i], value2))
            {
                return i;
            }
        }

        return -1;
    }

    public static int IndexOfAny<T>(this ReadOnlySpan<T> span, ReadOnlySpan<T> values)
        where T : IEquatable<T>?
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (values.IndexOf(span[i]) >= 0)
            {
                return i;
            }
        }

        return -1;
    }

    public static int LastIndexOf<T>(this ReadOnlySpan<T> span, T value)
        where T : IEquatable<T>?
    {
        for (int i = span.Length - 1; i >= 0; i--)
        {
            if (AreEqual(span[i], value))
            {
                return i;
            }
        }

        return -1;
    }

    public static bool Contains<T>(this Span<T> span, T value)
        where T : IEquatable<T>? =>
            IndexOf((ReadOnlySpan<T>)span, value) >= 0;

    public static bool Contains<T>(this ReadOnlySpan<T> span, T value)
        where T : IEquatable<T>? =>
            IndexOf(span, value) >= 0;

    public static void Reverse<T>(this Span<T> span)
    {
        for (int i = 0, j = span.Length - 1; i < j; i++, j--)
        {
            (span[i], span[j]) = (span[j], span[i]);
        }
    }

    /// <summary>Without the white space at both ends.</summary>
    public static ReadOnlySpan<char> Trim(this ReadOnlySpan<char> span) => span.TrimStart().TrimEnd();

    public static ReadOnlySpan<char> TrimStart(this ReadOnlySpan<char> span)
    {
        int start = 0;
        while (start < span.Length && char.IsWhiteSpace(span[start]))
        {
            start++;
        }

        return span.Slice(start);
    }

    public static ReadOnlySpan<char> TrimEnd(this ReadOnlySpan<char> span)
    {
        int end = span.Length;
        while (end > 0 && char.IsWhiteSpace(span[end - 1]))
        {
            end--;
        }

        return span.Slice(0, end);
    }

    /// <summary>Whether equal bits are equal values and the other way round; folded when compiling.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBitwise<T>() =>
        typeof(T) == typeof(byte) || typeof(T) == typeof(char) || typeof(T) == typeof(ushort) || typeof(T) == typeof(uint) ||
        typeof(T) == typeof(ulong) || typeof(T) == typeof(int) || typeof(T) == typeof(long) || typeof(T) == typeof(nuint) || typeof(T) == typeof(nint);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreEqual<T>(T a, T b)
        where T : IEquatable<T>? =>
            a is null ? b is null : a.Equals(b);
}
