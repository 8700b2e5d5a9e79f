using System.Globalization;

namespace System;

/// <summary>Text of integers, and back.</summary>
internal static class Number
{
    internal static string ToText(ulong value) => ToText(value, false);

    internal static string ToText(long value) => ToText(value < 0 ? 0 - (ulong)value : (ulong)value, value < 0);

    private static string ToText(ulong magnitude, bool negative)
    {
        Span<char> text = stackalloc char[20];
        int at = text.Length;
        do
        {
            text[--at] = (char)('0' + magnitude % 10);
            magnitude /= 10;
        }
        while (magnitude != 0);
        if (negative)
        {
            text[--at] = '-';
        }

        return new string(text.Slice(at));
    }

    internal static bool TryParse(ReadOnlySpan<char> text, ulong maximum, out ulong value)
    {
        value = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        ulong sum = 0;
        foreach (char c in text)
        {
            uint digit = (uint)(c - '0');
            if (digit > 9 || sum > (maximum - digit) / 10)
            {
                return false;
            }

            sum = sum * 10 + digit;
        }

        value = sum;
        return true;
    }

    internal static bool TryParse(ReadOnlySpan<char> text, long minimum, long maximum, out long value)
    {
        bool negative = !text.IsEmpty && text[0] == '-';
        bool signed = negative || (!text.IsEmpty && text[0] == '+');
        ulong limit = negative ? 0 - (ulong)minimum : (ulong)maximum;
        bool parsed = TryParse(signed ? text.Slice(1) : text, limit, out ulong magnitude);
        value = (long)(negative ? 0 - magnitude : magnitude);
        return parsed;
    }

    internal static uint RadixOf(NumberStyles style) => style == NumberStyles.AllowHexSpecifier ? 16u : 10u;

    /// <summary>The value of a hexadecimal digit, or more than 15.</summary>
    internal static uint FromHexDigit(char c) => c switch
    {
        >= '0' and <= '9' => (uint)(c - '0'),
        >= 'a' and <= 'f' => (uint)(c - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(c - 'A' + 10),
        _ => uint.MaxValue,
    };

    /// <summary>False, and the value 0, when the character is no digit or the value would not fit.</summary>
    internal static bool TryAppendDigit(ref ulong value, uint radix, char c)
    {
        uint digit = FromHexDigit(c);
        if (digit >= radix || value > (ulong.MaxValue - digit) / radix)
        {
            value = 0;
            return false;
        }

        value = (value * radix) + digit;
        return true;
    }
}
