using System;

namespace NetBoot.Boot.App.Script;

/// <summary>
/// Scripts and settings are bytes. As strings, each byte is the character of the same value (Latin-1), so that nothing is lost on the way; the
/// terminal and the loaders decode UTF-8 where they hand text to the firmware.
/// </summary>
public static class ByteText
{
    /// <summary>The bytes of a byte string; a character that is no byte (from a keyboard) becomes UTF-8.</summary>
    public static byte[] ToBytes(ReadOnlySpan<char> text)
    {
        int length = 0;
        foreach (char c in text)
        {
            length += c < 0x100 ? 1 : c < 0x800 ? 2 : 3;
        }

        byte[] bytes = new byte[length];
        int at = 0;
        foreach (char c in text)
        {
            if (c < 0x100)
            {
                bytes[at++] = (byte)c;
            }
            else if (c < 0x800)
            {
                bytes[at++] = (byte)(0xC0 | (c >> 6));
                bytes[at++] = (byte)(0x80 | (c & 0x3F));
            }
            else
            {
                bytes[at++] = (byte)(0xE0 | (c >> 12));
                bytes[at++] = (byte)(0x80 | ((c >> 6) & 0x3F));
                bytes[at++] = (byte)(0x80 | (c & 0x3F));
            }
        }

        return bytes;
    }

    /// <summary>Whether bytes begin with a text of ASCII.</summary>
    public static bool StartsWith(ReadOnlySpan<byte> bytes, ReadOnlySpan<char> text)
    {
        int at = 0;
        while (at < text.Length && at < bytes.Length && bytes[at] == text[at])
        {
            at++;
        }

        return at == text.Length;
    }

    /// <summary>What was typed as a byte string: UTF-8, a byte a character.</summary>
    /// <param name="typed">Characters of UCS-2.</param>
    /// <param name="text">Three times as long.</param>
    /// <returns>The byte string's length.</returns>
    public static int FromUcs2(ReadOnlySpan<char> typed, Span<char> text)
    {
        int at = 0;
        foreach (char c in typed)
        {
            if (c < 0x80)
            {
                text[at++] = c;
            }
            else if (c < 0x800)
            {
                text[at++] = (char)(0xC0 | (c >> 6));
                text[at++] = (char)(0x80 | (c & 0x3F));
            }
            else
            {
                text[at++] = (char)(0xE0 | (c >> 12));
                text[at++] = (char)(0x80 | ((c >> 6) & 0x3F));
                text[at++] = (char)(0x80 | (c & 0x3F));
            }
        }

        return at;
    }

    /// <summary>
    /// The next character of a byte string for the firmware (UCS-2): a UTF-8 sequence is decoded, a byte that is not part of one stands for
    /// itself, and what UCS-2 has no room for becomes U+FFFD.
    /// </summary>
    /// <param name="text">A byte string.</param>
    /// <param name="at">Moved past what was read; must be below the text's length.</param>
    public static char NextUcs2(ReadOnlySpan<char> text, ref int at)
    {
        char first = text[at++];
        int more = first switch
        {
            >= (char)0xC2 and < (char)0xE0 => 1,
            >= (char)0xE0 and < (char)0xF0 => 2,
            >= (char)0xF0 and < (char)0xF5 => 3,
            _ => 0,
        };
        if (more == 0 || at + more > text.Length)
        {
            return first;
        }

        int value = first & (0x3F >> more);
        for (int i = 0; i < more; i++)
        {
            char next = text[at + i];
            if (next is < (char)0x80 or > (char)0xBF)
            {
                return first;
            }

            value = (value << 6) | (next & 0x3F);
        }

        at += more;
        return value is > 0xFFFF or (>= 0xD800 and < 0xE000) ? '\uFFFD' : (char)value;
    }

    /// <summary>Whether two texts differ in case and in the kind of slash at most.</summary>
    public static bool IsSamePath(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => a.Length == b.Length && EndsWithPath(a, b);

    /// <summary>Whether the end of a text differs from another in case and in the kind of slash at most.</summary>
    public static bool EndsWithPath(ReadOnlySpan<char> text, ReadOnlySpan<char> end)
    {
        if (text.Length < end.Length)
        {
            return false;
        }

        for (int i = 0; i < end.Length; i++)
        {
            if (FoldPath(text[text.Length - end.Length + i]) != FoldPath(end[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A character of a path with what makes no difference in it undone: case (of ASCII) and the kind of slash.</summary>
    public static char FoldPath(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c == '/' ? '\\' : c;

    /// <summary>What the script language splits words at: C's isspace().</summary>
    public static bool IsSpace(char c) => c == ' ' || (c >= '\t' && c <= '\r');

    public static bool IsSpace(byte b) => IsSpace((char)b);

    /// <summary>Joins with one blank between, as echo, set and imgargs do with what is left of their arguments.</summary>
    public static string Join(ReadOnlySpan<string> words)
    {
        if (words.Length == 0)
        {
            return "";
        }

        if (words.Length == 1)
        {
            return words[0];
        }

        int length = words.Length - 1;
        foreach (string word in words)
        {
            length += word.Length;
        }

        char[] joined = new char[length];
        int at = 0;
        for (int i = 0; i < words.Length; i++)
        {
            if (i > 0)
            {
                joined[at++] = ' ';
            }

            words[i].AsSpan().CopyTo(new Span<char>(joined, at, words[i].Length));
            at += words[i].Length;
        }

        return new string(joined);
    }
}
