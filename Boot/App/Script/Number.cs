using System;

namespace NetBoot.Boot.App.Script;

/// <summary>Numbers as scripts write them: decimal, 0x hexadecimal or 0 octal, with an optional sign (C's strtoul with base 0).</summary>
public static class Number
{
    /// <summary>
    /// Reads a whole text as a number, as leniently as scripts are used to: white space may stand before it, a sign or a prefix without
    /// digits is 0, and of more than 64 bits the lowest count. False when the text is empty or has anything else in it.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        int at = 0;
        while (at < text.Length && ByteText.IsSpace(text[at]))
        {
            at++;
        }

        bool negative = at < text.Length && text[at] == '-';
        at += negative || (at < text.Length && text[at] == '+') ? 1 : 0;
        TryParsePrefix(text, ref at, out ulong magnitude);
        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return text.Length > 0 && at == text.Length;
    }

    /// <summary>
    /// Reads an unsigned number at <paramref name="at"/> and moves past it; of more than 64 bits the lowest count. False, and 0, when no
    /// digit stands there.
    /// </summary>
    public static bool TryParsePrefix(ReadOnlySpan<char> text, ref int at, out ulong value)
    {
        int start = at;
        uint radix = 10;
        if (at < text.Length && text[at] == '0')
        {
            radix = 8;
            if (++at < text.Length && (text[at] | 0x20) == 'x')
            {
                radix = 16;
                at++;
            }
        }

        value = 0;
        for (; at < text.Length && DigitValue(text[at]) < radix; at++)
        {
            value = unchecked(value * radix + DigitValue(text[at]));
        }

        return at > start;
    }

    /// <summary>A digit's value up to radix 16; 16 or more for another character.</summary>
    internal static uint DigitValue(char c) => char.IsAsciiDigit(c) ? c - (uint)'0' : char.IsAsciiHexDigit(c) ? (c | 0x20u) - 'a' + 10 : 16;
}
