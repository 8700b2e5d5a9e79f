using System;
using NetBoot.Boot.App.Consoles;

namespace NetBoot.Boot.App.Menus;

/// <summary>What the screens of menus and forms share: the title, and a selection that keys move among items, of which some cannot be selected.</summary>
/// <param name="session">Whose terminal shows it.</param>
/// <param name="menu">What is shown.</param>
public abstract class ItemScreen(Session session, Menu menu)
{
    protected const int Margin = 1;

    private const int TitleRow = 1;

    /// <summary>A title takes at most this part of the screen.</summary>
    private const int TitleShare = 5;

    private int _statusWidth;

    protected Session Session { get; } = session;
    protected Terminal Terminal { get; } = session.Terminal;
    protected Palette Palette { get; } = session.Terminal.Palette;
    protected Menu Menu { get; } = menu;

    /// <summary>The terminal's, as they were when the screen was opened.</summary>
    protected int Columns { get; } = session.Terminal.Columns;

    /// <inheritdoc cref="Columns"/>
    protected int Rows { get; } = session.Terminal.Rows;

    /// <summary>Those that the title leaves for the items begin here; two below are for what is to be said.</summary>
    protected int Top { get; private set; }

    /// <summary>How many there are to move among.</summary>
    protected int Count { get; set; }

    /// <summary>What is selected, below <see cref="Count"/>; 0 when there is nothing.</summary>
    protected int Current { get; set; }

    /// <summary>What keys that scroll a page count with: the first that is shown, and how many are.</summary>
    protected int First { get; set; }

    /// <inheritdoc cref="First"/>
    protected int PageSize { get; set; }

    protected abstract bool IsSelectable(int position);

    /// <summary>Clears the screen and draws the title, in as many lines as it needs.</summary>
    protected void Open()
    {
        Terminal.SetColours(Palette.Screen);
        Terminal.ShowCursor(false);
        Terminal.Clear();
        _statusWidth = 0;
        Terminal.SetColours(Palette.Title);
        int lines = Math.Max(1, Rows / TitleShare - 1);
        int width = Columns - 2 * Margin;
        int row = TitleRow;
        for (ReadOnlySpan<char> text = Menu.Title; text.Length > 0 && row < TitleRow + lines; row++)
        {
            ReadOnlySpan<char> line = ScreenText.TakeLine(ref text, width);
            Terminal.MoveTo((Columns - ScreenText.Width(line)) / 2, row);
            ScreenText.Write(Terminal, line, width);
        }

        Top = Math.Max(row, TitleRow + 1) + 1;
    }

    /// <summary>Frames what is between the title and what is to be said.</summary>
    protected void DrawFrame() => Terminal.DrawFrame(Top - 1, Rows - 2, Palette.Separator);

    /// <summary>Leaves an empty screen behind.</summary>
    protected void Close()
    {
        Terminal.SetColours(Palette.Usual);
        Terminal.Clear();
        Terminal.ShowCursor(true);
    }

    /// <summary>Writes into the last row, in place of what was there.</summary>
    protected void ShowStatus(ReadOnlySpan<char> before, ReadOnlySpan<char> text)
    {
        if (before.Length + text.Length + _statusWidth == 0)
        {
            return;
        }

        int room = Columns - 2 * Margin - 1;
        Terminal.SetColours(Palette.Separator);
        Terminal.MoveTo(Margin, Rows - 1);
        int width = ScreenText.Write(Terminal, before, room);
        width += ScreenText.Write(Terminal, text, room - width);
        ScreenText.WriteBlanks(Terminal, _statusWidth - width);
        _statusWidth = width;
    }

    /// <summary>Moves the selection as a key says; false when the key is none that does.</summary>
    protected bool TryScroll(Key key)
    {
        switch (key.Code)
        {
            case KeyCode.Up:
                Move(-1, false);
                return true;
            case KeyCode.Down:
                Move(1, false);
                return true;
            case KeyCode.PageUp:
                Move(First - Current - 1, false);
                return true;
            case KeyCode.PageDown:
                Move(First - Current + PageSize, false);
                return true;
            case KeyCode.Home:
                Move(-Count, false);
                return true;
            case KeyCode.End:
                Move(Count, false);
                return true;
            case KeyCode.Character when key.Character == Key.Tab:
                Move(1, true);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Moves the selection, and then on in the same direction to what can be selected; at an end it turns, or goes on from the other end.
    /// </summary>
    protected void Move(int delta, bool wraps)
    {
        int step = delta < 0 ? -1 : 1;
        int position = Current + delta;

        // An end turns the direction, so after two of them everything was seen.
        for (int ends = 0; ends < 3;)
        {
            if (position < 0 || position >= Count)
            {
                ends++;
                step = wraps ? step : -step;
                position = step > 0 ? 0 : Count - 1;
            }

            if (position >= 0 && position < Count && IsSelectable(position))
            {
                Current = position;
                return;
            }

            position += step;
        }
    }

    /// <summary>The next item from an index on, and then from the beginning, that has a key; -1 when none has.</summary>
    protected int FindShortcut(Key key, int from)
    {
        for (int i = 0; i < Menu.Items.Count && !key.IsNone; i++)
        {
            int index = (from + i) % Menu.Items.Count;
            if (Menu.Items[index].Key.Is(key))
            {
                return index;
            }
        }

        return -1;
    }
}
