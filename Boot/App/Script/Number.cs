using System;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace NetBoot.Boot.App.Script;

/// <summary>Numbers as scripts write them: decimal, 0x hexadecimal or 0 octal, with an optional sign (C's strtoul with base 0).</summary>
public static class Number
{
    /// <summary>Reads a whole text as a number. False when it is empty, has anything else in it, or does not fit 64 bits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        bool negative = text.Length > 0 && text[0] == '-';
        int at = negative || (text.Length > 0 && text[0] == '+') ? 1 : 0;
        if (!TryParsePrefix(text, ref at, out ulong magnitude) || at != text.Length || magnitude > (negative ? 1UL << 63 : long.MaxValue))
        {
            return false;
        }

        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return true;
    }

    /// <summary>Reads an unsigned number at <paramref name="at"/> and moves past it. False when none stands there or it does not fit.</summary>
    public static bool TryParsePrefix(ReadOnlySpan<char> text, ref int at, out ulong value)
    {
        uint radix = 10;
        int start = at;
        if (at + 2 < text.Length && text[at] == '0' && (text[at + 1] | 0x20) == 'x' && char.IsAsciiHexDigit(text[at + 2]))
        {
            radix = 16;
            start = at + 2;
        }
        else if (at + 1 < text.Length && text[at] == '0')
        {
            radix = 8;
        }

        int end = start;
        while (end < text.Length && (radix == 16 ? char.IsAsciiHexDigit(text[end]) : (uint)(text[end] - '0') < radix))
        {
            end++;
        }

        ReadOnlySpan<char> digits = text.Slice(start, end - start);
        bool isNumber = radix == 8
            ? TryParseOctal(digits, out value)
            : ulong.TryParse(digits, radix == 16 ? NumberStyles.AllowHexSpecifier : NumberStyles.None, null, out value);
        if (!isNumber)
        {
            return false;
        }

        at = end;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryParseOctal(ReadOnlySpan<char> digits, out ulong value)
    {
        value = 0;
        foreach (char digit in digits)
        {
            if (value >> 61 != 0)
            {
                return false;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }
}
