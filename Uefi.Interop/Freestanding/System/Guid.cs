using System.Buffers.Binary;
using System.Globalization;
using NetBoot.Uefi.Interop;

namespace System;

/// <summary>16 bytes, which lie as those of EFI_GUID do.</summary>
public readonly struct Guid(
    uint a, ushort b, ushort c, byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k) :
    IEquatable<Guid>, IComparable<Guid>, ISpanFormattable
{
    public static readonly Guid Empty;

    private const int LongestText = 38;

    private readonly uint _a = a;
    private readonly ushort _b = b;
    private readonly ushort _c = c;
    private readonly byte _d = d;
    private readonly byte _e = e;
    private readonly byte _f = f;
    private readonly byte _g = g;
    private readonly byte _h = h;
    private readonly byte _i = i;
    private readonly byte _j = j;
    private readonly byte _k = k;

    /// <summary>16 bytes, the first three fields little-endian.</summary>
    public Guid(ReadOnlySpan<byte> b)
        : this(
            BinaryPrimitives.ReadUInt32LittleEndian(b), BinaryPrimitives.ReadUInt16LittleEndian(b.Slice(4)),
            BinaryPrimitives.ReadUInt16LittleEndian(b.Slice(6)), b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15])
    {
        if (b.Length != 16)
        {
            throw new ArgumentException("a GUID has 16 bytes");
        }
    }

    public Guid(byte[] b)
        : this(new ReadOnlySpan<byte>(b))
    {
    }

    public Guid(string g)
        : this(Parse(g).ToByteArray())
    {
    }

    /// <summary>A random one of version 4 (RFC 9562, 5.4).</summary>
    public static Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!Random.TryFill(bytes))
        {
            Random.Shared.NextBytes(bytes);
        }

        bytes[7] = (byte)((bytes[7] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes);
    }

    public static Guid Parse(string input) => Parse(input.AsSpan());

    public static Guid Parse(ReadOnlySpan<char> input)
    {
        if (!TryParse(input, out Guid result))
        {
            throw new FormatException(string.Concat("'", input, "' is no GUID"));
        }

        return result;
    }

    public static bool TryParse(string? input, out Guid result) => TryParse(input.AsSpan(), out result);

    /// <summary>The formats D, B, P and N, with white space around them.</summary>
    public static bool TryParse(ReadOnlySpan<char> input, out Guid result)
    {
        result = default;
        ReadOnlySpan<char> text = input.Trim();
        if (text.Length == 38 && (text[0], text[37]) is ('{', '}') or ('(', ')'))
        {
            text = text.Slice(1, 36);
        }

        Span<char> digits = stackalloc char[32];
        if (text.Length == 36)
        {
            if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
            {
                return false;
            }

            text.Slice(0, 8).CopyTo(digits);
            text.Slice(9, 4).CopyTo(digits.Slice(8));
            text.Slice(14, 4).CopyTo(digits.Slice(12));
            text.Slice(19, 4).CopyTo(digits.Slice(16));
            text.Slice(24, 12).CopyTo(digits.Slice(20));
        }
        else if (!text.TryCopyTo(digits) || text.Length != digits.Length)
        {
            return false;
        }

        if (!ulong.TryParse(digits.Slice(0, 16), NumberStyles.AllowHexSpecifier, null, out ulong high) ||
            !ulong.TryParse(digits.Slice(16), NumberStyles.AllowHexSpecifier, null, out ulong low))
        {
            return false;
        }

        result = new Guid(
            (uint)(high >> 32), (ushort)(high >> 16), (ushort)high, (byte)(low >> 56), (byte)(low >> 48), (byte)(low >> 40), (byte)(low >> 32),
            (byte)(low >> 24), (byte)(low >> 16), (byte)(low >> 8), (byte)low);
        return true;
    }

    public byte[] ToByteArray()
    {
        byte[] bytes = new byte[16];
        TryWriteBytes(bytes);
        return bytes;
    }

    public bool TryWriteBytes(Span<byte> destination)
    {
        if (destination.Length < 16)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination, _a);
        BinaryPrimitives.WriteUInt16LittleEndian(destination.Slice(4), _b);
        BinaryPrimitives.WriteUInt16LittleEndian(destination.Slice(6), _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination.Slice(8), Low);
        return true;
    }

    /// <summary>The last eight bytes, in the order of the text.</summary>
    private ulong Low =>
        ((ulong)_d << 56) | ((ulong)_e << 48) | ((ulong)_f << 40) | ((ulong)_g << 32) |
        ((ulong)_h << 24) | ((ulong)_i << 16) | ((ulong)_j << 8) | _k;

    public override string ToString() => ToString("D");

    /// <summary>D: 8-4-4-4-12 digits; N without hyphens, B in braces, P in parentheses.</summary>
    public string ToString(string? format)
    {
        Span<char> text = stackalloc char[LongestText];
        TryFormat(text, out int length, format);
        return new string(text.Slice(0, length));
    }

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        char kind = format.IsEmpty ? 'd' : (char)(format[0] | 0x20);
        if (format.Length > 1 || kind is not ('d' or 'n' or 'b' or 'p'))
        {
            throw new FormatException(string.Concat("'", format, "' is no format of GUIDs here: D, N, B or P"));
        }

        charsWritten = kind == 'n' ? 32 : kind == 'd' ? 36 : 38;
        if (destination.Length < charsWritten)
        {
            charsWritten = 0;
            return false;
        }

        Span<char> rest = destination;
        if (charsWritten == 38)
        {
            destination[0] = kind == 'b' ? '{' : '(';
            destination[37] = kind == 'b' ? '}' : ')';
            rest = destination.Slice(1);
        }

        bool hasHyphens = kind != 'n';
        Write(ref rest, _a, "x8", hasHyphens);
        Write(ref rest, _b, "x4", hasHyphens);
        Write(ref rest, _c, "x4", hasHyphens);
        Write(ref rest, Low >> 48, "x4", hasHyphens);
        Write(ref rest, Low & 0xFFFF_FFFF_FFFF, "x12", false);
        return true;
    }

    private static void Write(ref Span<char> rest, ulong field, string format, bool hasHyphen)
    {
        field.TryFormat(rest, out int length, format);
        rest = rest.Slice(length);
        if (hasHyphen)
        {
            rest[0] = '-';
            rest = rest.Slice(1);
        }
    }

    public bool Equals(Guid other) => _a == other._a && _b == other._b && _c == other._c && Low == other.Low;

    public override bool Equals(object? obj) => obj is Guid other && Equals(other);

    public override int GetHashCode() => (int)_a ^ ((_b << 16) | _c) ^ Low.GetHashCode();

    public int CompareTo(Guid other)
    {
        int order = _a.CompareTo(other._a);
        order = order != 0 ? order : _b.CompareTo(other._b);
        order = order != 0 ? order : _c.CompareTo(other._c);
        return order != 0 ? order : Low.CompareTo(other.Low);
    }

    public static bool operator ==(Guid a, Guid b) => a.Equals(b);

    public static bool operator !=(Guid a, Guid b) => !a.Equals(b);
}
