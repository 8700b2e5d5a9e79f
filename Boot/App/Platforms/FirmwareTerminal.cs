using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// The firmware's console (UEFI 2.10, 12.3 and 12.4), which may be a screen, a serial line or both. UTF-8 is decoded; of ANSI escape
/// sequences, which scripts put in their texts, colours are honoured and the rest is dropped.
/// </summary>
public sealed unsafe class FirmwareTerminal : Terminal
{
    private const int BufferSize = 128;
    private const int MaximumParameters = 8;
    private const nuint UsualAttribute = EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_LIGHTGRAY;

    private readonly EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* _output;
    private readonly EFI_SIMPLE_TEXT_INPUT_PROTOCOL* _input;
    private readonly int[] _parameters = new int[MaximumParameters];
    private int _parameterCount;
    private EscapeState _escape;
    private nuint _foreground = UsualAttribute;
    private nuint _background;
    private bool _isBold;

    public FirmwareTerminal(EFI_SYSTEM_TABLE* table)
    {
        _output = table->ConOut;
        _input = table->ConIn;
    }

    private enum EscapeState
    {
        None,
        Escape,
        Sequence,
    }

    /// <inheritdoc/>
    public override int Columns
    {
        get
        {
            nuint columns = 0;
            nuint rows = 0;
            if (_output == null || _output->Mode == null ||
                _output->QueryMode(_output, (nuint)_output->Mode->Mode, &columns, &rows).IsError || columns < 40)
            {
                return 80;
            }

            return (int)Math.Min(columns, 1000);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> text)
    {
        if (_output == null)
        {
            return;
        }

        char* buffer = stackalloc char[BufferSize + 3];
        int length = 0;
        int at = 0;
        while (at < text.Length)
        {
            char c = ByteText.NextUcs2(text, ref at);
            if (_escape != EscapeState.None || c == '\x1B')
            {
                Flush(buffer, ref length);
                Escape(c);
                continue;
            }

            if (c == '\n')
            {
                buffer[length++] = '\r';
            }

            if (c is >= ' ' or '\n' or '\r' or '\b')
            {
                buffer[length++] = c;
            }
            else if (c == '\t')
            {
                buffer[length++] = ' ';
            }

            if (length >= BufferSize)
            {
                Flush(buffer, ref length);
            }
        }

        Flush(buffer, ref length);
    }

    /// <inheritdoc/>
    protected override bool TryReadDevice(out Key key)
    {
        key = default;
        EFI_INPUT_KEY input = default;
        if (_input == null || _input->ReadKeyStroke(_input, &input).IsError)
        {
            return false;
        }

        key = input.ScanCode switch
        {
            EFI_SCAN_CODE.SCAN_NULL => new Key(input.UnicodeChar),
            EFI_SCAN_CODE.SCAN_UP => new Key(KeyCode.Up, '\0'),
            EFI_SCAN_CODE.SCAN_DOWN => new Key(KeyCode.Down, '\0'),
            EFI_SCAN_CODE.SCAN_RIGHT => new Key(KeyCode.Right, '\0'),
            EFI_SCAN_CODE.SCAN_LEFT => new Key(KeyCode.Left, '\0'),
            EFI_SCAN_CODE.SCAN_HOME => new Key(KeyCode.Home, '\0'),
            EFI_SCAN_CODE.SCAN_END => new Key(KeyCode.End, '\0'),
            EFI_SCAN_CODE.SCAN_DELETE => new Key(KeyCode.Delete, '\0'),
            EFI_SCAN_CODE.SCAN_PAGE_UP => new Key(KeyCode.PageUp, '\0'),
            EFI_SCAN_CODE.SCAN_PAGE_DOWN => new Key(KeyCode.PageDown, '\0'),
            EFI_SCAN_CODE.SCAN_ESC => new Key(KeyCode.Escape, '\0'),
            _ => new Key(KeyCode.Other, '\0'),
        };
        return true;
    }

    private void Flush(char* buffer, ref int length)
    {
        if (length > 0)
        {
            buffer[length] = '\0';
            _output->OutputString(_output, buffer);
            length = 0;
        }
    }

    /// <summary>Takes the next character of "ESC [ 1 ; 31 m" (ECMA-48, 5.4).</summary>
    private void Escape(char c)
    {
        if (c == '\x1B')
        {
            _escape = EscapeState.Escape;
            return;
        }

        if (_escape == EscapeState.Escape)
        {
            _escape = c == '[' ? EscapeState.Sequence : EscapeState.None;
            _parameterCount = 1;
            _parameters[0] = 0;
            return;
        }

        if (c is >= '0' and <= '9')
        {
            int value = _parameters[_parameterCount - 1];
            _parameters[_parameterCount - 1] = Math.Min(value * 10 + (c - '0'), 1000);
        }
        else if (c == ';')
        {
            _parameterCount = Math.Min(_parameterCount + 1, MaximumParameters);
            _parameters[_parameterCount - 1] = 0;
        }
        else if (c >= '@')
        {
            _escape = EscapeState.None;
            if (c == 'm')
            {
                SetColours();
            }
        }
    }

    /// <summary>Select Graphic Rendition (ECMA-48, 8.3.117): bold, and the eight colours of text and background.</summary>
    private void SetColours()
    {
        for (int i = 0; i < _parameterCount; i++)
        {
            int parameter = _parameters[i];
            switch (parameter)
            {
                case 0:
                    _foreground = UsualAttribute;
                    _background = 0;
                    _isBold = false;
                    break;
                case 1:
                    _isBold = true;
                    break;
                case 22:
                    _isBold = false;
                    break;
                case >= 30 and <= 37:
                    _foreground = Colour(parameter - 30);
                    break;
                case 39:
                    _foreground = UsualAttribute;
                    break;
                case >= 40 and <= 47:
                    _background = Colour(parameter - 40);
                    break;
                case 49:
                    _background = 0;
                    break;
            }
        }

        nuint bright = _isBold ? EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_DARKGRAY : 0;
        _output->SetAttribute(_output, EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_TEXT_ATTR(_foreground | bright, _background));
    }

    /// <summary>ANSI has red lowest and blue highest, EFI the other way round.</summary>
    private static nuint Colour(int ansi) => (nuint)(((ansi & 1) << 2) | (ansi & 2) | ((ansi >> 2) & 1));
}
