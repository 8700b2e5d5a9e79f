using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Pictures;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// A text console on a graphical screen (UEFI 2.10, 12.9), before a picture if there is one: a grid of characters, of which only what changes is
/// drawn, by Blt, since not every screen has memory that can be written to.
/// </summary>
public sealed unsafe class FramebufferConsole : IDisposable
{
    private const uint Transparent = uint.MaxValue;
    private const uint White = 0xAAAAAA;
    private const uint Bright = 0x555555;
    private const int CursorHeight = 2;
    private const string FrameLines = "\u250C\u2500\u2510\u2502 \u2502\u2514\u2500\u2518";

    private readonly Arena _arena;
    private readonly EFI_GRAPHICS_OUTPUT_PROTOCOL* _screen;
    private readonly ScreenFont _font;
    private readonly Picture? _picture;
    private readonly ScreenMode _mode;
    private readonly Cell[] _cells;

    /// <summary>Room for the pixels of a row.</summary>
    private readonly uint[] _pixels;

    private int _column;
    private int _row;
    private uint _foreground = White;
    private bool _isCursorVisible = true;
    private bool _isCursorShown;

    private FramebufferConsole(Arena arena, EFI_GRAPHICS_OUTPUT_PROTOCOL* screen, EFI_HII_FONT_PROTOCOL* font, ScreenMode mode, Picture? picture)
    {
        _arena = arena;
        _screen = screen;
        _mode = mode;
        _picture = picture;
        _font = new ScreenFont(font);
        _cells = new Cell[mode.Columns * mode.Rows];
        _pixels = new uint[mode.Columns * ScreenFont.Width * ScreenFont.Height];
    }

    /// <summary>A character, or the right half of a wide one, and its colours.</summary>
    private struct Cell
    {
        public char Character;
        public bool IsRightHalf;
        public uint Foreground;
        public uint Background;

        public readonly bool LooksLike(in Cell other) =>
            Character == other.Character && IsRightHalf == other.IsRightHalf && Background == other.Background &&
            (Foreground == other.Foreground || Character == ' ');
    }

    public int Columns => _mode.Columns;
    public int Rows => _mode.Rows;

    /// <summary>Makes a console, which is not yet shown. Null when there is no memory.</summary>
    /// <param name="screen">Where it is shown.</param>
    /// <param name="font">What the characters look like.</param>
    /// <param name="mode">What the screen is set to, with text.</param>
    /// <param name="picture">As large as the screen; the console's from then on.</param>
    public static FramebufferConsole? Create(EFI_GRAPHICS_OUTPUT_PROTOCOL* screen, EFI_HII_FONT_PROTOCOL* font, ScreenMode mode, Picture? picture)
    {
        int cells = mode.Columns * mode.Rows * sizeof(Cell);
        int pixels = mode.Columns * ScreenFont.Width * ScreenFont.Height * sizeof(uint);
        Arena? arena = Arena.TryCreate(cells + pixels);
        if (arena is null)
        {
            return null;
        }

        using (arena.Enter())
        {
            return new FramebufferConsole(arena, screen, font, mode, picture);
        }
    }

    /// <summary>Sets the screen's mode and shows an empty console.</summary>
    public Error? Show(TextColours colours)
    {
        EFI_STATUS status = _screen->SetMode(_screen, _mode.Number);
        if (status.IsError)
        {
            return new Error(status, TextBuilder.Format($"the firmware cannot set the screen to {_mode.Width} x {_mode.Height} pixels: {status}"));
        }

        DrawBackground(0, 0, _mode.Width, _mode.Height, Transparent);
        Clear(colours);
        return null;
    }

