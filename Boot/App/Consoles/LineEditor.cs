using System;
using System.Runtime.CompilerServices;
using NetBoot.NetworkStack;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// Edits one line: arrows, Home and End (^A ^E), ^B ^F, Delete (^D), Backspace, ^U to the start, ^K to the end, ^W the word before, ^C gives up,
/// and Up and Down (^P ^N) through the lines entered before. It needs only '\b' of the terminal, so it works on a serial line.
/// </summary>
public sealed class LineEditor
{
    public const int MaximumLength = 1024;
    public const int HistorySize = 32;

    private readonly Terminal _terminal;
    private readonly EventLoop _loop;

    // Fixed buffers: a shell that is used for a week allocates nothing.
    private readonly char[] _line = new char[MaximumLength];
    private readonly char[][] _history = new char[HistorySize][];
    private readonly int[] _historyLengths = new int[HistorySize];
    private int _historyCount;
    private int _length;
    private int _cursor;

    public LineEditor(Terminal terminal, EventLoop loop)
    {
        _terminal = terminal;
        _loop = loop;
        for (int i = 0; i < HistorySize; i++)
        {
            _history[i] = new char[MaximumLength];
        }
    }

    /// <summary>Reads a line, after a prompt that was written already.</summary>
    /// <param name="initial">What stands in the line at first.</param>
    /// <param name="timeout">Microseconds without a key after which the line is given up; 0 for none.</param>
    /// <param name="remember">Whether the line goes into the history.</param>
    /// <param name="line">The line, valid until the next call.</param>
    public Error? Read(ReadOnlySpan<char> initial, ulong timeout, bool remember, out ReadOnlySpan<char> line)
    {
        _length = 0;
        _cursor = 0;
        Insert(initial);
        int recalled = _historyCount;
        ulong started = _loop.Now;
        line = default;
        while (true)
        {
            if (!_terminal.TryReadKey(out Key key))
            {
                if (!_loop.RunOnce())
                {
                    return Cancelled();
                }

                if (timeout != 0 && _loop.Now - started > timeout)
                {
                    _terminal.Write("\n");
                    return new Error(EFI_STATUS.EFI_TIMEOUT, "timed out");
                }

                continue;
            }

            started = _loop.Now;
            if (key.Code == KeyCode.Character && key.Character is Key.Enter or '\n')
            {
                _terminal.Write("\n");
                line = new ReadOnlySpan<char>(_line, 0, _length);
                if (remember)
                {
                    Remember();
                }

                return null;
            }

            if (key.Code == KeyCode.Character && key.Character == Key.ControlC)
            {
                return Cancelled();
            }

            Edit(key, ref recalled);
        }
    }

    private Error Cancelled()
    {
        _terminal.Write("^C\n");
        return new Error(EFI_STATUS.EFI_ABORTED, "cancelled");
    }

    private void Edit(Key key, ref int recalled)
    {
        char character = key.Code == KeyCode.Character ? key.Character : ControlOf(key.Code);
        switch (character)
        {
            case Key.ControlB:
                MoveTo(_cursor - 1);
                break;
            case Key.ControlF:
                MoveTo(_cursor + 1);
                break;
            case Key.ControlA:
                MoveTo(0);
                break;
            case Key.ControlE:
                MoveTo(_length);
                break;
            case Key.ControlD:
                Delete(_cursor, _cursor + 1);
                break;
            case Key.Backspace or Key.Delete:
                Delete(_cursor - 1, _cursor);
                break;
            case Key.ControlU:
                Delete(0, _cursor);
                break;
            case Key.ControlK:
                Delete(_cursor, _length);
                break;
            case Key.ControlW:
                Delete(StartOfWord(), _cursor);
                break;
            case Key.ControlP:
                Recall(ref recalled, -1);
                break;
            case Key.ControlN:
                Recall(ref recalled, 1);
                break;
            case >= ' ':
                Insert([character]);
                break;
        }
    }

    /// <summary>The control character that does what a named key does; NUL, which does nothing, for the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static char ControlOf(KeyCode code) => code switch
    {
        KeyCode.Left => Key.ControlB,
        KeyCode.Right => Key.ControlF,
        KeyCode.Home => Key.ControlA,
        KeyCode.End => Key.ControlE,
        KeyCode.Delete => Key.ControlD,
        KeyCode.Up => Key.ControlP,
        KeyCode.Down => Key.ControlN,
        _ => '\0',
    };

    private int StartOfWord()
    {
        int at = _cursor;
        while (at > 0 && _line[at - 1] == ' ')
        {
            at--;
        }

        while (at > 0 && _line[at - 1] != ' ')
        {
            at--;
        }

        return at;
    }

    private void MoveTo(int cursor)
    {
        cursor = Math.Max(0, Math.Min(_length, cursor));
        for (; _cursor > cursor; _cursor--)
        {
            _terminal.Write("\b");
        }

        _terminal.Write(new ReadOnlySpan<char>(_line, _cursor, cursor - _cursor));
        _cursor = cursor;
    }

    private void Insert(scoped ReadOnlySpan<char> text)
    {
        int count = Math.Min(text.Length, MaximumLength - _length);
        new ReadOnlySpan<char>(_line, _cursor, _length - _cursor).CopyTo(new Span<char>(_line, _cursor + count, _length - _cursor));
        text.Slice(0, count).CopyTo(new Span<char>(_line, _cursor, count));
        _length += count;
        Redraw(_cursor + count, 0);
    }

    private void Delete(int start, int end)
    {
        start = Math.Max(0, start);
        end = Math.Min(_length, end);
        if (start >= end)
        {
            return;
        }

        MoveTo(start);
        new ReadOnlySpan<char>(_line, end, _length - end).CopyTo(new Span<char>(_line, start, _length - end));
        _length -= end - start;
        Redraw(start, end - start);
    }

    /// <summary>Writes the line from the cursor on, blanks over what was there before, and moves the cursor to where it is to be.</summary>
    private void Redraw(int cursor, int blanks)
    {
        _terminal.Write(new ReadOnlySpan<char>(_line, _cursor, _length - _cursor));
        for (int i = 0; i < blanks; i++)
        {
            _terminal.Write(" ");
        }

        for (int i = _length + blanks; i > cursor; i--)
        {
            _terminal.Write("\b");
        }

        _cursor = cursor;
    }

    private void Recall(ref int recalled, int step)
    {
        int oldest = Math.Max(0, _historyCount - HistorySize);
        int wanted = recalled + step;
        if (wanted < oldest || wanted > _historyCount)
        {
            return;
        }

        recalled = wanted;
        MoveTo(0);
        Delete(0, _length);
        if (wanted < _historyCount)
        {
            Insert(new ReadOnlySpan<char>(_history[wanted % HistorySize], 0, _historyLengths[wanted % HistorySize]));
        }
    }

    private void Remember()
    {
        int last = (_historyCount + HistorySize - 1) % HistorySize;
        ReadOnlySpan<char> line = new(_line, 0, _length);
        bool isRepeated = _historyCount > 0 && line.SequenceEqual(new ReadOnlySpan<char>(_history[last], 0, _historyLengths[last]));
        if (_length > 0 && !isRepeated)
        {
            line.CopyTo(_history[_historyCount % HistorySize]);
            _historyLengths[_historyCount % HistorySize] = _length;
            _historyCount++;
        }
    }
}
