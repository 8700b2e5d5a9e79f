using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Menus;

/// <summary>
/// A form on the screen: a field for each item with a name, to edit the setting of that name. Up, Down, Tab and Enter go from field to field;
/// Enter in the last, or Ctrl-X, stores all; Esc and Ctrl-C give up.
/// </summary>
public sealed class FormScreen : ItemScreen
{
    private const string Help = "Enter, Tab: next field   Ctrl-X: save   Esc: cancel";

    private readonly FormField[] _fields;

    /// <summary>How far a form that is longer than the screen is scrolled.</summary>
    private int _firstRow;

    /// <summary>Prepares a form to be shown.</summary>
    public FormScreen(Session session, Menu form) : base(session, form)
    {
        _fields = new FormField[form.Items.Count];
        for (int i = 0; i < _fields.Length; i++)
        {
            _fields[i] = new FormField(form.Items[i]);
        }
    }

    /// <summary>Shows the form until its settings are stored.</summary>
    public Error? Run()
    {
        Error? error = Prepare();
        if (error is not null)
        {
            return error;
        }

        Open();
        LayOut();
        ScrollToCurrent();
        DrawAll();
        bool isDone = false;
        bool isCancelled = false;
        while (!isDone && !isCancelled)
        {
            ShowCursor();
            Session.TryWaitForKey(0, out Key key);
            isCancelled = IsCancel(key);
            isDone = !isCancelled && Take(key);

            // Where each is refused, keys alone must not go on for ever.
            isCancelled |= !isDone && _fields[Current].Error is not null && !Session.EventLoop.RunOnce();
        }

        Close();
        return isDone ? null : new Error(EFI_STATUS.EFI_ABORTED, "cancelled");
    }

    /// <inheritdoc/>
    protected override bool IsSelectable(int position) => Menu.Items[position].Name is not null;

    private static bool IsCancel(Key key) => key.Is(Key.ControlC) || key.Code == KeyCode.Escape || key.Is(Key.EscapeCharacter);

    /// <summary>Reads what the settings are now, and selects the first field unless the form says another.</summary>
    private Error? Prepare()
    {
        for (int i = 0; i < _fields.Length; i++)
        {
            if (Menu.Items[i].Name is not string name)
            {
                continue;
            }

            if (!SettingName.TryParse(name, out _))
            {
                return SettingsTree.BadName(name);
            }

            Current = Count == 0 || Menu.Items[i].IsDefault ? i : Current;
            Count = i + 1;
            _fields[i].Text.Set(Session.Settings.Format(name));
        }

        PageSize = Count;
        return Count > 0 ? null : new Error(EFI_STATUS.EFI_INVALID_PARAMETER, "the form has no field");
    }

    /// <summary>Gives each label and field its row, with blank ones between where there is room, in the middle of the screen.</summary>
    private void LayOut()
    {
        int labels = 0;
        int inputs = 0;
        foreach (MenuItem item in Menu.Items)
        {
            labels += item.Text.Length > 0 ? 1 : 0;
            inputs += item.Name is null ? 0 : 1;
        }

        // Below each field there is a row for what is wrong with it.
        int left = PageRows - labels - 2 * inputs;
        int betweenItems = left >= _fields.Length - 1 ? 1 : 0;
        left -= betweenItems * (_fields.Length - 1);
        int belowLabels = left >= labels ? 1 : 0;
        left -= belowLabels * labels;
        int row = Math.Max(0, left / 2);
        foreach (FormField field in _fields)
        {
            field.LabelRow = row;
            row += field.Item.Text.Length > 0 ? 1 + belowLabels : 0;
            field.Row = row;
            row += (field.Item.Name is null ? 0 : 2) + betweenItems;
        }
    }

    private int PageRows => Rows - 2 - Top;
    private int FieldWidth => Columns / 2;
    private int FieldColumn => (Columns - FieldWidth) / 2;