    /// <summary>Writes characters, and what moves the cursor: '\r', '\n' and '\b'.</summary>
    public void Write(ReadOnlySpan<char> text, TextColours colours)
    {
        HideCursor();
        Cell cell = Blank(colours);
        _foreground = cell.Foreground;
        int drawn = _column; // What is from here to the cursor has yet to be drawn.
        foreach (char c in text)
        {
            int width = c < ' ' ? 0 : ScreenText.ColumnsOf(c);
            if (width == 0 || _column + width > Columns)
            {
                Draw(_row, drawn, _column);
                Move(c, cell);
                drawn = _column;
            }

            cell.Character = c;
            for (int half = 0; half < width; half++)
            {
                cell.IsRightHalf = half > 0;
                _cells[_row * Columns + _column++] = cell;
            }

            if (_column == Columns)
            {
                Draw(_row, drawn, _column);
                Move('\0', cell);
                drawn = 0;
            }
        }

        Draw(_row, drawn, _column);
        DrawCursor();
    }

    /// <summary>Moves the cursor; beyond the edge it stays at it.</summary>
    public void MoveTo(int column, int row)
    {
        HideCursor();
        _column = Math.Clamp(column, 0, Columns - 1);
        _row = Math.Clamp(row, 0, Rows - 1);
        DrawCursor();
    }

    /// <summary>Empties the console, the cursor at the top left.</summary>
    public void Clear(TextColours colours)
    {
        _isCursorShown = false;
        Cell blank = Blank(colours);
        new Span<Cell>(_cells).Fill(blank);
        DrawBackground(_mode.Left, _mode.Top, Columns * ScreenFont.Width, Rows * ScreenFont.Height, blank.Background);
        MoveTo(0, 0);
    }

    public void ShowCursor(bool isVisible)
    {
        HideCursor();
        _isCursorVisible = isVisible;
        DrawCursor();
    }

    /// <summary>Draws a frame as wide as the console, where there is nothing else.</summary>
    public void DrawFrame(int top, int bottom, TextColours colours)
    {
        for (int row = top; row <= bottom; row++)
        {
            int first = row == top ? 0 : row == bottom ? 6 : 3;
            for (int column = 0; column < Columns; column++)
            {
                ref Cell cell = ref _cells[row * Columns + column];
                if (cell.Character == ' ')
                {
                    cell.Character = FrameLines[first + (column == 0 ? 0 : column == Columns - 1 ? 2 : 1)];
                    cell.Foreground = cell.Character == ' ' ? cell.Foreground : Blank(colours).Foreground;
                }
            }

            bool isLine = row == top || row == bottom;
            Draw(row, 0, isLine ? Columns : 1);
            Draw(row, Columns - 1, Columns);
        }
    }

    /// <summary>Gives the memory back; the screen stays as it is.</summary>
    public void Dispose()
    {
        _picture?.Dispose();
        _arena.Dispose();
    }

    private static Cell Blank(TextColours colours) => new()
    {
        Character = ' ',
        Foreground = Rgb(colours.Foreground, colours.ExactForeground, White) | (colours.IsBright ? Bright : 0),
        Background = Rgb(colours.Background, colours.ExactBackground, Transparent),
    };

    /// <summary>ANSI's colours are of two thirds of the light.</summary>
    private static uint Rgb(uint colour, uint exact, uint otherwise) =>
        exact != 0 ? exact & ~TextColours.IsExact
        : colour == TextColours.Default ? otherwise
        : (colour & 1) * 0xAA0000 | (colour >> 1 & 1) * 0xAA00 | (colour >> 2 & 1) * 0xAA;

    /// <summary>Moves the cursor as a control character says; any other begins the next row.</summary>
    private void Move(char c, in Cell blank)
    {
        switch (c)
        {
            case '\r':
                _column = 0;
                return;
            case '\b':
                _column = Math.Max(0, _column - 1);
                return;
            case '\n':
                break;
            default:
                _column = 0;
                break;
        }

        if (++_row == Rows)
        {
            _row--;
            Scroll(blank);
        }
    }

