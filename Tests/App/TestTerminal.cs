using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>
/// A terminal that keeps what was written, as a stream and as the grid of characters that a screen shows, and gives the keys of a list. It counts
/// the bytes that edk2's TerminalDxe sends to a serial line for it.
/// </summary>
internal sealed class TestTerminal(int columns = 80, int rows = 25) : Terminal
{
    // What TerminalDxe sends for ESC [ row ; column H, ESC [ 0 m ESC [ 3x m ESC [ 4x m, and ESC [ 2 J.
    private const int PositionBytes = 8;
    private const int AttributeBytes = 14;
    private const int ClearBytes = 4;

    private readonly StringBuilder _output = new();
    private readonly List<Cell[]> _lines = [NewLine(columns)];
    private readonly StringBuilder _sequence = new();
    private TextColours _base = TextColours.Usual;
    private TextColours _colours = TextColours.Usual;
    private int _column;
    private int _line;
    private bool _isInSequence;
    private bool _isScreen;

    private struct Cell
    {
        public char Character;
        public TextColours Colours;
    }

    public Queue<Key> Keys { get; } = new();

    /// <summary>Those that are typed only while a menu or a form is shown.</summary>
    public Queue<Key> ScreenKeys { get; } = new();

    /// <summary>What is typed again and again when there are no keys left.</summary>
    public string WhenIdle { get; set; } = "";

    /// <summary>Asked for a key while a menu or a form is shown and there are none left.</summary>
    public Func<Key?>? NextKey { get; set; }

    /// <summary>What was written, as a stream.</summary>
    public string Output => _output.ToString();

    /// <summary>How scripts wanted the screen.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>What the screen answers.</summary>
    public Error? RequestError { get; set; }

    /// <summary>Leaves the screen as it is, whatever is written.</summary>
    public bool IsFrozen { get; set; }

    public long SerialBytes { get; set; }
    public bool IsCursorVisible { get; private set; } = true;
    public TextColours Colours => _colours;

    /// <summary>All lines that were shown, from the first, without blanks at their ends.</summary>
    public string Screen => string.Join('\n', _lines.Select(TextOf));

    /// <summary>What stands on the screen now.</summary>
    public string[] Visible => [.. Enumerable.Range(Top, Rows).Select(line => line < _lines.Count ? TextOf(_lines[line]) : "")];

    public override int Columns => columns;
    public override int Rows => rows;

    private int Top => Math.Max(0, _lines.Count - rows);

    /// <summary>The parts of the screen that stand in these colours, without blanks around them, from the top.</summary>
    public string[] InColours(TextColours colours) =>
    [
        .. _lines.Skip(Top).Select(line => new string([.. line.Where(cell => cell.Colours == colours).Select(cell => cell.Character)]).Trim())
            .Where(text => text.Length > 0),
    ];

