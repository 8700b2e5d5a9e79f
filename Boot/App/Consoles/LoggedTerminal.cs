using System;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// A terminal that keeps the last of what was written, without colours, and without menus and forms: what comes between the cursor being moved
/// and the screen being cleared is one. Of a line that is written over, as progress is, the last state stays.
/// </summary>
public sealed class LoggedTerminal(Terminal terminal) : Terminal
{
    /// <summary>Bytes that are kept, as iPXE does.</summary>
    private const int Size = 8192;

    private readonly byte[] _log = new byte[Size];
    private readonly EscapeSequences _sequences = new();
    private int _end;
    private int _length;
    private bool _isScreen;

    /// <inheritdoc/>
    public override int Columns => terminal.Columns;

    /// <inheritdoc/>
    public override int Rows => terminal.Rows;

    /// <inheritdoc/>
    public override Keymap Keymap
    {
        get => terminal.Keymap;
        set => terminal.Keymap = value;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> text)
    {
        terminal.Write(text);
        for (int i = 0; i < text.Length && !_isScreen; i++)
        {
            if (!_sequences.Take(text[i]))
            {
                Keep(text[i]);
            }
        }
    }

    /// <inheritdoc/>
    public override void MoveTo(int column, int row)
    {
        _isScreen = true;
        terminal.MoveTo(column, row);
    }

    /// <inheritdoc/>
    public override void SetColours(TextColours colours) => terminal.SetColours(colours);

    /// <inheritdoc/>
    public override void Clear()
    {
        _isScreen = false;
        terminal.Clear();
    }

    /// <inheritdoc/>
    public override void ShowCursor(bool isVisible) => terminal.ShowCursor(isVisible);

    /// <inheritdoc/>
    public override byte[] ReadLog()
    {
        byte[] log = new byte[_length];
        int start = (_end - _length + Size) % Size;
        int first = Math.Min(_length, Size - start);
        new ReadOnlySpan<byte>(_log, start, first).CopyTo(log);
        new ReadOnlySpan<byte>(_log, 0, _length - first).CopyTo(new Span<byte>(log, first, _length - first));
        return log;
    }

    /// <inheritdoc/>
    protected override bool TryReadDevice(out Key key) => terminal.TryReadKey(out key);

    private void Keep(char c)
    {
        if (c is '\r' or '\b')
        {
            bool isLine = c == '\r';
            for (; _length > 0 && _log[(_end + Size - 1) % Size] != (byte)'\n'; _length--)
            {
                _end = (_end + Size - 1) % Size;
                if (!isLine)
                {
                    _length--;
                    break;
                }
            }

            return;
        }

        _log[_end] = (byte)(c <= 0xFF ? c : '?');
        _end = (_end + 1) % Size;
        _length = Math.Min(_length + 1, Size);
    }
}
