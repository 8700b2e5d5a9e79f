using System;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Bytes that protocols define as ASCII text.</summary>
internal static class AsciiText
{
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a.Length == b.Length && StartsWithIgnoreCase(a, b);

    public static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start)
    {
        if (text.Length < start.Length)
        {
            return false;
        }

        for (int i = 0; i < start.Length; i++)
        {
            if (ToLower(text[i]) != ToLower(start[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static byte ToLower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;

    /// <summary>Without blanks and tabs at either end.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && text[0] is (byte)' ' or (byte)'\t')
        {
            text = text.Slice(1);
        }

        while (!text.IsEmpty && text[text.Length - 1] is (byte)' ' or (byte)'\t')
        {
            text = text.Slice(0, text.Length - 1);
        }

        return text;
    }

    /// <summary>Cuts off what stands before the next <paramref name="separator"/>, without blanks around it; false at the end.</summary>
    public static bool TryCut(scoped ref ReadOnlySpan<byte> rest, byte separator, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        int end = rest.IndexOf(separator);
        part = Trim(end < 0 ? rest : rest.Slice(0, end));
        rest = end < 0 ? default : rest.Slice(end + 1);
        return true;
    }

    /// <summary>Digits only, at least one, below 2^63.</summary>
    public static bool TryReadDecimal(ReadOnlySpan<byte> text, out ulong value) => TryRead(text, NumberStyles.None, out value);

    /// <summary>Hexadecimal digits only, at least one, below 2^63.</summary>
    public static bool TryReadHexadecimal(ReadOnlySpan<byte> text, out ulong value) => TryRead(text, NumberStyles.AllowHexSpecifier, out value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryRead(ReadOnlySpan<byte> text, NumberStyles style, out ulong value) =>
        ulong.TryParse(text, style, null, out value) && value <= long.MaxValue;
}
