using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A distinguished name (RFC 5280, 4.1.2.4), as text.</summary>
public static class X509Name
{
    /// <summary>Parts behind so many are not read: they are gone over once for each.</summary>
    public const int MaximumParts = 64;

    private const byte UniversalString = 0x1C; // UCS-4
    private const ulong FoldPrime = 0x100000001B3;

    /// <summary>Writes a name as RFC 4514, 2 has it, the last part first: "CN=Example CA,O=Example,C=DE"; of a damaged one what can be read.</summary>
    /// <param name="text">Gets it: bytes of UTF-8.</param>
    /// <param name="name">The value with its tag and length.</param>
    public static void AppendTo(ref TextBuilder text, ReadOnlySpan<byte> name)
    {
        for (int i = CountParts(name) - 1; i >= 0; i--)
        {
            DerReader attributes = new(Part(name, i));
            bool isFirst = true;
            while (attributes.Read())
            {
                text.Append(isFirst ? "" : "+");
                isFirst = false;
                AppendAttribute(ref text, attributes.Value);
            }

            text.Append(i > 0 ? "," : "");
        }
    }

    /// <summary>Writes the value of a name's last common name (2.5.4.3), or the whole name when it has none.</summary>
    /// <param name="text">Gets it: bytes of UTF-8.</param>
    /// <param name="name">The value with its tag and length.</param>
    public static void AppendCommonName(ref TextBuilder text, ReadOnlySpan<byte> name)
    {
        for (int i = CountParts(name) - 1; i >= 0; i--)
        {
            DerReader attributes = new(Part(name, i));
            while (attributes.Read())
            {
                DerReader attribute = new(attributes.Value);
                if (attribute.Read(DerReader.ObjectIdentifier) && Keyword(attribute.Value) == "CN" && attribute.Read() && IsText(attribute.Tag))
                {
                    AppendText(ref text, attribute.Tag, attribute.Value);
                    return;
                }
            }
        }

        AppendTo(ref text, name);
    }

    /// <summary>
    /// Whether OpenSSL may take two names for the same: it compares texts without regard to case, blanks and how they are encoded, and reads lengths
    /// that are not as DER has them. True for more than those: only letters and digits of ASCII are compared.
    /// </summary>
    /// <param name="name">The value with its tag and length.</param>
    /// <param name="other">The same.</param>
    public static bool MayBeSame(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) =>
        !TryFold(name, out ulong folded) || !TryFold(other, out ulong otherFolded) || folded == otherFolded;

    /// <summary>What is the same number for names that may be the same; false for a damaged one.</summary>
    private static bool TryFold(ReadOnlySpan<byte> name, out ulong folded)
    {
        folded = 0;
        DerReader whole = new(name);
        bool isGood = whole.Read(DerReader.Sequence);
        DerReader parts = new(whole.Value);
        while (parts.Read())
        {
            DerReader attributes = new(parts.Value);
            ulong sum = 0; // In any order.
            while (attributes.Read())
            {
                DerReader attribute = new(attributes.Value);
                attribute.Read(DerReader.ObjectIdentifier);
                ulong one = 0;
                foreach (byte b in attribute.Value)
                {
                    one = (one + b) * FoldPrime;
                }

                isGood &= attribute.Read();
                sum += Fold(one, attribute.Value, attribute.Tag switch { DerReader.BmpString => 2, UniversalString => 4, _ => 1 });
            }

            isGood &= !attributes.IsDamaged;
            folded = (folded + sum) * FoldPrime;
        }

        return isGood && !parts.IsDamaged;
    }

