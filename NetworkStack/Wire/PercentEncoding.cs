using System;
using System.Text;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// Percent-encoding of URI components (RFC 3986, 2). Text is a character a byte, as scripts, DHCP and servers bring it: what they mean by bytes beyond
/// ASCII is theirs, and arrives as it came (RFC 3986, 2.5).
/// </summary>
public static class PercentEncoding
{
    /// <summary>ALPHA / DIGIT / "-" / "." / "_" / "~" (RFC 3986, 2.3): the characters that never need encoding.</summary>
    public static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';

    /// <summary>True where <paramref name="text"/> has "%" and two hexadecimal digits at <paramref name="at"/>.</summary>
    public static bool IsEncodedAt(ReadOnlySpan<char> text, int at) =>
        text.Length - at >= 3 && text[at] == '%' && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]);

    /// <summary>Encodes everything that is not unreserved, so that the result is one literal component.</summary>
    public static string Encode(string text)
    {
        TextBuilder encoded = new(text.Length, 1);
        foreach (char c in text)
        {
            if (IsUnreserved(c))
            {
                encoded.Append(c);
            }
            else
            {
                AppendEncoded(ref encoded, c);
            }
        }

        return encoded.ToString();
    }

    /// <summary>Encodes every byte that is not an unreserved character.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        TextBuilder encoded = new(bytes.Length, 1);
        foreach (byte b in bytes)
        {
            if (IsUnreserved((char)b))
            {
                encoded.Append((char)b);
            }
            else
            {
                AppendEncoded(ref encoded, b);
            }
        }

        return encoded.ToString();
    }

    /// <summary>
    /// Makes a component that people typed fit for the wire: what may stand in it stays, encoded characters stay as they are, and
    /// everything else (blanks, control characters, a lone "%", what is beyond ASCII) is encoded.
    /// </summary>
    /// <param name="text">A component, or a piece of one.</param>
    /// <param name="allowed">The characters besides unreserved ones that may stand there.</param>
    public static string Normalize(ReadOnlySpan<char> text, string allowed)
    {
        TextBuilder encoded = new(text.Length, 1);
        for (int i = 0; i < text.Length; i++)
        {
            if (IsUnreserved(text[i]) || IsEncodedAt(text, i) || allowed.AsSpan().IndexOf(text[i]) >= 0)
            {
                encoded.Append(text[i]);
            }
            else
            {
                AppendEncoded(ref encoded, text[i]);
            }
        }

        return encoded.ToString();
    }

    /// <summary>Decodes to bytes. A "%" without two hexadecimal digits stands for itself.</summary>
    /// <param name="text">A component, or a piece of one.</param>
    /// <param name="output">As long as <paramref name="text"/> is always enough for text of bytes; three bytes a character for any.</param>
    /// <returns>Bytes written, or -1 when they do not fit.</returns>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> output)
    {
        Span<byte> bytes = stackalloc byte[4];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int count;
            if (IsEncodedAt(text, i))
            {
                Convert.FromHexString(text.Slice(i + 1, 2), bytes, out _, out count);
                i += 2;
            }
            else
            {
                count = ToBytes(text[i], bytes);
            }

            if (output.Length - length < count)
            {
                return -1;
            }

            bytes.Slice(0, count).CopyTo(output.Slice(length));
            length += count;
        }

        return length;
    }

    /// <summary>Decodes to text, a character a byte.</summary>
    public static string Decode(string text)
    {
        byte[] bytes = new byte[text.Length * 3];
        int length = Decode(text.AsSpan(), bytes);
        return Encoding.Latin1.GetString(new ReadOnlySpan<byte>(bytes, 0, length));
    }

    private static void AppendEncoded(ref TextBuilder encoded, char c)
    {
        Span<byte> bytes = stackalloc byte[4];
        int count = ToBytes(c, bytes);
        for (int i = 0; i < count; i++)
        {
            AppendEncoded(ref encoded, bytes[i]);
        }
    }

    private static void AppendEncoded(ref TextBuilder encoded, byte b)
    {
        encoded.Append('%');
        encoded.AppendFormatted((uint)b, "X2");
    }

    /// <summary>A character that is a byte is that byte; others, which no byte string has, are UTF-8 (RFC 3629).</summary>
    private static int ToBytes(char c, Span<byte> bytes)
    {
        if (c < 0x100)
        {
            bytes[0] = (byte)c;
            return 1;
        }

        int count = c < 0x800 ? 2 : 3;
        for (int i = count - 1; i > 0; i--)
        {
            bytes[i] = (byte)(0x80 | (c & 0x3F));
            c >>= 6;
        }

        bytes[0] = (byte)((0xF00u >> count) | c);
        return count;
    }
}