    public override void Write(ReadOnlySpan<char> text)
    {
        _output.Append(text);
        Log.Write(text);
        if (IsFrozen)
        {
            return;
        }

        foreach (char c in Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text.ToString())))
        {
            Put(c);
        }
    }

    public override void MoveTo(int column, int row)
    {
        Assert.InRange(column, 0, columns - 1);
        Assert.InRange(row, 0, rows - 1);
        if (IsFrozen)
        {
            return;
        }

        Log.IsPaused = true;
        SerialBytes += PositionBytes;
        while (_lines.Count < rows)
        {
            _lines.Add(NewLine(columns));
        }

        (_column, _line) = (column, Top + row);
    }

    public override void SetColours(TextColours colours)
    {
        _base = colours;
        _isInSequence = false;
        _isScreen = colours != TextColours.Usual;
        if (!IsFrozen)
        {
            Apply(colours);
        }
    }

    public override void Clear()
    {
        if (IsFrozen)
        {
            return;
        }

        MoveTo(0, 0);
        Log.IsPaused = false;
        SerialBytes += ClearBytes;
        for (int line = Top; line < _lines.Count; line++)
        {
            Array.Fill(_lines[line], new Cell { Character = ' ', Colours = _colours });
        }
    }

    public override Error? Configure(ScreenRequest request, Platform platform, NetBoot.NetworkStack.EventLoop loop)
    {
        string picture = request.Picture is null ? "" : $" before {request.Picture.Width} x {request.Picture.Height}";
        Requests.Add(request.IsText
            ? "text"
            : $"{request.Width} x {request.Height}, {request.Depth} bits, {request.Left} {request.Right} {request.Top} {request.Bottom}{picture}");
        Palette.HasPicture = request.Picture is not null;
        return RequestError;
    }

    public override void ShowCursor(bool isVisible) => IsCursorVisible = IsFrozen ? IsCursorVisible : isVisible;

    public void Type(string text)
    {
        foreach (char c in text)
        {
            Keys.Enqueue(new Key(c));
        }
    }

    /// <summary>Keys for a menu or a form: characters, and named keys as &lt;D&gt;.</summary>
    public void Press(string keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] == '<')
            {
                ScreenKeys.Enqueue(new Key(Named(keys[i + 1])));
                i += 2;
            }
            else
            {
                ScreenKeys.Enqueue(new Key(keys[i]));
            }
        }
    }

    protected override bool TryReadDevice(out Key key)
    {
        if (_isScreen)
        {
            if (ScreenKeys.TryDequeue(out key))
            {
                return true;
            }

            if (NextKey?.Invoke() is Key next)
            {
                key = next;
                return true;
            }

            if (ScreenKeys.TryDequeue(out key))
            {
                return true;
            }
        }

        if (Keys.Count == 0)
        {
            Type(WhenIdle);
        }

        return Keys.TryDequeue(out key);
    }

    private static KeyCode Named(char name) => name switch
    {
        'U' => KeyCode.Up,
        'D' => KeyCode.Down,
        'L' => KeyCode.Left,
        'R' => KeyCode.Right,
        'P' => KeyCode.PageUp,
        'N' => KeyCode.PageDown,
        'H' => KeyCode.Home,
        'E' => KeyCode.End,
        'X' => KeyCode.Escape,
        '8' => KeyCode.F8,
        'F' => KeyCode.Other,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static Cell[] NewLine(int columns)
    {
        Cell[] line = new Cell[columns];
        Array.Fill(line, new Cell { Character = ' ', Colours = TextColours.Usual });
        return line;
    }

    private static string TextOf(Cell[] line) => new string([.. line.Select(cell => cell.Character)]).TrimEnd();

    private void Apply(TextColours colours)
    {
        SerialBytes += colours == _colours ? 0 : AttributeBytes;
        _colours = colours;
    }

    private void Put(char c)
    {
        if (_isInSequence || c == '\x1B')
        {
            PutSequence(c);
            return;
        }

        SerialBytes += Encoding.UTF8.GetByteCount([c]);
        switch (c)
        {
            case '\n':
                _column = 0;
                NextLine();
                break;
            case '\r':
                _column = 0;
                break;
            case '\b':
                _column = Math.Max(0, _column - 1);
                break;
            default:
                _lines[_line][_column] = new Cell { Character = c, Colours = _colours };
                if (++_column == columns)
                {
                    _column = 0;
                    NextLine();
                }

                break;
        }
    }

    private void NextLine()
    {
        if (++_line == _lines.Count)
        {
            _lines.Add(NewLine(columns));
        }
    }

    /// <summary>Of sequences this knows what the tests use: bold, red and reset.</summary>
    private void PutSequence(char c)
    {
        if (!_isInSequence)
        {
            _isInSequence = true;
            _sequence.Clear();
            return;
        }

        _sequence.Append(c);
        string sequence = _sequence.ToString();
        _isInSequence = sequence == "[" || (sequence.StartsWith('[') && c < '@');
        switch (sequence)
        {
            case "[1m":
                Apply(_colours with { IsBright = true });
                break;
            case "[31m":
                Apply(_colours with { Foreground = 1 });
                break;
            case "[0m" or "[m":
                Apply(_base);
                break;
        }
    }
}