    /// <summary>True when all was stored.</summary>
    private bool Take(Key key)
    {
        FormField field = _fields[Current];
        int width = field.Text.ColumnOf(field.Text.Length);
        if (field.Text.TryEdit(key, out int changed))
        {
            DrawField(field, changed, width);
            return false;
        }

        bool isEnter = key.Is(Key.Enter) || key.Is(Key.LineFeed);
        if (key.Is(Key.ControlX) || (isEnter && (field.Error is not null || Current == Count - 1)))
        {
            return Store();
        }

        if (isEnter)
        {
            Move(1, false);
        }
        else if (!TryScroll(key))
        {
            int index = FindShortcut(key, Current);
            if (index >= 0)
            {
                Current = Math.Min(index, Count - 1);
                Move(0, false);
            }
        }

        if (ScrollToCurrent())
        {
            Open();
            DrawAll();
        }

        return false;
    }

    /// <summary>Stores all fields; those that are refused say why, and one of them is selected.</summary>
    private bool Store()
    {
        int refused = -1;
        for (int i = 0; i < Count; i++)
        {
            FormField field = _fields[i];
            if (field.Item.Name is string name)
            {
                field.Error = Session.Settings.Set(name, new string(field.Text.Text));
                refused = field.Error is not null && refused < 0 ? i : refused;
            }
        }

        if (refused < 0)
        {
            return true;
        }

        Current = _fields[Current].Error is null ? refused : Current;
        ScrollToCurrent();
        Open();
        DrawAll();
        return false;
    }

    /// <summary>Scrolls a form that is longer than the screen; true when another part of it is to be shown.</summary>
    private bool ScrollToCurrent()
    {
        FormField field = _fields[Current];
        if (field.LabelRow >= _firstRow && field.Row + 1 < _firstRow + PageRows)
        {
            return false;
        }

        _firstRow = Math.Max(0, field.Row + 2 - PageRows / 2);
        return true;
    }

    private bool IsVisible(int row) => row >= _firstRow && row < _firstRow + PageRows;

    private void DrawAll()
    {
        foreach (FormField field in _fields)
        {
            if (IsVisible(field.LabelRow))
            {
                DrawCentred(field.LabelRow, field.Item.Text, Palette.Screen);
            }

            if (field.Item.Name is not null && IsVisible(field.Row))
            {
                field.FirstColumn = 0;
                DrawField(field, 0, int.MaxValue);
            }

            if (field.Error is Error error && IsVisible(field.Row + 1))
            {
                DrawCentred(field.Row + 1, error.Message, Palette.Alert);
            }
        }

        DrawFrame();
        ShowStatus(Help, default);
    }

    private void DrawCentred(int row, ReadOnlySpan<char> text, TextColours colours)
    {
        int room = Columns - 2 * Margin;
        int width = ScreenText.Fit(text, room, out _);
        Terminal.SetColours(colours);
        Terminal.MoveTo((Columns - width) / 2, Top + row - _firstRow);
        ScreenText.Write(Terminal, text, room);
    }

    /// <summary>Draws a field from a changed character on, or all of it when another part of its text is to be seen.</summary>
    /// <param name="field">One that is visible.</param>
    /// <param name="changed">The character's index.</param>
    /// <param name="oldWidth">The columns that the text took before.</param>
    private void DrawField(FormField field, int changed, int oldWidth)
    {
        EditBuffer text = field.Text;
        int cursor = text.ColumnOf(text.Cursor);
        int first = field.FirstColumn;
        if (cursor < first || cursor >= first + FieldWidth)
        {
            first = Math.Max(0, cursor - FieldWidth / 2);
            field.FirstColumn = first;
            changed = 0;
            oldWidth = int.MaxValue;
        }

        int start = 0;
        int column = 0;
        while (start < text.Length && (start < changed || column < first))
        {
            column += text.ColumnsAt(start);
            start = text.After(start);
        }

        int room = first + FieldWidth - column;
        if (room <= 0)
        {
            return;
        }

        int end = start;
        int written = 0;
        while (end < text.Length && written + text.ColumnsAt(end) <= room)
        {
            written += text.ColumnsAt(end);
            end = text.After(end);
        }

        Terminal.SetColours(Palette.Field);
        Terminal.MoveTo(FieldColumn + column - first, Top + field.Row - _firstRow);
        text.Write(Terminal, start, end);
        ScreenText.WriteBlanks(Terminal, Math.Min(oldWidth - column, room) - written);
    }

    private void ShowCursor()
    {
        FormField field = _fields[Current];
        Terminal.MoveTo(FieldColumn + field.Text.ColumnOf(field.Text.Cursor) - field.FirstColumn, Top + field.Row - _firstRow);
        Terminal.ShowCursor(true);
    }
}
