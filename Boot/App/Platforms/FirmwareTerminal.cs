using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Pictures;
using NetBoot.Boot.App.Script;
using NetBoot.BusDrivers.Foreign.Edk2;
using NetBoot.NetworkStack;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// The firmware's console (UEFI 2.10, 12.3 and 12.4), which may be a screen, a serial line or both. Where a script has set the screen up, a
/// <see cref="FramebufferConsole"/> has it, and the firmware's other consoles go on beside it. UTF-8 is decoded; of ANSI escape sequences, colours
/// are honoured (<see cref="EscapeSequences"/>).
/// </summary>
public sealed unsafe class FirmwareTerminal : Terminal
{
    private const int BufferSize = 128;
    private const int MaximumOutputs = 8;
    private const int MinimumColumns = 40;
    private const int MinimumRows = 10;

    private readonly EFI_SYSTEM_TABLE* _table;
    private readonly EFI_SIMPLE_TEXT_INPUT_PROTOCOL* _input;
    private readonly EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* _extendedInput;
    private readonly EscapeSequences _sequences = new();

    /// <summary>EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*: the system's console, or those beside the screen.</summary>
    private readonly nint[] _outputs = new nint[MaximumOutputs];

    private readonly int _firstAttribute = (int)EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_LIGHTGRAY;
    private int _outputCount;
    private TextColours _colours = TextColours.Usual;
    private bool _isCursorVisible = true;
    private EFI_GRAPHICS_OUTPUT_PROTOCOL* _screen;
    private FramebufferConsole? _framebuffer;

    /// <summary>The screen's mode while the firmware has it.</summary>
    private uint _firmwareMode;

    public FirmwareTerminal(EFI_SYSTEM_TABLE* table)
    {
        _table = table;
        _input = table->ConIn;
        _extendedInput = table->ConsoleInHandle.IsNull ? null : Firmware.Get<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL>(table->ConsoleInHandle);
        TakeSystemConsole();
        if (_outputCount > 0 && Output(0)->Mode != null)
        {
            _firstAttribute = Output(0)->Mode->Attribute;
        }
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
        Log.Write(text);
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
        Log.IsPaused = true; // Until the screen is cleared.
        for (int i = 0; i < _outputCount; i++)
        {
            Output(i)->SetCursorPosition(Output(i), (nuint)column, (nuint)row);
        }

        _framebuffer?.MoveTo(column, row);
    }

    /// <inheritdoc/>
    public override void SetColours(TextColours colours)
    {
        _sequences.Reset(colours);
        if (colours != _colours)
        {
            Apply(colours);
        }
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        Log.IsPaused = false;
        for (int i = 0; i < _outputCount; i++)
        {
            Output(i)->ClearScreen(Output(i));
        }

        _framebuffer?.Clear(_colours);
    }

    /// <inheritdoc/>
    public override void ShowCursor(bool isVisible)
    {
        _isCursorVisible = isVisible;
        for (int i = 0; i < _outputCount; i++)
        {
            Output(i)->EnableCursor(Output(i), (byte)(isVisible ? 1 : 0));
        }

        _framebuffer?.ShowCursor(isVisible);
    }

    /// <inheritdoc/>
    public override void DrawFrame(int top, int bottom, TextColours colours) => _framebuffer?.DrawFrame(top, bottom, colours);

    /// <inheritdoc/>
    public override Error? Configure(ScreenRequest request, Platform platform, EventLoop loop)
    {
        // The screen that the system's console shows on, if firmware says so.
        EFI_GRAPHICS_OUTPUT_PROTOCOL* screen =
            _table->ConsoleOutHandle.IsNull ? null : Firmware.Get<EFI_GRAPHICS_OUTPUT_PROTOCOL>(_table->ConsoleOutHandle);
        screen = screen == null ? Firmware.Locate<EFI_GRAPHICS_OUTPUT_PROTOCOL>() : screen;
        EFI_HII_FONT_PROTOCOL* font = Firmware.Locate<EFI_HII_FONT_PROTOCOL>();
        FramebufferConsole? next = null;
        if (!request.IsText && screen != null && screen->Mode != null && font != null)
        {
            Error? error = Prepare(screen, font, request, platform, loop, out next);
            if (error is not null)
            {
                return error;
            }
        }

        _firmwareMode = next is not null && _framebuffer is null ? screen->Mode->Mode : _firmwareMode;
        LeaveScreen(isForGood: next is null);
        return next is null ? null : TakeScreen(screen, next, request.Picture is not null);
    }

    /// <inheritdoc/>
    public override void Restore()
    {
        LeaveScreen(isForGood: true);
        for (int i = 0; i < _outputCount; i++)
        {
            Output(i)->SetAttribute(Output(i), (nuint)_firstAttribute);
        }

        ShowCursor(true);
        _colours = default; // Others may change them now: whatever is wanted next is set anew.
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

    private static EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* AsOutput(nint output) => (EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*)output;

    private EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* Output(int index) => AsOutput(_outputs[index]);

    /// <summary>Makes all that the screen needs while it is as it was, so that it stays so when something is missing.</summary>
    private Error? Prepare(
        EFI_GRAPHICS_OUTPUT_PROTOCOL* screen, EFI_HII_FONT_PROTOCOL* font, in ScreenRequest request, Platform platform, EventLoop loop,
        out FramebufferConsole? console)
    {
        console = null;
        Error? error = ScreenMode.Find(screen, request, out ScreenMode mode);
        if (error is not null)
        {
            return error;
        }

        mode = WithTextForAll(mode, request);
        if (mode.Columns < MinimumColumns || mode.Rows < MinimumRows)
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format(
                $"the margins leave room for {mode.Columns} x {mode.Rows} characters; {MinimumColumns} x {MinimumRows} are needed"));
        }

