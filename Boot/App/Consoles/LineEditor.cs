using System;
using NetBoot.NetworkStack;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// Reads a line that is edited (<see cref="EditBuffer"/>): ^C gives up, Up and Down (^P ^N) go through the lines entered before, and Tab completes
/// what was begun. It needs only '\b' of the terminal, so it works on a serial line.
/// </summary>
public sealed class LineEditor(Terminal terminal, EventLoop loop)
{
    public const int MaximumLength = 1024;

    private readonly EditBuffer _line = new(MaximumLength, MaximumLength);

    /// <summary>The column, counted from the line's start, that the terminal's cursor is in.</summary>
    private int _column;

    /// <summary>Where lines are kept, if they are.</summary>
    public LineHistory? History { get; init; }

    /// <summary>What Tab asks, if anything.</summary>
    public Completer? Completer { get; init; }

    /// <summary>Reads a line.</summary>
    /// <param name="prompt">What is written before it.</param>
    /// <param name="initial">What stands in the line at first.</param>
    /// <param name="timeout">Microseconds without a first key after which the line is given up; 0 for none.</param>
    /// <param name="line">The line, a byte string, valid until the next call.</param>
    public Error? Read(ReadOnlySpan<char> prompt, ReadOnlySpan<char> initial, ulong timeout, out ReadOnlySpan<char> line)
    {
        terminal.Write(prompt);
        _line.Set(default);
        _column = 0;
        Replace(initial);
        int recalled = History?.Count ?? 0;
        ulong started = loop.Now;
        line = default;
        while (true)
        {
            if (!terminal.TryReadKey(out Key key))
            {
                if (!loop.RunOnce())
                {
                    return Cancelled();
                }

                if (timeout != 0 && loop.Now - started > timeout)
                {
                    terminal.Write("\n");
                    return new Error(EFI_STATUS.EFI_TIMEOUT, "timed out");
                }

                continue;
            }

            timeout = 0;
            if (key.Is(Key.Enter) || key.Is(Key.LineFeed))
            {
                terminal.Write("\n");
                line = _line.Text;
                History?.Add(line);
                return null;
            }

            if (key.Is(Key.ControlC))
            {
                return Cancelled();
            }

            if (key.Is(Key.Tab))
            {
                Complete(prompt);
            }
            else if (key.Code == KeyCode.Up || key.Is(Key.ControlP))
            {
                Recall(ref recalled, -1);
            }
            else if (key.Code == KeyCode.Down || key.Is(Key.ControlN))
            {
                Recall(ref recalled, 1);
            }
            else
            {
                int width = _line.ColumnOf(_line.Length);
                if (_line.TryEdit(key, out int changed))
                {
                    Redraw(changed, width);
                }
            }
        }
    }

    private Error Cancelled()
    {
        terminal.Write("^C\n");
        return new Error(EFI_STATUS.EFI_ABORTED, "cancelled");
    }

    private void Recall(ref int recalled, int step)
    {
        int wanted = recalled + step;
        if (History is LineHistory history && wanted >= history.Oldest && wanted <= history.Count)
        {
            recalled = wanted;
            Replace(wanted < history.Count ? history[wanted] : default);
        }
    }

    private void Replace(scoped ReadOnlySpan<char> text)
    {
        int width = _line.ColumnOf(_line.Length);
        _line.Set(text);
        Redraw(0, width);
    }

    /// <summary>Puts in what there is but one way to go on with, and lists the ways if there are several.</summary>
    private void Complete(ReadOnlySpan<char> prompt)
    {
        if (Completer is null)
        {
            return;
        }

        using Arena arena = Arena.Create();
        using (arena.Enter())
        {
            Completions found = new(new string(_line.Text.Slice(0, _line.Cursor)));
            Completer.Complete(found);
            ReadOnlySpan<char> more = found.Rest;
            if (more.Length > 0)
            {
                int width = _line.ColumnOf(_line.Length);
                int changed = _line.Cursor;
                _line.Insert(more);
                Redraw(changed, width);
            }
            else if (found.Count > 1)
            {
                terminal.Write("\n");
                found.WriteTo(terminal);
                terminal.Write(prompt);
                _column = 0;
                Redraw(0, 0);
            }
        }
    }

    /// <summary>Writes the line from a changed character on, blanks over what was there before, and moves the cursor to where it is to be.</summary>
    private void Redraw(int changed, int oldWidth)
    {
        int start = Math.Min(changed, _line.Cursor);
        int column = _line.ColumnOf(start);
        for (; _column > column; _column--)
        {
            terminal.Write("\b");
        }

        // What the cursor passes on its way to the right is written again.
        int passed = _line.IndexOf(_column);
        bool isSame = changed == _line.Length && _line.ColumnOf(_line.Length) == oldWidth;
        int end = isSame ? _line.Cursor : _line.Length;
        if (passed < end)
        {
            _line.Write(terminal, passed, end);
            _column = _line.ColumnOf(end);
        }

        for (; !isSame && _column < oldWidth; _column++)
        {
            terminal.Write(" ");
        }

        column = _line.ColumnOf(_line.Cursor);
        for (; _column > column; _column--)
        {
            terminal.Write("\b");
        }
    }
}
