using System.Buffers;

namespace System.Text;

/// <summary>Upper and lower case of ASCII, the only ones that there are here.</summary>
public static class Ascii
{
    public static bool EqualsIgnoreCase(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (int i = 0; i < left.Length; i++)
        {
            if (ToLower(left[i]) != ToLower(right[i]) || !char.IsAscii(left[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static OperationStatus ToUpper(ReadOnlySpan<char> source, Span<char> destination, out int charsWritten)
    {
        OperationStatus status = ToLower(source, destination, out charsWritten);
        foreach (ref char c in destination.Slice(0, charsWritten))
        {
            c = char.IsAsciiLetterLower(c) ? (char)(c - 0x20) : c;
        }

        return status;
    }

    /// <summary>Up to the first character that is not ASCII.</summary>
    public static OperationStatus ToLower(ReadOnlySpan<char> source, Span<char> destination, out int charsWritten)
    {
        for (charsWritten = 0; charsWritten < source.Length; charsWritten++)
        {
            if (!char.IsAscii(source[charsWritten]))
            {
                return OperationStatus.InvalidData;
            }

            if (charsWritten == destination.Length)
            {
                return OperationStatus.DestinationTooSmall;
            }

            destination[charsWritten] = ToLower(source[charsWritten]);
        }

        return OperationStatus.Done;
    }

    private static char ToLower(char c) => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
}