    /// <summary>Moves all rows up by one, and draws what looks different then.</summary>
    private void Scroll(Cell blank)
    {
        blank.Character = ' ';
        blank.IsRightHalf = false;
        for (int row = 0; row < Rows; row++)
        {
            int first = Columns;
            int end = 0;
            for (int column = 0; column < Columns; column++)
            {
                ref Cell cell = ref _cells[row * Columns + column];
                Cell below = row + 1 < Rows ? _cells[(row + 1) * Columns + column] : blank;
                if (!cell.LooksLike(below))
                {
                    first = Math.Min(first, column);
                    end = column + 1;
                }

                cell = below;
            }

            Draw(row, first, end);
        }
    }

    private void HideCursor()
    {
        if (_isCursorShown)
        {
            _isCursorShown = false;
            Draw(_row, _column, _column + 1);
        }
    }

    private void DrawCursor()
    {
        if (_isCursorVisible)
        {
            _isCursorShown = true;
            int y = _mode.Top + (_row + 1) * ScreenFont.Height - CursorHeight;
            Fill(_mode.Left + _column * ScreenFont.Width, y, ScreenFont.Width, CursorHeight, _foreground);
        }
    }

    /// <summary>Draws cells of a row.</summary>
    private void Draw(int row, int from, int to)
    {
        if (from >= to)
        {
            return;
        }

        int width = (to - from) * ScreenFont.Width;
        int x = _mode.Left + from * ScreenFont.Width;
        int y = _mode.Top + row * ScreenFont.Height;
        for (int column = from; column < to; column++)
        {
            Compose(_cells[row * Columns + column], (column - from) * ScreenFont.Width, width, x, y);
        }

        fixed (uint* pixels = _pixels)
        {
            Blt(pixels, EFI_GRAPHICS_OUTPUT_BLT_OPERATION.EfiBltBufferToVideo, 0, 0, x, y, width, ScreenFont.Height, 0);
        }
    }

    /// <summary>Puts a cell's pixels into the row's.</summary>
    /// <param name="cell">What is drawn.</param>
    /// <param name="at">Where the cell begins in a line of the row's pixels.</param>
    /// <param name="width">How many there are in a line.</param>
    /// <param name="x">Where the line begins on the screen.</param>
    /// <param name="y">The same.</param>
    private void Compose(in Cell cell, int at, int width, int x, int y)
    {
        ReadOnlySpan<ushort> glyph = _font.Find(cell.Character);
        for (int line = 0; line < ScreenFont.Height; line++)
        {
            int bits = cell.IsRightHalf ? glyph[line] << ScreenFont.Width : glyph[line];
            Span<uint> to = new(_pixels, line * width + at, ScreenFont.Width);
            for (int i = 0; i < to.Length; i++, bits <<= 1)
            {
                to[i] = (bits & 0x8000) != 0 ? cell.Foreground
                    : cell.Background != Transparent ? cell.Background
                    : _picture is null ? 0
                    : _picture.Pixels[(y + line) * _picture.Width + x + at + i];
            }
        }
    }

    private void DrawBackground(int x, int y, int width, int height, uint colour)
    {
        if (colour != Transparent || _picture is null)
        {
            Fill(x, y, width, height, colour == Transparent ? 0 : colour);
            return;
        }

        Blt(
            _picture.Pixels, EFI_GRAPHICS_OUTPUT_BLT_OPERATION.EfiBltBufferToVideo, x, y, x, y, width, height, _picture.Width * sizeof(uint));
    }

    private void Fill(int x, int y, int width, int height, uint colour) =>
        Blt(&colour, EFI_GRAPHICS_OUTPUT_BLT_OPERATION.EfiBltVideoFill, 0, 0, x, y, width, height, 0);

    private void Blt(
        uint* buffer, EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, int fromX, int fromY, int x, int y, int width, int height, int delta) =>
        _screen->Blt(
            _screen, (EFI_GRAPHICS_OUTPUT_BLT_PIXEL*)buffer, operation, (nuint)fromX, (nuint)fromY, (nuint)x, (nuint)y, (nuint)width, (nuint)height,
            (nuint)delta);
}
