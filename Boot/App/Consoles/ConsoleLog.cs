using System;

namespace NetBoot.Boot.App.Consoles;

/// <summary>The last of what was written, without colours. Of a line that is written over, as progress is, the last state stays.</summary>
public sealed class ConsoleLog
{
    /// <summary>Bytes that are kept, as iPXE does.</summary>
    private const int Size = 8192;

    private readonly byte[] _log = new byte[Size];
    private readonly EscapeSequences _sequences = new();
    private int _end;
    private int _length;
    private ulong _position;

    /// <summary>How many characters there were up to the end of the last whole line, those that were written over left out.</summary>
    public ulong LinesEnd { get; private set; }

    /// <summary>While it is, what is written is not kept: menus and forms.</summary>
    public bool IsPaused { get; set; }

    public void Write(ReadOnlySpan<char> text)
    {
        foreach (char c in IsPaused ? default : text)
        {
            if (!_sequences.Take(c))
            {
                Keep(c);
            }
        }
    }

    /// <summary>What was kept, in the current arena.</summary>
    public byte[] Read()
    {
        byte[] log = new byte[_length];
        for (int i = 0; i < _length; i++)
        {
            log[i] = _log[(_end - _length + i + Size) % Size];
        }

        return log;
    }

    /// <summary>Reads a line, without its end.</summary>
    /// <param name="position">Where it begins, below <see cref="LinesEnd"/>; moved behind it. What is not kept any more is passed over.</param>
    /// <param name="line">Receives what fits; the rest is the next line. Blanks stand for control characters.</param>
    /// <returns>How many bytes there are.</returns>
    public int ReadLine(ref ulong position, Span<byte> line)
    {
        position = Math.Max(position, _position - (ulong)_length);
        int length = 0;
        while (position < LinesEnd)
        {
            byte c = _log[(_end - (int)(_position - position) + Size) % Size];
            if (c != (byte)'\n' && length == line.Length)
            {
                break;
            }

            position++;
            if (c == (byte)'\n')
            {
                break;
            }

            line[length++] = c < ' ' ? (byte)' ' : c;
        }

        return length;
    }

    private void Keep(char c)
    {
        if (c == '\b')
        {
            TryTakeBack();
        }
        else if (c == '\r')
        {
            while (TryTakeBack())
            {
            }
        }
        else
        {
            _log[_end] = (byte)(c <= 0xFF ? c : '?');
            _end = (_end + 1) % Size;
            _length = Math.Min(_length + 1, Size);
            _position++;
            LinesEnd = c == '\n' ? _position : LinesEnd;
        }
    }

    /// <summary>Forgets the last character of the line; false when it has none.</summary>
    private bool TryTakeBack()
    {
        int last = (_end + Size - 1) % Size;
        bool isThere = _length > 0 && _log[last] != (byte)'\n';
        if (isThere)
        {
            _end = last;
            _length--;
            _position--;
        }

        return isThere;
    }
}
