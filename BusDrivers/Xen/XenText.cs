using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.BusDrivers.Xen;

/// <summary>ASCII text that a zero byte ends, as C has it.</summary>
internal static unsafe class XenText
{
    /// <summary>What of a text is looked at: none that we or a store make is longer.</summary>
    private const int Longest = 4096;

    /// <summary>Copies a text and ends it. False when it is too long, or has a zero byte itself.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Room for <paramref name="longest"/> bytes and the zero.</param>
    /// <param name="longest">In bytes.</param>
    public static bool TryTerminate(ReadOnlySpan<byte> text, byte* destination, int longest)
    {
        if (text.Length > longest || text.IndexOf((byte)0) >= 0)
        {
            return false;
        }

        text.CopyTo(new Span<byte>(destination, longest));
        destination[text.Length] = 0;
        return true;
    }

    /// <summary>The text without its end; empty for null.</summary>
    public static ReadOnlySpan<byte> Measure(byte* text)
    {
        int length = 0;
        while (text != null && length < Longest && text[length] != 0)
        {
            length++;
        }

        return new ReadOnlySpan<byte>(text, length);
    }

    /// <summary>The text without its end, or all of it when it has none.</summary>
    public static ReadOnlySpan<byte> Until(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return end < 0 ? text : text.Slice(0, end);
    }

    /// <summary>The text as a string of the current arena.</summary>
    public static string ToString(byte* text) => ToString(Measure(text));

    /// <inheritdoc cref="ToString(byte*)"/>
    public static string ToString(ReadOnlySpan<byte> text) => TextBuilder.Format($"{text}");
}