        Picture? picture = null;
        if (request.Picture is PngFile file)
        {
            picture = Picture.Create(platform, mode.Width, mode.Height);
            if (picture is null)
            {
                return NoMemory();
            }

            picture.Centre(file.Width, file.Height);
            error = FirmwareDecoder.TryDecode(file, picture) ? null : file.Decode(picture, platform, loop);
        }

        if (error is null)
        {
            console = FramebufferConsole.Create(screen, font, mode, picture);
            error = console is null ? NoMemory() : null;
        }

        if (error is not null)
        {
            picture?.Dispose();
        }

        return error;
    }

    /// <summary>All consoles show the same text, so it is no larger than the smallest of them.</summary>
    private ScreenMode WithTextForAll(ScreenMode mode, in ScreenRequest request)
    {
        int columns = int.MaxValue;
        int rows = int.MaxValue;
        Span<nint> others = stackalloc nint[MaximumOutputs];
        foreach (nint other in others.Slice(0, FindOthers(others)))
        {
            GetSize(AsOutput(other), out int otherColumns, out int otherRows);
            columns = Math.Min(columns, otherColumns);
            rows = Math.Min(rows, otherRows);
        }

        return mode.WithText(request, columns, rows);
    }

    /// <summary>Finds the active parts of the system's console that are on no screen: what edk2's console splitter joins.</summary>
    private int FindOthers(Span<nint> others)
    {
        int count = 0;
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<CONSOLE_OUT_DEVICE>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* output = Firmware.Get<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL>(handle);
            if (output != null && output != _table->ConOut && count < others.Length && !Firmware.Has<EFI_GRAPHICS_OUTPUT_PROTOCOL>(handle))
            {
                others[count++] = (nint)output;
            }
        }

        return count;
    }

    private void TakeSystemConsole()
    {
        _outputs[0] = (nint)_table->ConOut;
        _outputCount = _table->ConOut == null ? 0 : 1;
    }

    private Error? TakeScreen(EFI_GRAPHICS_OUTPUT_PROTOCOL* screen, FramebufferConsole console, bool hasPicture)
    {
        _screen = screen;
        _framebuffer = console;
        Error? error = console.Show(_colours);
        if (error is not null)
        {
            LeaveScreen(isForGood: true);
            return error;
        }

        Palette.HasPicture = hasPicture;
        _outputCount = FindOthers(_outputs);
        Apply(_colours);
        ShowCursor(_isCursorVisible);
        return null;
    }

    /// <summary>Gives up the framebuffer console, and if that is for good the screen to the firmware, whose text mode empties it.</summary>
    private void LeaveScreen(bool isForGood)
    {
        Palette.HasPicture = false;
        if (_framebuffer is null)
        {
            return;
        }

        _framebuffer.Dispose();
        _framebuffer = null;
        if (!isForGood)
        {
            return;
        }

        _screen->SetMode(_screen, _firmwareMode);
        TakeSystemConsole();
        for (int i = 0; i < _outputCount && Output(i)->Mode != null; i++)
        {
            Output(i)->SetMode(Output(i), (nuint)Output(i)->Mode->Mode);
        }

        Apply(_colours);
        ShowCursor(_isCursorVisible);
    }

    private void Flush(char* buffer, ref int length)
    {
        if (length == 0)
        {
            return;
        }

        // The screen first: who reads the serial line sees a screen with the same.
        _framebuffer?.Write(new ReadOnlySpan<char>(buffer, length), _colours);
        buffer[length] = '\0';
        for (int i = 0; i < _outputCount; i++)
        {
            Output(i)->OutputString(Output(i), buffer);
        }

        length = 0;
    }

    private void Apply(TextColours colours)
    {
        _colours = colours;
        nuint bright = colours.IsBright ? EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_DARKGRAY : 0;
        nuint foreground = ToEfi(colours.Foreground, EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_LIGHTGRAY) | bright;
        nuint background = ToEfi(colours.Background, EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_BLACK);
        for (int i = 0; i < _outputCount; i++)
        {
            Output(i)->SetAttribute(Output(i), EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_TEXT_ATTR(foreground, background));
        }
    }

    private void GetSize(out int columns, out int rows)
    {
        if (_framebuffer is not null)
        {
            columns = _framebuffer.Columns;
            rows = _framebuffer.Rows;
            return;
        }

        GetSize(_table->ConOut, out columns, out rows);
    }

    private static void GetSize(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* output, out int columns, out int rows)
    {
        nuint width = 0;
        nuint height = 0;
        bool isKnown = output != null && output->Mode != null && !output->QueryMode(output, (nuint)output->Mode->Mode, &width, &height).IsError &&
            width >= MinimumColumns && height >= MinimumRows;
        columns = isKnown ? (int)Math.Min(width, 1000) : 80;
        rows = isKnown ? (int)Math.Min(height, 1000) : 25;
    }

    /// <summary>ANSI has red lowest and blue highest, EFI the other way round.</summary>
    private static nuint ToEfi(byte ansi, nuint otherwise) =>
        ansi == TextColours.Default ? otherwise : (nuint)(((ansi & 1) << 2) | (ansi & 2) | ((ansi >> 2) & 1));

    private static Error NoMemory() => new(EFI_STATUS.EFI_OUT_OF_RESOURCES, "no memory for the screen");
}
