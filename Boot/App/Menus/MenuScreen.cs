using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Menus;

/// <summary>
/// A menu on the screen, of which a person chooses an item: by arrows, Page Up, Page Down, Home, End, Tab and Enter, by an item's key, by what
/// an item begins with where no item has the key, and after '/' among the items that have the typed text in them. Esc, Ctrl-C and Ctrl-X give up.
/// </summary>
/// <remarks>
/// It scrolls by pages and writes only what changes, so that it is quick on a serial line: moving the selection takes two lines as long as the
/// menu's longest.
/// </remarks>
public sealed class MenuScreen : ItemScreen
{
    private const int Padding = 2;
    private const int TimeoutWidth = 6; // " (999)"
    private const int MaximumFilter = 40;

    /// <summary>The indices of the items that are shown.</summary>
    private readonly int[] _shown;

    private readonly char[] _filter = new char[MaximumFilter];
    private int[] _rowWidths = [];
    private int _filterLength;
    private bool _isFiltering;

    /// <summary>The index of the selected item, which stays when a filter shows nothing.</summary>
    private int _selected;

    private int _barWidth;
    private ulong _deadline;
    private ulong _secondsShown;

    /// <summary>Prepares a menu to be shown.</summary>
    /// <param name="session">Whose terminal shows it.</param>
    /// <param name="menu">One with items that can be selected.</param>
    public MenuScreen(Session session, Menu menu) : base(session, menu)
    {
        _shown = new int[menu.Items.Count];
    }

