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
        }

        return isThere;
    }
}
