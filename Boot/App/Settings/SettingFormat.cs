using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>The setting types' text forms. Values come from outside: no content or length makes formatting fail, only come out empty.</summary>
public static class SettingFormat
{
    public static bool TryFindType(ReadOnlySpan<char> name, out SettingType type)
    {
        for (type = SettingType.DnsSearchList; type != SettingType.None && !name.SequenceEqual(NameOf(type)); type--)
        {
        }

        return type != SettingType.None;
    }

    /// <summary>The name that scripts use for a type.</summary>
    public static string NameOf(SettingType type) => type switch
    {
        SettingType.UriString => "uristring",
        SettingType.IPv4 => "ipv4",
        SettingType.IPv6 => "ipv6",
        SettingType.Int8 => "int8",
        SettingType.Int16 => "int16",
        SettingType.Int32 => "int32",
        SettingType.UInt8 => "uint8",
        SettingType.UInt16 => "uint16",
        SettingType.UInt32 => "uint32",
        SettingType.Hex => "hex",
        SettingType.HexHyphen => "hexhyp",
        SettingType.HexRaw => "hexraw",
        SettingType.Base64 => "base64",
        SettingType.Uuid => "uuid",
        SettingType.Guid => "guid",
        SettingType.BusDeviceFunction => "busdevfn",
        SettingType.DnsSearchList => "dnssl",
        _ => "string",
    };

    /// <summary>Reads text as a value of a type; false when it is none.</summary>
    public static bool TryParse(SettingType type, ReadOnlySpan<char> text, out byte[] value)
    {
        switch (type)
        {
            case SettingType.UriString:
                return TryParseUriString(text, out value);
            case SettingType.IPv4:
                value = new byte[4];
                if (!IPv4Address.TryParse(text, out IPv4Address address))
                {
                    return false;
                }

                BinaryPrimitives.WriteUInt32BigEndian(value, address.Value);
                return true;
            case SettingType.IPv6:
                value = new byte[IPAddress.IPv6Size];
                if (!IPAddress.TryParse(text, out IPAddress v6) || v6.Family != AddressFamily.IPv6)
                {
                    return false;
                }

                v6.CopyTo(value);
                return true;
            case SettingType.Int8 or SettingType.UInt8:
                return TryParseInteger(text, 1, out value);
            case SettingType.Int16 or SettingType.UInt16:
                return TryParseInteger(text, 2, out value);
            case SettingType.Int32 or SettingType.UInt32:
                return TryParseInteger(text, 4, out value);
            case SettingType.Hex:
                return HexText.TryParse(text, ':', out value);
            case SettingType.HexHyphen:
                return HexText.TryParse(text, '-', out value);
            case SettingType.HexRaw:
                return HexText.TryParse(text, '\0', out value);
            case SettingType.Base64:
                return TryParseBase64(text, out value);
            case SettingType.Uuid or SettingType.Guid:
                return UuidText.TryParse(text, type == SettingType.Guid, out value);
            case SettingType.DnsSearchList:
                return DnsSearchText.TryParse(text, out value);
            case SettingType.BusDeviceFunction:
                value = [];
                return false;
            default:
                value = ByteText.ToBytes(text);
                return true;
        }
    }

    /// <summary>Writes a value as text; empty when it is no value of the type.</summary>
    public static string Format(SettingType type, ReadOnlySpan<byte> value) => TryFormat(type, value) ?? "";

