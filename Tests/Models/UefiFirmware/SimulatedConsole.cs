using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>The console of a <see cref="SimulatedFirmware"/>: 80 by 25 characters that are kept as text, and keys that a test presses.</summary>
public sealed unsafe class SimulatedConsole
{
    public const int Columns = 80;
    public const int Rows = 25;

    private struct PartTag : IProtocol
    {
        public static EFI_GUID Guid => new(0xD3B36F2C, 0xD551, 0x11D4, 0x9A, 0x46, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);
    }

    private readonly SimulatedFirmware _firmware;
    private readonly StringBuilder _text = new();
    private readonly Queue<EFI_KEY_DATA> _keys = new();
    private readonly EFI_SIMPLE_TEXT_OUTPUT_MODE* _mode;

    internal SimulatedConsole(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        SimulatedEvent wait = firmware.Events.CreateOwn(SignalWhenKey);
        _mode = firmware.Allocate<EFI_SIMPLE_TEXT_OUTPUT_MODE>();
        _mode->MaxMode = 1;
        _mode->Attribute = (int)EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.EFI_LIGHTGRAY;

        Output = firmware.Allocate<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL>(this);
        Output->Reset = &ResetOutput;
        Output->OutputString = &OutputString;
        Output->TestString = &TestString;
        Output->QueryMode = &QueryMode;
        Output->SetMode = &SetMode;
        Output->SetAttribute = &SetAttribute;
        Output->ClearScreen = &ClearScreen;
        Output->SetCursorPosition = &SetCursorPosition;
        Output->EnableCursor = &EnableCursor;
        Output->Mode = _mode;

        Input = firmware.Allocate<EFI_SIMPLE_TEXT_INPUT_PROTOCOL>(this);
        Input->Reset = &ResetInput;
        Input->ReadKeyStroke = &ReadKeyStroke;
        Input->WaitForKey = wait.Handle;

        InputEx = firmware.Allocate<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL>(this);
        InputEx->Reset = &ResetInputEx;
        InputEx->ReadKeyStrokeEx = &ReadKeyStrokeEx;
        InputEx->WaitForKeyEx = wait.Handle;
        InputEx->SetState = &SetState;
        InputEx->RegisterKeyNotify = &RegisterKeyNotify;
        InputEx->UnregisterKeyNotify = &UnregisterKeyNotify;

        InputHandle = firmware.Install(default, Input);
        firmware.Install(InputHandle, InputEx);
        OutputHandle = firmware.Install(default, Output);
    }

    /// <summary>
    /// Makes a console beside the system's, tagged as one of those that the system's is made of (edk2's gEfiConsoleOutDeviceGuid): a serial line. What
    /// is written to the system's does not appear on it.
    /// </summary>
    public static SimulatedConsole CreatePart(SimulatedFirmware firmware)
    {
        SimulatedConsole part = new(firmware);
        firmware.Install(part.OutputHandle, (PartTag*)null);
        return part;
    }

    internal EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* Output { get; }
    internal EFI_SIMPLE_TEXT_INPUT_PROTOCOL* Input { get; }
    internal EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* InputEx { get; }
    internal EFI_HANDLE InputHandle { get; }
    internal EFI_HANDLE OutputHandle { get; }

    /// <summary>All that was written so far, as it was written but for carriage returns before new lines.</summary>
    public string Text => _text.ToString().Replace("\r\n", "\n");

    public int Attribute => _mode->Attribute;
    public int CursorColumn => _mode->CursorColumn;
    public int CursorRow => _mode->CursorRow;
    public bool IsCursorVisible => _mode->CursorVisible != 0;

    /// <summary>Keys that nobody has read yet.</summary>
    public int PendingKeys => _keys.Count;

    public void Clear() => _text.Clear();

    /// <summary>Presses a key for each character; '\r' is Enter.</summary>
    public void Type(string text)
    {
        foreach (char character in text)
        {
            _keys.Enqueue(new EFI_KEY_DATA { Key = new EFI_INPUT_KEY { UnicodeChar = character } });
        }
    }

    /// <summary>Presses a key while others are held or switched on.</summary>
    public void Type(char character, uint shiftState, int toggleState = 0) => _keys.Enqueue(new EFI_KEY_DATA
    {
        Key = new EFI_INPUT_KEY { UnicodeChar = character },
        KeyState = new EFI_KEY_STATE { KeyShiftState = shiftState, KeyToggleState = (byte)toggleState },
    });

    /// <summary>Presses a key that has no character.</summary>
    public void Press(ushort scanCode, uint shiftState = 0) => _keys.Enqueue(new EFI_KEY_DATA
    {
        Key = new EFI_INPUT_KEY { ScanCode = scanCode },
        KeyState = new EFI_KEY_STATE { KeyShiftState = shiftState },
    });

    private void SignalWhenKey(SimulatedEvent wait)
    {
        if (_keys.Count > 0)
        {
            wait.IsSignaled = true;
        }
    }

