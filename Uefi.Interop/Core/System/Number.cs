using System.Globalization;

namespace System;

/// <summary>Text of integers, and back, as .NET's invariant culture has it.</summary>
internal static class Number
{
    /// <summary>Of the longest text: 99 decimals, 20 digits in groups, a sign and a point.</summary>
    private const int LongestText = 160;

    private const int LongestDigits = 64;

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

    internal static string ToText(long value, int bits, string? format)
    {
        Span<char> text = stackalloc char[LongestText];
        TryFormat(value, bits, format, text, out int length);
        return new string(text.Slice(0, length));
    }

    internal static string ToText(ulong value, int bits, string? format)
    {
        Span<char> text = stackalloc char[LongestText];
        TryFormat(value, bits, format, text, out int length);
        return new string(text.Slice(0, length));
    }

    internal static bool TryFormat(long value, int bits, ReadOnlySpan<char> format, Span<char> destination, out int written) =>
        TryFormat((ulong)value, value < 0, bits, format, destination, out written);

    internal static bool TryFormat(ulong value, int bits, ReadOnlySpan<char> format, Span<char> destination, out int written) =>
        TryFormat(value, false, bits, format, destination, out written);

    /// <summary>
    /// The formats G, D, X, B, N and F, in either case, and each with a precision of up to two digits but G. Another one is a fault. False, with
    /// nothing written, when the text does not fit.
    /// </summary>
    private static bool TryFormat(ulong value, bool isNegative, int bits, ReadOnlySpan<char> format, Span<char> destination, out int written)
    {
        int precision = -1;
        char symbol = format.IsEmpty ? 'G' : format[0];
        if (format.Length > 1)
        {
            precision = format.Length <= 3 && TryParse(format.Slice(1), NumberStyles.None, 32, false, out ulong parsed) ? (int)parsed : -2;
        }

        uint radix = 10;
        int decimals = 0;
        bool hasGroups = false;
        switch (precision == -2 ? '\0' : (char)(symbol | 0x20))
        {
            case 'g' when precision <= 0:
            case 'd':
                break;
            case 'x' or 'b':
                radix = (symbol | 0x20) == 'x' ? 16u : 2u;
                isNegative = false;
                value &= bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
                break;
            case 'n' or 'f':
                decimals = precision < 0 ? 2 : precision;
                precision = 0;
                hasGroups = (symbol | 0x20) == 'n';
                break;
            default:
                throw new FormatException(string.Concat("'", format, "' is no format of integers here: D, X, B, N or F with up to two digits"));
        }

        Span<char> room = stackalloc char[LongestDigits];
        ReadOnlySpan<char> digits = Digits(isNegative ? 0 - value : value, radix, symbol == 'x' ? 'a' : 'A', room);
        int zeros = Math.Max(0, precision - digits.Length);
        int groups = hasGroups ? (digits.Length - 1) / 3 : 0;
        written = (isNegative ? 1 : 0) + zeros + digits.Length + groups + (decimals > 0 ? 1 + decimals : 0);
        if (written > destination.Length)
        {
            written = 0;
            return false;
        }

        int at = 0;
        if (isNegative)
        {
            destination[at++] = '-';
        }

        destination.Slice(at, zeros).Fill('0');
        at += zeros;
        for (int i = 0; i < digits.Length; i++)
        {
            if (hasGroups && i > 0 && (digits.Length - i) % 3 == 0)
            {
                destination[at++] = ',';
            }

            destination[at++] = digits[i];
        }

        if (decimals > 0)
        {
            destination[at++] = '.';
            destination.Slice(at, decimals).Fill('0');
        }

        return true;
    }

    private static ReadOnlySpan<char> Digits(ulong value, uint radix, char ten, Span<char> room)
    {
        int at = room.Length;
        do
        {
            uint digit = (uint)(value % radix);
            room[--at] = (char)(digit < 10 ? '0' + digit : ten + digit - 10);
            value /= radix;
        }
        while (value != 0);
        return room.Slice(at);
    }

    internal static ulong Parse(ReadOnlySpan<char> text, NumberStyles style, int bits, bool isSigned)
    {
        if (!TryParse(text, style, bits, isSigned, out ulong value))
        {
            throw new FormatException(string.Concat("'", text, "' is no number, or not in this type's range"));
        }

        return value;
    }

    /// <summary>
    /// Digits, with what the style allows around them; zeros may end the text. Hexadecimal and binary digits are the bits of the number.
    /// </summary>
    /// <param name="text">What is parsed.</param>
    /// <param name="style">What may stand there.</param>
    /// <param name="bits">Of the type: 8 to 64.</param>
    /// <param name="isSigned">Whether the type is.</param>
    /// <param name="value">In two's complement; 0 when there is none.</param>
    internal static bool TryParse(ReadOnlySpan<char> text, NumberStyles style, int bits, bool isSigned, out ulong value)
    {
        value = 0;
        int at = 0;
        int end = text.Length;
        while ((style & NumberStyles.AllowLeadingWhite) != 0 && at < end && IsWhite(text[at]))
        {
            at++;
        }

        while (end > at && text[end - 1] == '\0')
        {
            end--;
        }

        while ((style & NumberStyles.AllowTrailingWhite) != 0 && end > at && IsWhite(text[end - 1]))
        {
            end--;
        }

        uint radix = RadixOf(style);
        ulong all = ulong.MaxValue >> (64 - bits);
        ulong limit = isSigned && radix == 10 ? all >> 1 : all;
        bool isNegative = false;
        if ((style & NumberStyles.AllowLeadingSign) != 0 && at < end && text[at] is '-' or '+')
        {
            isNegative = text[at++] == '-';
            limit = !isNegative ? limit : isSigned ? limit + 1 : 0;
        }

        ulong sum = 0;
        for (int i = at; i < end; i++)
        {
            if (!TryAppendDigit(ref sum, radix, text[i]) || sum > limit)
            {
                return false;
            }
        }

        value = isNegative ? 0 - sum : sum;
        return end > at;
    }

    internal static uint RadixOf(NumberStyles style) =>
        (style & NumberStyles.AllowHexSpecifier) != 0 ? 16u : (style & NumberStyles.AllowBinarySpecifier) != 0 ? 2u : 10u;

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

    private static bool IsWhite(char c) => c is ' ' or >= '\t' and <= '\r';
}
