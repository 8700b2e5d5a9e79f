using System;

namespace Boot.App;

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
        if (at + 2 < text.Length && text[at] == '0' && (text[at + 1] | 0x20) == 'x' && DigitValue(text[at + 2]) < 16)
        {
            radix = 16;
            start = at + 2;
        }
        else if (at + 1 < text.Length && text[at] == '0')
        {
            radix = 8;
        }
        value = 0;
        int i = start;
        while (i < text.Length && DigitValue(text[i]) < radix)
        {
            if (value > (ulong.MaxValue - 15) / radix)
            {
                return false;
            }
            value = value * radix + DigitValue(text[i]);
            i++;
        }
        if (i == start)
        {
            return false;
        }
        at = i;
        return true;
    }

    /// <summary>The value of a hexadecimal digit, or 255.</summary>
    public static uint DigitValue(char c) => c switch
    {
        >= '0' and <= '9' => (uint)(c - '0'),
        >= 'a' and <= 'f' => (uint)(c - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(c - 'A' + 10),
        _ => 255,
    };
}
