using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace System;

/// <summary>The firmware's keys as .NET's: with the state of the shift keys where the firmware tells it.</summary>
internal static unsafe class Keyboard
{
    private const nuint PollTime = 1000; // Microseconds.

    private static EFI_SIMPLE_TEXT_INPUT_PROTOCOL* Plain => Firmware.SystemTable->ConIn;

    internal static bool IsKeyWaiting => Plain != null && Firmware.BootServices->CheckEvent(Plain->WaitForKey).IsSuccess;

    internal static ConsoleKeyInfo Read()
    {
        EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* extended = Firmware.Get<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL>(Firmware.SystemTable->ConsoleInHandle);
        while (true)
        {
            EFI_KEY_DATA data = default;
            EFI_STATUS status = extended != null
                ? extended->ReadKeyStrokeEx(extended, &data)
                : Plain->ReadKeyStroke(Plain, &data.Key);
            if (status.IsSuccess && (data.Key.UnicodeChar != 0 || data.Key.ScanCode != 0))
            {
                return ToKey(data);
            }

            Wait(extended != null ? extended->WaitForKeyEx : Plain->WaitForKey);
        }
    }

    /// <summary>The processor rests where firmware lets it: at TPL_APPLICATION.</summary>
    private static void Wait(EFI_EVENT key)
    {
        nuint index;
        if (Firmware.BootServices->WaitForEvent(1, &key, &index).IsError)
        {
            Firmware.BootServices->Stall(PollTime);
        }
    }

    private static ConsoleKeyInfo ToKey(in EFI_KEY_DATA data)
    {
        char character = data.Key.UnicodeChar;
        uint state = data.KeyState.KeyShiftState;
        state = (state & EFI_KEY_STATE.EFI_SHIFT_STATE_VALID) == 0 ? 0 : state;
        bool control = (state & (EFI_KEY_STATE.EFI_LEFT_CONTROL_PRESSED | EFI_KEY_STATE.EFI_RIGHT_CONTROL_PRESSED)) != 0;
        bool alt = (state & (EFI_KEY_STATE.EFI_LEFT_ALT_PRESSED | EFI_KEY_STATE.EFI_RIGHT_ALT_PRESSED)) != 0;
        bool shift = char.IsAsciiLetterUpper(character) ||
            (state & (EFI_KEY_STATE.EFI_LEFT_SHIFT_PRESSED | EFI_KEY_STATE.EFI_RIGHT_SHIFT_PRESSED)) != 0;
        ConsoleKey key = character != 0 ? OfCharacter(character) : OfScanCode(data.Key.ScanCode);
        character = key == ConsoleKey.Escape ? '\x1B' : character;
        return new ConsoleKeyInfo(character, key, shift, alt, control);
    }

    private static ConsoleKey OfCharacter(char c) => c switch
    {
        '\b' => ConsoleKey.Backspace,
        '\t' => ConsoleKey.Tab,
        '\r' or '\n' => ConsoleKey.Enter,
        ' ' => ConsoleKey.Spacebar,
        >= '0' and <= '9' or >= 'A' and <= 'Z' => (ConsoleKey)c,
        >= 'a' and <= 'z' => (ConsoleKey)(c - 0x20),
        _ => ConsoleKey.None,
    };

    private static ConsoleKey OfScanCode(ushort code) => code switch
    {
        EFI_SCAN_CODE.SCAN_UP => ConsoleKey.UpArrow,
        EFI_SCAN_CODE.SCAN_DOWN => ConsoleKey.DownArrow,
        EFI_SCAN_CODE.SCAN_RIGHT => ConsoleKey.RightArrow,
        EFI_SCAN_CODE.SCAN_LEFT => ConsoleKey.LeftArrow,
        EFI_SCAN_CODE.SCAN_HOME => ConsoleKey.Home,
        EFI_SCAN_CODE.SCAN_END => ConsoleKey.End,
        EFI_SCAN_CODE.SCAN_INSERT => ConsoleKey.Insert,
        EFI_SCAN_CODE.SCAN_DELETE => ConsoleKey.Delete,
        EFI_SCAN_CODE.SCAN_PAGE_UP => ConsoleKey.PageUp,
        EFI_SCAN_CODE.SCAN_PAGE_DOWN => ConsoleKey.PageDown,
        >= EFI_SCAN_CODE.SCAN_F1 and <= EFI_SCAN_CODE.SCAN_F12 => ConsoleKey.F1 + (code - EFI_SCAN_CODE.SCAN_F1),
        EFI_SCAN_CODE.SCAN_ESC => ConsoleKey.Escape,
        _ => ConsoleKey.None,
    };
}