    /// <summary>Writes a value as text; null when it is no value of the type.</summary>
    public static string? TryFormat(SettingType type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case SettingType.None or SettingType.String:
                int end = value.IndexOf((byte)0);
                return Encoding.Latin1.GetString(end < 0 ? value : value.Slice(0, end));
            case SettingType.UriString:
                return FormatUriString(value);
            case SettingType.IPv4:
                return value.Length < 4 ? null : TextBuilder.Format($"{new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(value))}");
            case SettingType.IPv6:
                return value.Length < IPAddress.IPv6Size ? null : TextBuilder.Format($"{new IPAddress(value)}");
            case SettingType.Int8 or SettingType.Int16 or SettingType.Int32:
                return TryReadInteger(value, true, out long signed) ? TextBuilder.Format($"{signed}") : null;
            case SettingType.UInt8 or SettingType.UInt16 or SettingType.UInt32:
                return TryReadInteger(value, false, out long unsigned) ? TextBuilder.Format($"0x{(ulong)unsigned:x}") : null;
            case SettingType.Hex:
                return HexText.Format(value, ':');
            case SettingType.HexHyphen:
                return HexText.Format(value, '-');
            case SettingType.HexRaw:
                return HexText.Format(value, '\0');
            case SettingType.Base64:
                return Convert.ToBase64String(value);
            case SettingType.Uuid or SettingType.Guid:
                return value.Length == 16 ? UuidText.Format(value, type == SettingType.Guid) : null;
            case SettingType.BusDeviceFunction:
                return TryReadInteger(value, false, out long location) ? FormatLocation((ulong)location) : null;
            default:
                return DnsSearchText.Format(value);
        }
    }

    /// <summary>The value as a big-endian integer, extended by its first bit when signed; false when it has more than 64 significant bits.</summary>
    public static bool TryReadInteger(ReadOnlySpan<byte> value, bool signed, out long integer)
    {
        byte padding = signed && value.Length > 0 && value[0] >= 0x80 ? (byte)0xFF : (byte)0;
        integer = padding == 0 ? 0 : -1;
        for (int i = 0; i < value.Length; i++)
        {
            if (value.Length - i > 8 && value[i] != padding)
            {
                return false;
            }

            integer = (integer << 8) | value[i];
        }

        return true;
    }

    /// <summary>Writes an integer in so many bytes, big-endian.</summary>
    public static byte[] WriteInteger(long integer, int size)
    {
        byte[] value = new byte[size];
        for (int i = size - 1; i >= 0; i--)
        {
            value[i] = (byte)integer;
            integer >>= 8;
        }

        return value;
    }

    /// <summary>How many bytes an integer of the type has; 0 for other types.</summary>
    public static int IntegerSize(SettingType type) => type switch
    {
        SettingType.Int8 or SettingType.UInt8 => 1,
        SettingType.Int16 or SettingType.UInt16 => 2,
        SettingType.Int32 or SettingType.UInt32 => 4,
        _ => 0,
    };

    public static bool IsSigned(SettingType type) => type is SettingType.Int8 or SettingType.Int16 or SettingType.Int32;

    private static bool TryParseInteger(ReadOnlySpan<char> text, int size, out byte[] value)
    {
        bool parsed = Number.TryParse(text, out long integer);
        value = WriteInteger(integer, size); // what does not fit loses its first bytes
        return parsed;
    }

    /// <summary>White space may stand anywhere; nothing else is nothing.</summary>
    private static bool TryParseBase64(ReadOnlySpan<char> text, out byte[] value)
    {
        Span<char> digits = new char[text.Length];
        int length = 0;
        foreach (char c in text)
        {
            if (!ByteText.IsSpace(c))
            {
                digits[length++] = c;
            }
        }

        int padding = length < 4 || digits[length - 1] != '=' ? 0 : digits[length - 2] != '=' ? 1 : 2;
        value = new byte[length / 4 * 3 - padding];
        return length == 0 || (Convert.TryFromBase64Chars(digits.Slice(0, length), value, out int count) && count == value.Length);
    }

    /// <summary>A "%" may have one digit; without any it stands for itself.</summary>
    private static bool TryParseUriString(ReadOnlySpan<char> text, out byte[] value)
    {
        char[] decoded = new char[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '%' && i + 1 < text.Length && char.IsAsciiHexDigit(text[i + 1]))
            {
                uint encoded = Number.DigitValue(text[++i]);
                if (i + 1 < text.Length && char.IsAsciiHexDigit(text[i + 1]))
                {
                    encoded = (encoded << 4) | Number.DigitValue(text[++i]);
                }

                c = (char)encoded;
            }

            decoded[length++] = c;
        }

        value = ByteText.ToBytes(new ReadOnlySpan<char>(decoded, 0, length));
        return true;
    }

    /// <summary>Encodes what a URI, or a query in one, is split at; and blanks, percent signs and what does not print.</summary>
    private static string FormatUriString(ReadOnlySpan<byte> value)
    {
        TextBuilder text = new(value.Length, 1);
        foreach (byte b in value)
        {
            if (b is <= (byte)' ' or >= 0x7F || "/#:@?=&+%".AsSpan().IndexOf((char)b) >= 0)
            {
                text.Append('%');
                text.AppendFormatted((uint)b, "X2");
            }
            else
            {
                text.Append((char)b);
            }
        }

        return text.ToString();
    }

    /// <summary>"0000:00:02.0": segment, bus, device and function (8.5.3 bits).</summary>
    private static string FormatLocation(ulong location) =>
        TextBuilder.Format($"{(location >> 16) & 0xFFFF:x4}:{(location >> 8) & 0xFF:x2}:{(location >> 3) & 0x1F:x2}.{location & 7:x}");
}
