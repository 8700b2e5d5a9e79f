using System.Buffers;
using System.Runtime.CompilerServices;

namespace System;

/// <summary>Bytes as text: Base64 with padding (RFC 4648, 4) and pairs of hexadecimal digits.</summary>
public static class Convert
{
    public static string ToBase64String(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[(bytes.Length + 2) / 3 * 4];
        for (int i = 0, at = 0; i < bytes.Length; i += 3, at += 4)
        {
            int left = bytes.Length - i;
            uint bits = ((uint)bytes[i] << 16) | (left > 1 ? (uint)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0u);
            text[at] = ToBase64Digit(bits >> 18);
            text[at + 1] = ToBase64Digit((bits >> 12) & 63);
            text[at + 2] = left > 1 ? ToBase64Digit((bits >> 6) & 63) : '=';
            text[at + 3] = left > 2 ? ToBase64Digit(bits & 63) : '=';
        }

        return new string(text);
    }

    /// <summary>Blanks, tabs and line ends may stand anywhere in the text; padding must be there.</summary>
    public static bool TryFromBase64Chars(ReadOnlySpan<char> chars, Span<byte> bytes, out int bytesWritten)
    {
        bytesWritten = 0;
        uint bits = 0;
        int digits = 0;
        int padding = 0;
        int length = 0;
        foreach (char c in chars)
        {
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                continue;
            }

            uint digit = c == '=' ? 0 : FromBase64Digit(c);
            padding += c == '=' ? 1 : 0;
            if (digit > 63 || digits == 4 || (padding > 0 && (c != '=' || digits < 2)))
            {
                return false;
            }

            bits = (bits << 6) | digit;
            if (++digits < 4)
            {
                continue;
            }

            for (int i = 0; i < 3 - padding; i++)
            {
                if (length == bytes.Length)
                {
                    return false;
                }

                bytes[length++] = (byte)(bits >> (16 - (8 * i)));
            }

            digits = padding > 0 ? 4 : 0; // Nothing may follow padding.
            bits = 0;
        }

        bytesWritten = length;
        return digits == (padding > 0 ? 4 : 0);
    }

    public static string ToHexString(byte[] inArray) => ToHexString(new ReadOnlySpan<byte>(inArray));

    public static string ToHexString(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[bytes.Length * 2];
        for (int i = 0; i < text.Length; i++)
        {
            int digit = i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0xF;
            text[i] = (char)(digit < 10 ? '0' + digit : 'A' + digit - 10);
        }

        return new string(text);
    }

    /// <summary>Digits in either case.</summary>
    public static OperationStatus FromHexString(
        ReadOnlySpan<char> source, Span<byte> destination, out int charsConsumed, out int bytesWritten)
    {
        bytesWritten = 0;
        while (source.Length - (bytesWritten * 2) >= 2 && bytesWritten < destination.Length &&
            TryFromHexDigits(source[bytesWritten * 2], source[(bytesWritten * 2) + 1], out destination[bytesWritten]))
        {
            bytesWritten++;
        }

        charsConsumed = bytesWritten * 2;
        return StatusOf(source.Length - charsConsumed, destination.Length - bytesWritten);
    }

    /// <summary>The same of ASCII.</summary>
    public static OperationStatus FromHexString(
        ReadOnlySpan<byte> utf8Source, Span<byte> destination, out int bytesConsumed, out int bytesWritten)
    {
        bytesWritten = 0;
        while (utf8Source.Length - (bytesWritten * 2) >= 2 && bytesWritten < destination.Length &&
            TryFromHexDigits((char)utf8Source[bytesWritten * 2], (char)utf8Source[(bytesWritten * 2) + 1], out destination[bytesWritten]))
        {
            bytesWritten++;
        }

        bytesConsumed = bytesWritten * 2;
        return StatusOf(utf8Source.Length - bytesConsumed, destination.Length - bytesWritten);
    }

    private static bool TryFromHexDigits(char high, char low, out byte value)
    {
        uint digits = (Number.FromHexDigit(high) << 4) | Number.FromHexDigit(low);
        value = (byte)digits;
        return digits < 256;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static OperationStatus StatusOf(int charactersLeft, int roomLeft) =>
        charactersLeft == 0 ? OperationStatus.Done
        : charactersLeft == 1 ? OperationStatus.NeedMoreData
        : roomLeft == 0 ? OperationStatus.DestinationTooSmall
        : OperationStatus.InvalidData;

    private static char ToBase64Digit(uint digit) => digit switch
    {
        < 26 => (char)('A' + digit),
        < 52 => (char)('a' + digit - 26),
        < 62 => (char)('0' + digit - 52),
        62 => '+',
        _ => '/',
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint FromBase64Digit(char c) => c switch
    {
        >= 'A' and <= 'Z' => (uint)(c - 'A'),
        >= 'a' and <= 'z' => (uint)(c - 'a' + 26),
        >= '0' and <= '9' => (uint)(c - '0' + 52),
        '+' => 62,
        '/' => 63,
        _ => 64,
    };
}
