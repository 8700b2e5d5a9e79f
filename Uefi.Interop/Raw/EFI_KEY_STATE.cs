namespace Uefi.Interop.Raw;

/// <summary>The shift and toggle keys at a keystroke. UEFI 2.10, 12.2.3 (ReadKeyStrokeEx).</summary>
public struct EFI_KEY_STATE
{
    public const uint EFI_SHIFT_STATE_VALID = 0x80000000;
    public const uint EFI_RIGHT_SHIFT_PRESSED = 0x00000001;
    public const uint EFI_LEFT_SHIFT_PRESSED = 0x00000002;
    public const uint EFI_RIGHT_CONTROL_PRESSED = 0x00000004;
    public const uint EFI_LEFT_CONTROL_PRESSED = 0x00000008;
    public const uint EFI_RIGHT_ALT_PRESSED = 0x00000010;
    public const uint EFI_LEFT_ALT_PRESSED = 0x00000020;
    public const uint EFI_RIGHT_LOGO_PRESSED = 0x00000040;
    public const uint EFI_LEFT_LOGO_PRESSED = 0x00000080;
    public const uint EFI_MENU_KEY_PRESSED = 0x00000100;
    public const uint EFI_SYS_REQ_PRESSED = 0x00000200;
    public const byte EFI_TOGGLE_STATE_VALID = 0x80;
    public const byte EFI_KEY_STATE_EXPOSED = 0x40;
    public const byte EFI_SCROLL_LOCK_ACTIVE = 0x01;
    public const byte EFI_NUM_LOCK_ACTIVE = 0x02;
    public const byte EFI_CAPS_LOCK_ACTIVE = 0x04;

    public uint KeyShiftState;
    public byte KeyToggleState;
}
