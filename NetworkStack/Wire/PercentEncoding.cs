using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Percent-encoding of URI components (RFC 3986, 2). Characters beyond ASCII travel as UTF-8.</summary>
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
        for (int i = 0; i < text.Length; i++)
        {
            AppendEncoded(ref encoded, text, ref i, IsUnreserved(text[i]));
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
            bool keep = IsUnreserved(text[i]) || IsEncodedAt(text, i) || allowed.AsSpan().IndexOf(text[i]) >= 0;
            AppendEncoded(ref encoded, text, ref i, keep);
        }

        return encoded.ToString();
    }

    /// <summary>Decodes to bytes. A "%" without two hexadecimal digits stands for itself.</summary>
    /// <param name="text">A component, or a piece of one.</param>
    /// <param name="output">As long as <paramref name="text"/> is always enough for ASCII text; three bytes a character for any.</param>
    /// <returns>Bytes written, or -1 when they do not fit.</returns>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> output)
    {
        Span<byte> utf8 = stackalloc byte[4];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int count;
            if (IsEncodedAt(text, i))
            {
                Convert.FromHexString(text.Slice(i + 1, 2), utf8, out _, out count);
                i += 2;
            }
            else
            {
                count = ToUtf8(text, ref i, utf8);
            }

            if (output.Length - length < count)
            {
                return -1;
            }

            utf8.Slice(0, count).CopyTo(output.Slice(length));
            length += count;
        }

        return length;
    }

    /// <summary>Decodes to text; bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Decode(string text)
    {
        byte[] bytes = new byte[text.Length * 3];
        int length = Decode(text.AsSpan(), bytes);
        TextBuilder decoded = new(text.Length, 0);
        for (int i = 0; i < length; i++)
        {
            AppendUtf8(ref decoded, new ReadOnlySpan<byte>(bytes, 0, length), ref i);
        }

        return decoded.ToString();
    }

    private static void AppendEncoded(ref TextBuilder encoded, ReadOnlySpan<char> text, ref int at, bool keep)
    {
        if (keep)
        {
            encoded.Append(text[at]);
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        int count = ToUtf8(text, ref at, utf8);
        for (int i = 0; i < count; i++)
        {
            AppendEncoded(ref encoded, utf8[i]);
        }
    }

    private static void AppendEncoded(ref TextBuilder encoded, byte b)
    {
        encoded.Append('%');
        encoded.AppendFormatted((uint)b, "X2");
    }

    /// <summary>One code point as UTF-8 (RFC 3629); moves <paramref name="at"/> over a surrogate pair. Half of one is U+FFFD.</summary>
    private static int ToUtf8(ReadOnlySpan<char> text, ref int at, Span<byte> utf8)
    {
        uint c = text[at];
        if (c - 0xD800 < 0x800)
        {
            bool isPair = c < 0xDC00 && at + 1 < text.Length && text[at + 1] - 0xDC00u < 0x400;
            c = isPair ? 0x10000 + ((c - 0xD800) << 10) + (text[++at] - 0xDC00u) : 0xFFFD;
        }

        if (c < 0x80)
        {
            utf8[0] = (byte)c;
            return 1;
        }

        int count = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (int i = count - 1; i > 0; i--)
        {
            utf8[i] = (byte)(0x80 | (c & 0x3F));
            c >>= 6;
        }

        utf8[0] = (byte)((0xF00u >> count) | c);
        return count;
    }

    private static void AppendUtf8(ref TextBuilder decoded, ReadOnlySpan<byte> bytes, ref int at)
    {
        uint c = bytes[at];
        int more = c < 0x80 ? 0 : c - 0xC2 < 0x1E ? 1 : c - 0xE0 < 0x10 ? 2 : c - 0xF0 < 5 ? 3 : -1;
        uint value = more <= 0 ? c : c & (0x3Fu >> more);
        bool isGood = more >= 0 && bytes.Length - at > more;
        for (int i = 1; isGood && i <= more; i++)
        {
            uint next = bytes[at + i];
            isGood = (next & 0xC0) == 0x80;
            value = (value << 6) | (next & 0x3F);
        }

        uint least = more == 3 ? 0x10000u : more == 2 ? 0x800u : 0;
        if (!isGood || value < least || value > 0x10FFFF || value - 0xD800 < 0x800)
        {
            decoded.Append('\uFFFD');
            return;
        }

        at += more;
        if (value >= 0x10000)
        {
            decoded.Append((char)(0xD800 + ((value - 0x10000) >> 10)));
            value = 0xDC00 + ((value - 0x10000) & 0x3FF);
        }

        decoded.Append((char)value);
    }
}
