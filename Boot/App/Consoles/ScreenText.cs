using System;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// A byte string as a screen shows it: the characters of its UTF-8, without escape sequences, and blanks for control characters.
/// </summary>
public ref struct ScreenText(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    /// <summary>Where the next character is read.</summary>
    public readonly int Position => _at;

    /// <summary>The next character that takes room.</summary>
    public bool TryNext(out char character)
    {
        while (_at < _text.Length)
        {
            if (_text[_at] != Key.EscapeCharacter)
            {
                character = ByteText.NextUcs2(_text, ref _at);
                character = IsControl(character) ? ' ' : character;
                return true;
            }

            SkipSequence();
        }

        character = '\0';
        return false;
    }

    /// <summary>The columns that a text takes.</summary>
    public static int Width(ReadOnlySpan<char> text) => Fit(text, int.MaxValue, out _);

    /// <summary>Cuts a text to so many columns.</summary>
    /// <param name="text">A byte string.</param>
    /// <param name="columns">How many there are.</param>
    /// <param name="length">The length of what fits, with the escape sequences in it and behind it.</param>
    /// <returns>The columns that this takes.</returns>
    public static int Fit(ReadOnlySpan<char> text, int columns, out int length)
    {
        ScreenText rest = new(text);
        int width = 0;
        while (true)
        {
            length = rest.Position;
            if (!rest.TryNext(out char character))
            {
                length = text.Length;
                return width;
            }

            int more = ColumnsOf(character);
            if (more > columns - width)
            {
                return width;
            }

            width += more;
        }
    }

    /// <summary>Cuts the next line of a text off, at a blank where there is one.</summary>
    /// <param name="text">What is left; moved past the line.</param>
    /// <param name="columns">Those of a line.</param>
    public static ReadOnlySpan<char> TakeLine(ref ReadOnlySpan<char> text, int columns)
    {
        Fit(text, columns, out int length);
        int next = length;
        if (length < text.Length && text[length] != ' ')
        {
            int blank = text.Slice(0, length).LastIndexOf(' ');
            length = blank > 0 ? blank : length;
            next = length;
        }

        ReadOnlySpan<char> line = text.Slice(0, length);
        while (next < text.Length && text[next] == ' ')
        {
            next++;
        }

        text = text.Slice(next);
        return line;
    }

    /// <summary>Writes what fits into so many columns of one line.</summary>
    /// <returns>The columns that this took.</returns>
    public static int Write(Terminal terminal, ReadOnlySpan<char> text, int columns)
    {
        int width = Fit(text, columns, out int length);
        text = text.Slice(0, length);
        int start = 0;
        for (int i = 0; i < length; i++)
        {
            if (IsControl(text[i]) && text[i] != Key.EscapeCharacter)
            {
                terminal.Write(text.Slice(start, i - start));
                terminal.Write(" ");
                start = i + 1;
            }
        }

        terminal.Write(text.Slice(start));
        return width;
    }

    /// <summary>Writes so many blanks.</summary>
    public static void WriteBlanks(Terminal terminal, int count)
    {
        ReadOnlySpan<char> blanks = "                ";
        for (; count > 0; count -= blanks.Length)
        {
            terminal.Write(blanks.Slice(0, Math.Min(count, blanks.Length)));
        }
    }

    /// <summary>Two for the wide letters of East Asia (Unicode Standard Annex 11), one for all others.</summary>
    public static int ColumnsOf(char c) =>
        c is (>= '\u1100' and <= '\u115F') or (>= '\u2E80' and <= '\uA4CF') or (>= '\uAC00' and <= '\uD7A3') or
            (>= '\uF900' and <= '\uFAFF') or (>= '\uFE30' and <= '\uFE6F') or (>= '\uFF00' and <= '\uFF60') or (>= '\uFFE0' and <= '\uFFE6')
            ? 2
            : 1;

    private static bool IsControl(char c) => c is < ' ' or '\x7F';

    /// <summary>Skips what <see cref="EscapeSequences"/> takes.</summary>
    private void SkipSequence()
    {
        _at++;
        if (_at == _text.Length || _text[_at] == Key.EscapeCharacter)
        {
            return;
        }

        bool isSequence = ByteText.NextUcs2(_text, ref _at) == '[';
        while (isSequence && _at < _text.Length && _text[_at] != Key.EscapeCharacter)
        {
            isSequence = ByteText.NextUcs2(_text, ref _at) < '@';
        }
    }
}
