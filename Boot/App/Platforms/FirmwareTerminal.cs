using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// The firmware's console (UEFI 2.10, 12.3 and 12.4), which may be a screen, a serial line or both. UTF-8 is decoded; of ANSI escape
/// sequences, colours are honoured (<see cref="EscapeSequences"/>).
/// </summary>
public sealed unsafe class FirmwareTerminal : Terminal
{
    private const int BufferSize = 128;

    private readonly EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* _output;
    private readonly EFI_SIMPLE_TEXT_INPUT_PROTOCOL* _input;
    private readonly EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* _extendedInput;
    private readonly EscapeSequences _sequences = new();
    private TextColours _colours = TextColours.Usual;

    public FirmwareTerminal(EFI_SYSTEM_TABLE* table)
    {
        _output = table->ConOut;
        _input = table->ConIn;
        _extendedInput = table->ConsoleInHandle.IsNull ? null : Firmware.Get<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL>(table->ConsoleInHandle);
    }

    /// <inheritdoc/>
    public override int Columns
    {
        get
        {
            GetSize(out int columns, out _);
            return columns;
        }
    }

    /// <inheritdoc/>
    public override int Rows
    {
        get
        {
            GetSize(out _, out int rows);
            return rows;
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
            if (_sequences.Take(c))
            {
                if (_sequences.Colours != _colours)
                {
                    Flush(buffer, ref length);
                    Apply(_sequences.Colours);
                }

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
    public override void MoveTo(int column, int row)
    {
        if (_output != null)
        {
            _output->SetCursorPosition(_output, (nuint)column, (nuint)row);
        }
    }

    /// <inheritdoc/>
    public override void SetColours(TextColours colours)
    {
        _sequences.Reset(colours);
        if (_output != null && colours != _colours)
        {
            Apply(colours);
        }
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        if (_output != null)
        {
            _output->ClearScreen(_output);
        }
    }

    /// <inheritdoc/>
    public override void ShowCursor(bool isVisible)
    {
        if (_output != null)
        {
            _output->EnableCursor(_output, (byte)(isVisible ? 1 : 0));
        }
    }

    /// <inheritdoc/>
    protected override bool TryReadDevice(out Key key)
    {
        key = default;
        EFI_KEY_DATA data = default;
        if (!TryReadStroke(&data))
        {
            return false;
        }

        EFI_INPUT_KEY input = data.Key;
        key = input.ScanCode switch
        {
            EFI_SCAN_CODE.SCAN_NULL => new Key(input.UnicodeChar),
            >= EFI_SCAN_CODE.SCAN_F5 and <= EFI_SCAN_CODE.SCAN_F12 => new Key((KeyCode)((int)KeyCode.F5 + input.ScanCode - EFI_SCAN_CODE.SCAN_F5)),
            EFI_SCAN_CODE.SCAN_UP => new Key(KeyCode.Up),
            EFI_SCAN_CODE.SCAN_DOWN => new Key(KeyCode.Down),
            EFI_SCAN_CODE.SCAN_RIGHT => new Key(KeyCode.Right),
            EFI_SCAN_CODE.SCAN_LEFT => new Key(KeyCode.Left),
            EFI_SCAN_CODE.SCAN_HOME => new Key(KeyCode.Home),
            EFI_SCAN_CODE.SCAN_END => new Key(KeyCode.End),
            EFI_SCAN_CODE.SCAN_INSERT => new Key(KeyCode.Insert),
            EFI_SCAN_CODE.SCAN_DELETE => new Key(KeyCode.Delete),
            EFI_SCAN_CODE.SCAN_PAGE_UP => new Key(KeyCode.PageUp),
            EFI_SCAN_CODE.SCAN_PAGE_DOWN => new Key(KeyCode.PageDown),
            EFI_SCAN_CODE.SCAN_ESC => new Key(KeyCode.Escape),
            _ => new Key(KeyCode.Other),
        };
        uint shifts = (data.KeyState.KeyShiftState & EFI_KEY_STATE.EFI_SHIFT_STATE_VALID) != 0 ? data.KeyState.KeyShiftState : 0;
        int locks = (data.KeyState.KeyToggleState & EFI_KEY_STATE.EFI_TOGGLE_STATE_VALID) != 0 ? data.KeyState.KeyToggleState : 0;
        key = Keymap.Translate(
            key,
            (shifts & EFI_KEY_STATE.EFI_RIGHT_ALT_PRESSED) != 0,
            (shifts & (EFI_KEY_STATE.EFI_LEFT_CONTROL_PRESSED | EFI_KEY_STATE.EFI_RIGHT_CONTROL_PRESSED)) != 0,
            (locks & EFI_KEY_STATE.EFI_CAPS_LOCK_ACTIVE) != 0);
        return true;
    }

    /// <summary>Only a keyboard map needs to know what is held with a key, so that firmware without it is as good as any.</summary>
    private bool TryReadStroke(EFI_KEY_DATA* data)
    {
        if (!Keymap.IsNeeded || _extendedInput == null)
        {
            return _input != null && !_input->ReadKeyStroke(_input, &data->Key).IsError;
        }

        // Some drivers tell of shift keys that are pressed alone.
        return !_extendedInput->ReadKeyStrokeEx(_extendedInput, data).IsError && (data->Key.ScanCode != 0 || data->Key.UnicodeChar != 0);
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

    private void Apply(TextColours colours)
    {
        _colours = colours;
        nuint bright = colours.IsBright ? EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_DARKGRAY : 0;
        _output->SetAttribute(
            _output, EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_TEXT_ATTR(ToEfi(colours.Foreground) | bright, ToEfi(colours.Background)));
    }

    private void GetSize(out int columns, out int rows)
    {
        nuint width = 0;
        nuint height = 0;
        bool isKnown = _output != null && _output->Mode != null &&
            !_output->QueryMode(_output, (nuint)_output->Mode->Mode, &width, &height).IsError && width >= 40 && height >= 10;
        columns = isKnown ? (int)Math.Min(width, 1000) : 80;
        rows = isKnown ? (int)Math.Min(height, 1000) : 25;
    }

    /// <summary>ANSI has red lowest and blue highest, EFI the other way round.</summary>
    private static nuint ToEfi(byte ansi) => (nuint)(((ansi & 1) << 2) | (ansi & 2) | ((ansi >> 2) & 1));
}