    /// <summary>Shows the menu until an item is chosen.</summary>
    /// <param name="select">The name of the item that is selected at first; null for the one that the menu says.</param>
    /// <param name="timeout">Microseconds after which the selected item is chosen, 0 for none.</param>
    /// <param name="retimeout">The same after a key was pressed.</param>
    /// <param name="chosen">The item, when there is no error.</param>
    public Error? Run(string? select, ulong timeout, ulong retimeout, out MenuItem? chosen)
    {
        chosen = null;
        if (!TrySelect(select))
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, "the menu has no item that can be chosen");
        }

        Open();
        PageSize = Rows - 2 - Top;
        _rowWidths = new int[PageSize];
        _barWidth = BarWidth(timeout != 0 || retimeout != 0);
        ApplyFilter();
        ShowHelp();
        _deadline = timeout == 0 ? 0 : Session.EventLoop.Now + timeout;
        ShowTimeout();
        Error? error = null;
        while (error is null && chosen is null)
        {
            if (Session.TryWaitForKey(UntilNextSecond(), out Key key))
            {
                _deadline = retimeout == 0 ? 0 : Session.EventLoop.Now + retimeout;
                error = Take(key, ref chosen);
            }
            else if (TimeLeft() == 0)
            {
                chosen = Menu.Items[_selected];
            }

            ShowTimeout();
        }

        Close();
        return error;
    }

    /// <inheritdoc/>
    protected override bool IsSelectable(int position) => Menu.Items[_shown[position]].Name is not null;

    /// <summary>Microseconds until the time that is left shows another second; 0 without a limit.</summary>
    private ulong UntilNextSecond() => _deadline == 0 ? 0 : (Math.Max(TimeLeft(), 1) - 1) % 1_000_000 + 1;

    private ulong TimeLeft()
    {
        ulong now = Session.EventLoop.Now;
        return _deadline > now ? _deadline - now : 0;
    }

    private Error? Take(Key key, ref MenuItem? chosen)
    {
        if (key.Is(Key.ControlC) || key.Is(Key.ControlX) || (!_isFiltering && IsEscape(key)))
        {
            return new Error(EFI_STATUS.EFI_ABORTED, "cancelled");
        }

        if (key.Is(Key.Enter) || key.Is(Key.LineFeed))
        {
            chosen = Count == 0 ? null : Menu.Items[_selected];
            return null;
        }

        int before = Current;
        int index = _isFiltering ? -1 : FindShortcut(key, _selected);
        if (index >= 0 && Menu.Items[index].Name is not null)
        {
            chosen = Menu.Items[index];
            return null;
        }

        if (index < 0 && Count > 0 && TryScroll(key))
        {
            _selected = _shown[Current];
            Redraw(before);
            return null;
        }

        if (_isFiltering)
        {
            EditFilter(key);
            return null;
        }

        index = index < 0 ? FindInitial(key) : index;
        if (index < 0)
        {
            StartFilter(key);
            return null;
        }

        // Without a filter, all items are shown.
        Current = index;
        Move(0, false);
        _selected = Current;
        Redraw(before);
        return null;
    }

    private static bool IsEscape(Key key) => key.Code == KeyCode.Escape || key.Is(Key.EscapeCharacter);

    /// <summary>Selects the first item that can be, unless a name or the menu says another. False when there is none.</summary>
    private bool TrySelect(string? select)
    {
        _selected = -1;
        for (int i = 0; i < Menu.Items.Count; i++)
        {
            MenuItem item = Menu.Items[i];
            bool isWanted = select is null ? item.IsDefault : item.Name == select;
            if (item.Name is not null && (isWanted || _selected < 0))
            {
                _selected = i;
            }
        }

        return _selected >= 0;
    }

    /// <summary>The index of the next item that begins with the letter or digit of a key; -1 when none does.</summary>
    private int FindInitial(Key key)
    {
        for (int i = 1; i <= Menu.Items.Count && key.Code == KeyCode.Character && char.IsAsciiLetterOrDigit(key.Character); i++)
        {
            int index = (_selected + i) % Menu.Items.Count;
            if (Menu.Items[index].Name is not null && Initial(Menu.Items[index].Text) == Fold(key.Character))
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>The first letter or digit of a text.</summary>
    private static char Initial(string text)
    {
        ScreenText rest = new(text);
        while (rest.TryNext(out char c))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                return Fold(c);
            }
        }

        return '\0';
    }

    private static char Fold(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;

    private void StartFilter(Key key)
    {
        if (key.Is('/'))
        {
            _isFiltering = true;
            ShowFilter();
        }
    }

    private void EditFilter(Key key)
    {
        if (IsEscape(key) || (_filterLength == 0 && (key.Is(Key.Backspace) || key.Is(Key.Delete))))
        {
            _isFiltering = false;
            _filterLength = 0;
            ApplyFilter();
            ShowHelp();
            return;
        }

        if (key.Is(Key.Backspace) || key.Is(Key.Delete))
        {
            _filterLength--;
        }
        else if (key.Is(Key.ControlU))
        {
            _filterLength = 0;
        }
        else if (key.Code == KeyCode.Character && key.Character >= ' ' && _filterLength < MaximumFilter)
        {
            _filter[_filterLength++] = Fold(key.Character);
        }
        else
        {
            return;
        }

        ApplyFilter();
        ShowFilter();
    }

    /// <summary>Shows the items that the filter leaves; the selected one stays so if it is among them.</summary>
    private void ApplyFilter()
    {
        Count = 0;
        Current = 0;
        ReadOnlySpan<char> filter = new(_filter, 0, _filterLength);
        for (int i = 0; i < _shown.Length; i++)
        {
            if (_filterLength == 0 || (Menu.Items[i].Name is not null && Contains(Menu.Items[i].Text, filter)))
            {
                Current = i == _selected ? Count : Current;
                _shown[Count++] = i;
            }
        }

        First = 0;
        if (Count > 0)
        {
            _selected = _shown[Current];
            First = Current - Current % PageSize;
        }

        DrawPage();
    }

    private static bool Contains(string text, ReadOnlySpan<char> filter)
    {
        ScreenText start = new(text);
        do
        {
            ScreenText rest = start;
            int at = 0;
            while (at < filter.Length && rest.TryNext(out char c) && Fold(c) == filter[at])
            {
                at++;
            }

            if (at == filter.Length)
            {
                return true;
            }
        }
        while (start.TryNext(out _));
        return false;
    }

    /// <summary>As wide as the longest item needs.</summary>
    private int BarWidth(bool hasTimeout)
    {
        int room = Columns - 2 * Margin;
        int widest = 0;
        foreach (MenuItem item in Menu.Items)
        {
            widest = Math.Max(widest, ScreenText.Fit(item.Text, room, out _));
        }

        return Math.Min(room, widest + 2 * Padding + (hasTimeout ? TimeoutWidth : 0));
    }

    /// <summary>Shows that the selection has moved.</summary>
    private void Redraw(int before)
    {
        if (Current >= First && Current < First + PageSize)
        {
            if (Current != before)
            {
                DrawItem(before);
                DrawItem(Current);
            }

            return;
        }

        First = Current - Current % PageSize;
        DrawPage();
    }

    private void DrawPage()
    {
        DrawMore(Top - 1, First > 0);
        for (int row = 0; row < PageSize; row++)
        {
            DrawItem(First + row);
        }

        DrawMore(Top + PageSize, First + PageSize < Count);
        DrawFrame();
    }

    /// <summary>Says that there is more above or below.</summary>
    private void DrawMore(int row, bool isMore)
    {
        Terminal.SetColours(Palette.Separator);
        Terminal.MoveTo(Margin + Padding, row);
        Terminal.Write(isMore ? "..." : "   ");
    }

    private void DrawItem(int position)
    {
        int row = position - First;
        int indent = 0;
        int width = 0;
        int last = _rowWidths[row];
        MenuItem? item = position < Count ? Menu.Items[_shown[position]] : null;
        bool isSelected = item is not null && position == Current;
        bool wasSelected = last == _barWidth;
        if (item is null && last == 0)
        {
            return;
        }

        Terminal.SetColours(isSelected ? Palette.Selected : item is { Name: null } ? Palette.Separator : Palette.Screen);
        if (!isSelected && !wasSelected)
        {
            indent = Padding; // Only a bar reaches there.
        }

        Terminal.MoveTo(Margin + indent, Top + row);
        ScreenText.WriteBlanks(Terminal, Padding - indent);
        if (item is not null)
        {
            width = Padding + ScreenText.Write(Terminal, item.Text, _barWidth - 2 * Padding);
        }

        // Colours that the text set end with it.
        Terminal.SetColours(isSelected ? Palette.Selected : Palette.Screen);
        ScreenText.WriteBlanks(Terminal, (isSelected ? _barWidth : last) - Math.Max(width, Padding));
        _rowWidths[row] = isSelected ? _barWidth : width;
        _secondsShown = isSelected ? 0 : _secondsShown;
    }

    private void ShowTimeout()
    {
        ulong left = TimeLeft();
        ulong seconds = left / 1_000_000 + (left % 1_000_000 == 0 ? 0u : 1u);
        if (seconds == _secondsShown || Count == 0)
        {
            return;
        }

        _secondsShown = seconds;
        TextBuilder text = new(stackalloc char[24]);
        text.Append("(");
        text.AppendFormatted(seconds);
        text.Append(")");
        WriteTimeout(seconds == 0 ? default : text.Written);
    }

    private void WriteTimeout(scoped ReadOnlySpan<char> text)
    {
        int room = TimeoutWidth - 1;
        text = text.Length > room ? "(...)" : text;
        Terminal.SetColours(Palette.Selected);
        Terminal.MoveTo(Margin + _barWidth - 1 - room, Top + Current - First);
        ScreenText.WriteBlanks(Terminal, room - text.Length);
        Terminal.Write(text);
    }

    private void ShowHelp() => ShowStatus("Enter: choose   Esc: cancel   /: search", default);

    private void ShowFilter()
    {
        Span<char> text = stackalloc char[MaximumFilter * 3];
        int length = ByteText.FromUcs2(new ReadOnlySpan<char>(_filter, 0, _filterLength), text);
        ShowStatus(Count == 0 ? "No item has this in it: " : "Search: ", text.Slice(0, length));
    }
}
