using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>16 bytes as a UUID (RFC 4122: as stored) or as a GUID (the first three fields little-endian, as Microsoft and UEFI store them).</summary>
public static class UuidText
{
    private const int TextLength = 36;

    /// <summary>Reads 16 bytes of two digits; a hyphen may stand between any two of them.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, bool isGuid, out byte[] value)
    {
        value = new byte[16];
        int at = 0;
        for (int i = 0; i < 16; i++)
        {
            at += i > 0 && at < text.Length && text[at] == '-' ? 1 : 0;
            if (!HexText.TryReadByte(text, at, out value[Position(i, isGuid)]))
            {
                return false;
            }

            at += 2;
        }

        return at == text.Length;
    }

    /// <param name="value">At least 16 bytes.</param>
    /// <param name="isGuid">Stored as a GUID.</param>
    public static string Format(ReadOnlySpan<byte> value, bool isGuid)
    {
        TextBuilder text = new(TextLength, 0);
        for (int i = 0; i < 16; i++)
        {
            if (HasHyphenBefore(i))
            {
                text.Append('-');
            }

            text.AppendFormatted((uint)value[Position(i, isGuid)], "x2");
        }

        return text.ToString();
    }

    /// <summary>Where the i-th byte of the text is stored.</summary>
    public static int Position(int i, bool isGuid) => !isGuid || i >= 8 ? i : i < 4 ? 3 - i : i ^ 1;

    private static bool HasHyphenBefore(int i) => i is 4 or 6 or 8 or 10;
}