    private EFI_STATUS Write(char* text)
    {
        for (; *text != 0; text++)
        {
            _text.Append(*text);
            switch (*text)
            {
                case '\r':
                    _mode->CursorColumn = 0;
                    break;
                case '\n':
                    NextRow();
                    break;
                case '\b':
                    _mode->CursorColumn = Math.Max(0, _mode->CursorColumn - 1);
                    break;
                default:
                    if (++_mode->CursorColumn == Columns)
                    {
                        _mode->CursorColumn = 0;
                        NextRow();
                    }

                    break;
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private void NextRow() => _mode->CursorRow = Math.Min(_mode->CursorRow + 1, Rows - 1);

    private EFI_STATUS Read(EFI_KEY_DATA* key)
    {
        if (!_keys.TryDequeue(out EFI_KEY_DATA next))
        {
            *key = default;
            _firmware.Spend(_firmware.PollTime);
            return EFI_STATUS.EFI_NOT_READY;
        }

        *key = next;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Do<T>(string member, nuint tpl, T* self, Func<SimulatedConsole, EFI_STATUS> body) where T : unmanaged =>
        SimulatedFirmware.Serve(member, tpl, firmware =>
        {
            if (self == null)
            {
                firmware.Violate($"{member} with a null This");
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            return body(ProtocolInstance<T>.OwnerOf<SimulatedConsole>(self));
        });

    private static EFI_STATUS Write(
        string member, EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, Func<SimulatedConsole, EFI_STATUS> body) =>
        Do(member, EFI_TPL.TPL_NOTIFY, self, body);

    [UnmanagedCallersOnly]
    private static EFI_STATUS ResetOutput(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, byte extended) =>
        Write("EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.Reset", self, _ => EFI_STATUS.EFI_SUCCESS);

    [UnmanagedCallersOnly]
    private static EFI_STATUS OutputString(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, char* text) => Write(
        nameof(OutputString), self, console => text == null ? EFI_STATUS.EFI_INVALID_PARAMETER : console.Write(text));

    [UnmanagedCallersOnly]
    private static EFI_STATUS TestString(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, char* text) =>
        Write(nameof(TestString), self, _ => EFI_STATUS.EFI_SUCCESS);

    [UnmanagedCallersOnly]
    private static EFI_STATUS QueryMode(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, nuint mode, nuint* columns, nuint* rows) =>
        Write(nameof(QueryMode), self, _ =>
        {
            if (mode != 0)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            *columns = Columns;
            *rows = Rows;
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetMode(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, nuint mode) =>
        Write(nameof(SetMode), self, console => mode == 0 ? console.Home() : EFI_STATUS.EFI_UNSUPPORTED);

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetAttribute(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, nuint attribute) =>
        Write(nameof(SetAttribute), self, console =>
        {
            if (attribute > 0x7F)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            console._mode->Attribute = (int)attribute;
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS ClearScreen(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self) =>
        Write(nameof(ClearScreen), self, console => console.Home());

    private EFI_STATUS Home()
    {
        _mode->CursorColumn = 0;
        _mode->CursorRow = 0;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetCursorPosition(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, nuint column, nuint row) =>
        Write(nameof(SetCursorPosition), self, console =>
        {
            if (column >= Columns || row >= Rows)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            console._mode->CursorColumn = (int)column;
            console._mode->CursorRow = (int)row;
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS EnableCursor(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* self, byte visible) =>
        Write(nameof(EnableCursor), self, console =>
        {
            console._mode->CursorVisible = visible;
            return EFI_STATUS.EFI_SUCCESS;
        });

    private EFI_STATUS DropKeys()
    {
        _keys.Clear();
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ResetInput(EFI_SIMPLE_TEXT_INPUT_PROTOCOL* self, byte extended) =>
        Do("EFI_SIMPLE_TEXT_INPUT_PROTOCOL.Reset", EFI_TPL.TPL_APPLICATION, self, console => console.DropKeys());

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReadKeyStroke(EFI_SIMPLE_TEXT_INPUT_PROTOCOL* self, EFI_INPUT_KEY* key) =>
        Do(nameof(ReadKeyStroke), EFI_TPL.TPL_APPLICATION, self, console =>
        {
            EFI_KEY_DATA data;
            EFI_STATUS status = console.Read(&data);
            *key = data.Key;
            return status;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS ResetInputEx(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* self, byte extended) =>
        Do("EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL.Reset", EFI_TPL.TPL_APPLICATION, self, console => console.DropKeys());

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReadKeyStrokeEx(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* self, EFI_KEY_DATA* key) => Do(
        nameof(ReadKeyStrokeEx), EFI_TPL.TPL_APPLICATION, self,
        console => key == null ? EFI_STATUS.EFI_INVALID_PARAMETER : console.Read(key));

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetState(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* self, byte* state) => EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS RegisterKeyNotify(
        EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* self, EFI_KEY_DATA* key, delegate* unmanaged<EFI_KEY_DATA*, EFI_STATUS> function, void** handle) =>
        EFI_STATUS.EFI_OUT_OF_RESOURCES;

    [UnmanagedCallersOnly]
    private static EFI_STATUS UnregisterKeyNotify(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* self, void* handle) =>
        EFI_STATUS.EFI_INVALID_PARAMETER;
}
