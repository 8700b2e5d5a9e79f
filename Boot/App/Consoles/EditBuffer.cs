using System;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// A byte string that is edited by keys: arrows, Home and End (^A ^E), ^B ^F, Delete (^D), Backspace, ^U to the start, ^K to the end, ^W the word
/// before. A UTF-8 sequence is one character to them.
/// </summary>
/// <param name="capacity">The characters that there is room for at first; more come from the arena that is current then.</param>
/// <param name="maximum">What is longer is cut.</param>
public sealed class EditBuffer(int capacity, int maximum)
{
    private char[] _text = new char[capacity];

    public int Length { get; private set; }

    /// <summary>The index of the character that the cursor stands before.</summary>
    public int Cursor { get; private set; }

    /// <summary>Valid until the next change.</summary>
    public ReadOnlySpan<char> Text => new(_text, 0, Length);

    /// <summary>Asterisks are seen in the place of characters.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The columns that the text takes up to an index.</summary>
    public int ColumnOf(int index)
    {
        int column = 0;
        for (int at = 0; at < index; at = After(at))
        {
            column += ColumnsAt(at);
        }

        return column;
    }

    /// <summary>The index of the character that begins at a column, or behind it.</summary>
    public int IndexOf(int column)
    {
        int index = 0;
        for (; index < Length && column > 0; index = After(index))
        {
            column -= ColumnsAt(index);
        }

        return index;
    }

    /// <summary>The columns that the character at an index takes.</summary>
    public int ColumnsAt(int index) => IsSecret ? 1 : ScreenText.ColumnsOf(ByteText.NextUcs2(Text, ref index));

    /// <summary>Takes a text in place of all that was there, the cursor at its end.</summary>
    public void Set(scoped ReadOnlySpan<char> text)
    {
        Length = 0;
        Cursor = 0;
        Insert(text);
    }

    /// <summary>Inserts at the cursor, as much as there is room for.</summary>
    public void Insert(scoped ReadOnlySpan<char> text)
    {
        int count = Math.Min(text.Length, maximum - Length);
        if (Length + count > _text.Length)
        {
            char[] larger = new char[Math.Min(maximum, (Length + count) * 2)];
            Text.CopyTo(larger);
            _text = larger;
        }

        new ReadOnlySpan<char>(_text, Cursor, Length - Cursor).CopyTo(new Span<char>(_text, Cursor + count, Length - Cursor));
        text.Slice(0, count).CopyTo(new Span<char>(_text, Cursor, count));
        Length += count;
        Cursor += count;
    }

    /// <summary>Does what a key says; false when it is none that edits.</summary>
    /// <param name="key">Any.</param>
    /// <param name="changed">The index from which on the text is another.</param>
    public bool TryEdit(Key key, out int changed)
    {
        changed = Length;
        char character = key.Code == KeyCode.Character ? key.Character : ControlOf(key.Code);
        switch (character)
        {
            case Key.ControlB:
                Cursor = Before(Cursor);
                return true;
            case Key.ControlF:
                Cursor = After(Cursor);
                return true;
            case Key.ControlA:
                Cursor = 0;
                return true;
            case Key.ControlE:
                Cursor = Length;
                return true;
            case Key.ControlD:
                Delete(Cursor, After(Cursor), out changed);
                return true;
            case Key.Backspace or Key.Delete:
                Delete(Before(Cursor), Cursor, out changed);
                return true;
            case Key.ControlU:
                Delete(0, Cursor, out changed);
                return true;
            case Key.ControlK:
                Delete(Cursor, Length, out changed);
                return true;
            case Key.ControlW:
                Delete(StartOfWord(), Cursor, out changed);
                return true;
            case >= ' ':
                changed = Cursor;
                Span<char> encoded = stackalloc char[3];
                Insert(encoded.Slice(0, ByteText.FromUcs2([character], encoded)));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes a part of the text; control characters, and all that is secret, as signs that stand for them.</summary>
    public void Write(Terminal terminal, int start, int end)
    {
        for (int at = start; at < end;)
        {
            int next = at;
            char c = ByteText.NextUcs2(Text, ref next);
            if (IsSecret || c is < ' ' or Key.Delete)
            {
                terminal.Write(Text.Slice(start, at - start));
                terminal.Write(IsSecret ? "*" : ".");
                start = next;
            }

            at = next;
        }

        terminal.Write(Text.Slice(start, end - start));
    }

    /// <summary>The index of the character behind the one at an index.</summary>
    public int After(int index)
    {
        if (index < Length)
        {
            ByteText.NextUcs2(Text, ref index);
        }

        return index;
    }

    private int Before(int index)
    {
        int before = 0;
        for (int at = 0; at < index; ByteText.NextUcs2(Text, ref at))
        {
            before = at;
        }

        return before;
    }

    private int StartOfWord()
    {
        int at = Cursor;
        while (at > 0 && _text[at - 1] == ' ')
        {
            at--;
        }

        while (at > 0 && _text[at - 1] != ' ')
        {
            at--;
        }

        return at;
    }

    private void Delete(int start, int end, out int changed)
    {
        new ReadOnlySpan<char>(_text, end, Length - end).CopyTo(new Span<char>(_text, start, Length - end));
        Length -= end - start;
        Cursor = start;
        changed = start;
    }

    /// <summary>The control character that does what a named key does; NUL, which does nothing, for the others.</summary>
    private static char ControlOf(KeyCode code) => code switch
    {
        KeyCode.Left => Key.ControlB,
        KeyCode.Right => Key.ControlF,
        KeyCode.Home => Key.ControlA,
        KeyCode.End => Key.ControlE,
        KeyCode.Delete => Key.ControlD,
        _ => '\0',
    };
}
