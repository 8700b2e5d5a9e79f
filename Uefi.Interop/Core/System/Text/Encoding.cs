using System.Runtime.CompilerServices;

namespace System.Text;

/// <summary>Latin-1: each byte is the character of the same value. The other encoding that there is here is a type of its own.</summary>
public class Encoding
{
    private Encoding()
    {
    }

    public static Encoding Latin1 { get; } = new();

    public static UTF8Encoding UTF8 => Utf8.Instance;

    /// <summary>Apart, so that who needs Latin-1 alone has that alone.</summary>
    private static class Utf8
    {
        internal static readonly UTF8Encoding Instance = new();
    }

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
