using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Pairs of key and value in logins and texts: "key=value", each with a zero behind it (RFC 7143, 6.1).</summary>
internal static class IscsiText
{
    /// <summary>Bytes of a key (RFC 7143, 6.1).</summary>
    public const int MaximumKey = 63;

    /// <summary>Cuts off the next pair; false at the end, and where there is no pair.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = default;
        value = default;
        while (!rest.IsEmpty && rest[0] == 0)
        {
            rest = rest.Slice(1);
        }

        int end = rest.IndexOf((byte)0);
        ReadOnlySpan<byte> pair = end < 0 ? rest : rest.Slice(0, end);
        int equals = pair.IndexOf((byte)'=');
        if (equals < 1 || equals > MaximumKey)
        {
            return false;
        }

        key = pair.Slice(0, equals);
        value = pair.Slice(equals + 1);
        rest = end < 0 ? default : rest.Slice(end + 1);
        return true;
    }

    /// <summary>Whether a list "a,b,c" has an item.</summary>
    public static bool Has(ReadOnlySpan<byte> list, ReadOnlySpan<byte> item)
    {
        while (AsciiText.TryCut(ref list, (byte)',', out ReadOnlySpan<byte> part))
        {
            if (part.SequenceEqual(item))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A number, in decimal or "0x" and hexadecimal (RFC 7143, 6.1).</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> text, out ulong value) => IsHexadecimal(text)
        ? AsciiText.TryReadHexadecimal(text.Slice(2), out value)
        : AsciiText.TryReadDecimal(text, out value);

    /// <summary>Bytes as "0x" and hexadecimal, or "0b" and base64 (RFC 7143, 6.1).</summary>
    /// <param name="text">The value.</param>
    /// <param name="bytes">Gets them.</param>
    /// <returns>How many; -1 when the text is neither, or they do not fit.</returns>
    public static int ReadBytes(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        bool isHexadecimal = IsHexadecimal(text);
        if (!isHexadecimal && !(text.Length > 2 && text[0] == '0' && (text[1] | 0x20) == 'b'))
        {
            return -1;
        }

        text = text.Slice(2);
        int bitsEach = isHexadecimal ? 4 : 6;
        uint bits = 0;
        int count = isHexadecimal && text.Length % 2 != 0 ? 4 : 0; // An odd digit in front stands alone.
        int length = 0;
        foreach (byte c in text)
        {
            if (!isHexadecimal && c == '=')
            {
                break;
            }

            int digit = isHexadecimal ? HexadecimalDigit(c) : Base64Digit(c);
            if (digit < 0)
            {
                return -1;
            }

            bits = (bits << bitsEach) | (uint)digit;
            count += bitsEach;
            if (count >= 8)
            {
                if (length == bytes.Length)
                {
                    return -1;
                }

                count -= 8;
                bytes[length++] = (byte)(bits >> count);
            }
        }

        return length;
    }

    private static bool IsHexadecimal(ReadOnlySpan<byte> text) => text.Length > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';

    private static int HexadecimalDigit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };

    private static int Base64Digit(byte c) => c switch
    {
        >= (byte)'A' and <= (byte)'Z' => c - 'A',
        >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