    private static ulong Fold(ulong folded, ReadOnlySpan<byte> text, int stride)
    {
        for (int i = 0; i + stride <= text.Length; i += stride)
        {
            int before = 0;
            for (int j = 0; j < stride - 1; j++)
            {
                before |= text[i + j];
            }

            byte c = AsciiText.ToLower(text[i + stride - 1]);
            if (before == 0 && c is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9'))
            {
                folded = (folded + c) * FoldPrime;
            }
        }

        return folded;
    }

    private static DerReader Parts(ReadOnlySpan<byte> name)
    {
        DerReader whole = new(name);
        whole.Read(DerReader.Sequence);
        return new DerReader(whole.Value);
    }

    private static int CountParts(ReadOnlySpan<byte> name)
    {
        DerReader parts = Parts(name);
        int count = 0;
        while (count < MaximumParts && parts.Read())
        {
            count++;
        }

        return count;
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> name, int index)
    {
        DerReader parts = Parts(name);
        while (parts.Read() && index > 0)
        {
            index--;
        }

        return parts.Value;
    }

    private static void AppendAttribute(ref TextBuilder text, ReadOnlySpan<byte> attribute)
    {
        DerReader reader = new(attribute);
        if (!reader.Read(DerReader.ObjectIdentifier))
        {
            return;
        }

        ReadOnlySpan<byte> type = reader.Value;
        string keyword = Keyword(type);
        if (!reader.Read())
        {
            return;
        }

        if (keyword.Length == 0 || !IsText(reader.Tag))
        {
            AppendIdentifier(ref text, type);
            text.Append("=#");
            foreach (byte b in reader.Whole)
            {
                text.AppendFormatted((uint)b, "x2");
            }

            return;
        }

        text.Append(keyword);
        text.Append('=');
        AppendText(ref text, reader.Tag, reader.Value);
    }

    // RFC 4514, 3.
    private static string Keyword(ReadOnlySpan<byte> type)
    {
        if (type.Length == 3 && type[0] == 0x55 && type[1] == 0x04)
        {
            return type[2] switch { 3 => "CN", 6 => "C", 7 => "L", 8 => "ST", 9 => "STREET", 10 => "O", 11 => "OU", _ => "" };
        }

        return type.SequenceEqual((ReadOnlySpan<byte>)[0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x19]) ? "DC"
            : type.SequenceEqual((ReadOnlySpan<byte>)[0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x01]) ? "UID"
            : "";
    }

    private static bool IsText(byte tag) => tag is
        DerReader.Utf8String or DerReader.PrintableString or DerReader.TeletexString or DerReader.IA5String or DerReader.BmpString;

    /// <summary>An object identifier in decimal (X.690, 8.19).</summary>
    private static void AppendIdentifier(ref TextBuilder text, ReadOnlySpan<byte> identifier)
    {
        ulong number = 0;
        bool isFirst = true;
        foreach (byte b in identifier)
        {
            number = (number << 7) | (b & 0x7Fu);
            if (b >= 0x80)
            {
                continue;
            }

            if (isFirst)
            {
                ulong root = Math.Min(number / 40, 2);
                text.AppendFormatted(root);
                number -= root * 40;
            }

            text.Append('.');
            text.AppendFormatted(number);
            isFirst = false;
            number = 0;
        }
    }

    // RFC 4514, 2.4.
    private static void AppendText(ref TextBuilder text, byte tag, ReadOnlySpan<byte> value)
    {
        int stride = tag == DerReader.BmpString ? 2 : 1;
        bool isUtf8 = tag == DerReader.Utf8String;
        for (int i = 0; i + stride <= value.Length; i += stride)
        {
            int c = stride == 2 ? WireBytes.Read16(value, i) : value[i];
            bool isEdge = (c == ' ' && (i == 0 || i + stride == value.Length)) || (c == '#' && i == 0);
            if (c is < ' ' or 0x7F)
            {
                text.Append('\\');
                text.AppendFormatted((uint)c, "x2");
            }
            else if (c < 0x80 || isUtf8)
            {
                text.Append(isEdge || c is '"' or '+' or ',' or ';' or '<' or '>' or '\\' ? "\\" : "");
                text.Append((char)c);
            }
            else if (c < 0x800)
            {
                text.Append((char)(0xC0 | (c >> 6)));
                text.Append((char)(0x80 | (c & 0x3F)));
            }
            else
            {
                text.Append((char)(0xE0 | (c >> 12)));
                text.Append((char)(0x80 | ((c >> 6) & 0x3F)));
                text.Append((char)(0x80 | (c & 0x3F)));
            }
        }
    }
}
