using System;
using Uefi.Interop;

namespace Boot.App;

/// <summary>Bytes as pairs of hexadecimal digits, with a separator ('\0' for none) between.</summary>
public static class HexText
{
    public static bool TryParse(ReadOnlySpan<char> text, char separator, out byte[] value)
    {
        int stride = separator == '\0' ? 2 : 3;
        int count = separator == '\0' ? text.Length / 2 : (text.Length + 1) / 3;
        value = new byte[count];
        if (text.Length == 0 || count * stride - (stride - 2) != text.Length)
        {
            return false;
        }
        for (int i = 0; i < count; i++)
        {
            uint high = Number.DigitValue(text[i * stride]);
            uint low = Number.DigitValue(text[i * stride + 1]);
            if (high > 15 || low > 15 || (separator != '\0' && i > 0 && text[i * stride - 1] != separator))
            {
                return false;
            }
            value[i] = (byte)(high * 16 + low);
        }
        return true;
    }

    public static string Format(ReadOnlySpan<byte> value, char separator)
    {
        Text text = new(value.Length * 3, 0);
        for (int i = 0; i < value.Length; i++)
        {
            if (i > 0 && separator != '\0')
            {
                text.Append(separator);
            }
            Append(ref text, value[i], upper: false);
        }
        return text.ToString();
    }

    public static void Append(ref Text text, byte value, bool upper)
    {
        text.Append(Digit((uint)value >> 4, upper));
        text.Append(Digit((uint)value & 15, upper));
    }

    private static char Digit(uint digit, bool upper) => (char)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
}
