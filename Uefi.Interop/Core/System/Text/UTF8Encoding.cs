namespace System.Text;

/// <summary>UTF-8 (RFC 3629). What is not well-formed becomes U+FFFD, once for each part that begins well (The Unicode Standard, 3.9).</summary>
public sealed class UTF8Encoding
{
    private const int Replacement = 0xFFFD;

    public string GetString(byte[] bytes) => GetString(new ReadOnlySpan<byte>(bytes));

    public string GetString(byte[] bytes, int index, int count) => GetString(new ReadOnlySpan<byte>(bytes, index, count));

    public string GetString(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[bytes.Length]; // No byte becomes more than one.
        int length = 0;
        while (!bytes.IsEmpty)
        {
            int scalar = Decode(ref bytes);
            if (scalar >= 0x10000)
            {
                text[length++] = (char)(0xD7C0 + (scalar >> 10));
                scalar = 0xDC00 | (scalar & 0x3FF);
            }

            text[length++] = (char)scalar;
        }

        return new string(text, 0, length);
    }

    public byte[] GetBytes(string s)
    {
        byte[] bytes = new byte[GetByteCount(s)];
        GetBytes(s, bytes);
        return bytes;
    }

    public int GetBytes(ReadOnlySpan<char> chars, Span<byte> bytes)
    {
        int length = 0;
        while (!chars.IsEmpty)
        {
            int scalar = Decode(ref chars);
            int count = Count(scalar);
            if (count == 1)
            {
                bytes[length++] = (byte)scalar;
                continue;
            }

            for (int i = count - 1; i > 0; i--, scalar >>= 6)
            {
                bytes[length + i] = (byte)(0x80 | (scalar & 0x3F));
            }

            bytes[length] = (byte)((0xF00 >> count) | scalar);
            length += count;
        }

        return length;
    }

    public int GetByteCount(ReadOnlySpan<char> chars)
    {
        int count = 0;
        while (!chars.IsEmpty)
        {
            count += Count(Decode(ref chars));
        }

        return count;
    }

    public int GetByteCount(string chars) => GetByteCount(chars.AsSpan());

    private static int Count(int scalar) => scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;

    private static int Decode(ref ReadOnlySpan<char> chars)
    {
        char first = chars[0];
        chars = chars.Slice(1);
        if (first is < '\uD800' or > '\uDFFF')
        {
            return first;
        }

        if (first > '\uDBFF' || chars.IsEmpty || chars[0] is < '\uDC00' or > '\uDFFF')
        {
            return Replacement;
        }

        int scalar = 0x10000 + ((first & 0x3FF) << 10) + (chars[0] & 0x3FF);
        chars = chars.Slice(1);
        return scalar;
    }

    private static int Decode(ref ReadOnlySpan<byte> bytes)
    {
        int first = bytes[0];
        bytes = bytes.Slice(1);
        int more = first < 0x80 ? 0 : first is >= 0xC2 and <= 0xDF ? 1 : first is >= 0xE0 and <= 0xEF ? 2 : first is >= 0xF0 and <= 0xF4 ? 3 : -1;
        if (more <= 0)
        {
            return more == 0 ? first : Replacement;
        }

        // The second byte's range says what is too long, a surrogate, or beyond U+10FFFF.
        int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        int scalar = first & (0x3F >> more);
        for (; more > 0; more--)
        {
            if (bytes.IsEmpty || bytes[0] < least || bytes[0] > most)
            {
                return Replacement;
            }

            scalar = (scalar << 6) | (bytes[0] & 0x3F);
            bytes = bytes.Slice(1);
            least = 0x80;
            most = 0xBF;
        }

        return scalar;
    }
}
