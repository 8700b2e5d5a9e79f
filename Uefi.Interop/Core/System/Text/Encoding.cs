using System.Runtime.CompilerServices;

namespace System.Text;

/// <summary>Latin-1, the one encoding that there is here: each byte is the character of the same value.</summary>
public class Encoding
{
    private Encoding()
    {
    }

    public static Encoding Latin1 { get; } = new();

    public string GetString(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[i] = (char)bytes[i];
        }

        return new string(text);
    }

    /// <summary>A character that is no byte becomes '?'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int GetBytes(ReadOnlySpan<char> chars, Span<byte> bytes)
    {
        for (int i = 0; i < chars.Length; i++)
        {
            bytes[i] = chars[i] < 0x100 ? (byte)chars[i] : (byte)'?';
        }

        return chars.Length;
    }
}
