using System;

namespace NetBoot.Boot.App.Script;

/// <summary>A script's bytes as lines: recognition, continuation lines and labels.</summary>
public readonly ref struct ScriptText(ReadOnlySpan<byte> content)
{
    /// <summary>A longer line is no command, but a file that only begins as a script.</summary>
    public const int MaximumLine = Expansion.MaximumLength;

    private readonly ReadOnlySpan<byte> _content = content;

    /// <summary>Room for any line, in the current arena.</summary>
    public byte[] MakeBuffer() => new byte[Math.Min(_content.Length, MaximumLine)];

    /// <summary>True when the content is a script: "#!ipxe" or "#!gpxe", and a white space byte after it.</summary>
    public static bool IsScript(ReadOnlySpan<byte> content) =>
        content.Length >= 7 && ByteText.IsSpace(content[6]) &&
        (content.StartsWith("#!ipxe"u8) || content.StartsWith("#!gpxe"u8));

    /// <summary>Reads the logical line (continuation lines joined) that starts at <paramref name="position"/>.</summary>
    /// <param name="position">Moved to the start of the next line.</param>
    /// <param name="lineNumber">The number of the physical line at <paramref name="position"/>, from 1; moved along.</param>
    /// <param name="line">Receives the line's bytes: see <see cref="MakeBuffer"/>.</param>
    /// <param name="length">The line's length.</param>
    public LineRead ReadLine(ref int position, ref int lineNumber, Span<byte> line, out int length)
    {
        length = 0;
        if (position >= _content.Length)
        {
            return LineRead.End;
        }

        bool isTooLong = false;
        while (true)
        {
            ReadOnlySpan<byte> physical = NextPhysical(ref position, ref lineNumber);
            bool continues = physical.Length > 0 && physical[physical.Length - 1] == (byte)'\\';
            if (continues)
            {
                physical = physical.Slice(0, physical.Length - 1);
            }

            isTooLong |= physical.Length > line.Length - length;
            physical = physical.Slice(0, Math.Min(physical.Length, line.Length - length));
            physical.CopyTo(line.Slice(length));
            length += physical.Length;
            if (!continues)
            {
                return isTooLong ? LineRead.TooLong : LineRead.Line;
            }

            if (position >= _content.Length)
            {
                return LineRead.DanglingContinuation;
            }
        }
    }

    /// <summary>Finds the first line labelled <paramref name="label"/>; false when there is none.</summary>
    /// <param name="label">Without its colon.</param>
    /// <param name="position">Where the label's line starts.</param>
    /// <param name="lineNumber">Its number.</param>
    public bool TryFindLabel(ReadOnlySpan<byte> label, out int position, out int lineNumber)
    {
        int next = 0;
        int nextNumber = 1;
        byte[] line = MakeBuffer();
        do
        {
            position = next;
            lineNumber = nextNumber;
            if (ReadLine(ref next, ref nextNumber, line, out int length) is LineRead.End or LineRead.DanglingContinuation)
            {
                return false;
            }

            ReadOnlySpan<byte> text = new(line, 0, length);
            if (TrySplitLabel(ref text, out ReadOnlySpan<byte> found) && found.SequenceEqual(label))
            {
                return true;
            }
        }
        while (true);
    }

    /// <summary>What is wrong with a line that is none.</summary>
    public static string Explain(LineRead read) => read == LineRead.TooLong ? "the line has more than a MiB" : "the last line ends with a backslash";

    /// <summary>Takes leading white space and, if there is one, the label off a line; what is left is the line's command.</summary>
    public static bool TrySplitLabel(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> label)
    {
        int start = 0;
        while (start < line.Length && ByteText.IsSpace(line[start]))
        {
            start++;
        }

        line = line.Slice(start);
        label = default;
        if (line.Length == 0 || line[0] != (byte)':')
        {
            return false;
        }

        int end = 1;
        while (end < line.Length && !ByteText.IsSpace(line[end]))
        {
            end++;
        }

        label = line.Slice(1, end - 1);
        line = line.Slice(end);
        return true;
    }

    private ReadOnlySpan<byte> NextPhysical(ref int position, ref int lineNumber)
    {
        ReadOnlySpan<byte> rest = _content.Slice(position);
        int end = rest.IndexOf((byte)'\n');
        position = end < 0 ? _content.Length : position + end + 1;
        lineNumber++;
        ReadOnlySpan<byte> line = end < 0 ? rest : rest.Slice(0, end);
        return line.Length > 0 && line[line.Length - 1] == (byte)'\r' ? line.Slice(0, line.Length - 1) : line;
    }
}

/// <summary>What <see cref="ScriptText.ReadLine"/> found.</summary>
public enum LineRead
{
    Line,
    End,

    /// <summary>The last line ends with a backslash: there is nothing to join it with.</summary>
    DanglingContinuation,

    /// <summary>The line has more than <see cref="ScriptText.MaximumLine"/> bytes: it was cut.</summary>
    TooLong,
}
