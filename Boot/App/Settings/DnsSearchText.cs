using System;
using System.Text;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>A DNS search list (RFC 3397: names as in RFC 1035, possibly compressed) as names with blanks between.</summary>
public static class DnsSearchText
{
    private const int PointerBits = 0xC0;
    private const int MaximumLabel = 63;
    private const int MaximumName = 255;

    /// <summary>More compression pointers than this in one name is a loop.</summary>
    private const int MaximumPointers = 16;

    public static bool TryParse(ReadOnlySpan<char> text, out byte[] value)
    {
        byte[] buffer = new byte[text.Length * 2 + 2];
        value = buffer;
        int length = 0;
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }

            while (at < text.Length && text[at] != ' ')
            {
                int start = at;
                while (at < text.Length && text[at] != '.' && text[at] != ' ')
                {
                    at++;
                }

                if (at == start || at - start > MaximumLabel)
                {
                    return false;
                }

                buffer[length++] = (byte)(at - start);
                for (int i = start; i < at; i++)
                {
                    buffer[length++] = (byte)text[i];
                }

                if (at < text.Length && text[at] == '.')
                {
                    at++;
                }
            }

            buffer[length++] = 0;
        }

        value = new ReadOnlySpan<byte>(buffer, 0, length).ToArray();
        return length > 0;
    }

    public static string Format(ReadOnlySpan<byte> value)
    {
        TextBuilder text = new(value.Length, 0);
        int at = 0;
        while (at < value.Length)
        {
            if (at > 0)
            {
                text.Append(' ');
            }

            if (!TryAppendName(value, ref at, ref text))
            {
                return "";
            }
        }

        return text.ToString();
    }

    private static bool TryAppendName(ReadOnlySpan<byte> value, ref int next, ref TextBuilder text)
    {
        int at = next;
        int pointers = 0;
        int total = 0;
        while (at < value.Length)
        {
            int length = value[at++];
            if (length >= PointerBits)
            {
                if (at >= value.Length || ++pointers > MaximumPointers)
                {
                    return false;
                }

                if (pointers == 1)
                {
                    next = at + 1;
                }

                at = ((length & ~PointerBits) << 8) | value[at];
                continue;
            }

            if (length == 0)
            {
                if (pointers == 0)
                {
                    next = at;
                }

                return true;
            }

            if (length > MaximumLabel || length > value.Length - at || total + length + 1 > MaximumName)
            {
                return false;
            }

            if (total > 0)
            {
                text.Append('.');
            }

            total += length + 1;
            text.Append(Encoding.Latin1.GetString(value.Slice(at, length)));
            at += length;
        }

        return false;
    }
}
