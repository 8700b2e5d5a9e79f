using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

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
            if (!TryReadByte(text, i * stride, out value[i]) || (separator != '\0' && i > 0 && text[i * stride - 1] != separator))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads the two digits at <paramref name="at"/>; false, and 0, when they are not there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryReadByte(ReadOnlySpan<char> text, int at, out byte value)
    {
        value = 0;
        return text.Length - at >= 2 &&
            Convert.FromHexString(text.Slice(at, 2), new Span<byte>(ref value), out _, out _) == OperationStatus.Done;
    }

    public static string Format(ReadOnlySpan<byte> value, char separator)
    {
        TextBuilder text = new(value.Length * 3, 0);
        for (int i = 0; i < value.Length; i++)
        {
            if (i > 0 && separator != '\0')
            {
                text.Append(separator);
            }

            text.AppendFormatted((uint)value[i], "x2");
        }

        return text.ToString();
    }
}
