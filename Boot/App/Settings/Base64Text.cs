using System;
using Uefi.Interop;

namespace Boot.App;

/// <summary>Base64 with padding (RFC 4648, 4).</summary>
public static class Base64Text
{
    public static bool TryParse(ReadOnlySpan<char> text, out byte[] value)
    {
        value = [];
        if (text.Length == 0 || text.Length % 4 != 0)
        {
            return false;
        }
        int padding = text[text.Length - 1] != '=' ? 0 : text[text.Length - 2] != '=' ? 1 : 2;
        byte[] bytes = new byte[text.Length / 4 * 3 - padding];
        uint bits = 0;
        int at = 0;
        for (int i = 0; i < text.Length; i++)
        {
            uint digit = i >= text.Length - padding ? 0 : DigitValue(text[i]);
            if (digit > 63)
            {
                return false;
            }
            bits = (bits << 6) | digit;
            if (i % 4 == 3)
            {
                for (int shift = 16; shift >= 0 && at < bytes.Length; shift -= 8)
                {
                    bytes[at++] = (byte)(bits >> shift);
                }
                bits = 0;
            }
        }
        value = bytes;
        return true;
    }

    public static string Format(ReadOnlySpan<byte> value)
    {
        Text text = new((value.Length + 2) / 3 * 4, 0);
        for (int i = 0; i < value.Length; i += 3)
        {
            int count = Math.Min(3, value.Length - i);
            uint bits = (uint)value[i] << 16;
            if (count > 1)
            {
                bits |= (uint)value[i + 1] << 8;
            }
            if (count > 2)
            {
                bits |= value[i + 2];
            }
            text.Append(Digit(bits >> 18));
            text.Append(Digit((bits >> 12) & 63));
            text.Append(count > 1 ? Digit((bits >> 6) & 63) : '=');
            text.Append(count > 2 ? Digit(bits & 63) : '=');
        }
        return text.ToString();
    }

    private static char Digit(uint digit) => digit switch
    {
        < 26 => (char)('A' + digit),
        < 52 => (char)('a' + digit - 26),
        < 62 => (char)('0' + digit - 52),
        62 => '+',
        _ => '/',
    };

    private static uint DigitValue(char c) => c switch
    {
        >= 'A' and <= 'Z' => (uint)(c - 'A'),
        >= 'a' and <= 'z' => (uint)(c - 'a' + 26),
        >= '0' and <= '9' => (uint)(c - '0' + 52),
        '+' => 62,
        '/' => 63,
        _ => 64,
    };
}
