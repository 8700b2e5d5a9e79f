namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The shift and toggle keys at a keystroke. UEFI 2.10, 12.2.3 (ReadKeyStrokeEx).</summary>
public struct EFI_KEY_STATE
{
    /// <summary>The other bits of KeyShiftState count.</summary>
    public const uint EFI_SHIFT_STATE_VALID = 0x80000000;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_RIGHT_SHIFT_PRESSED = 0x00000001;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_LEFT_SHIFT_PRESSED = 0x00000002;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_RIGHT_CONTROL_PRESSED = 0x00000004;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_LEFT_CONTROL_PRESSED = 0x00000008;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_RIGHT_ALT_PRESSED = 0x00000010;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_LEFT_ALT_PRESSED = 0x00000020;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_RIGHT_LOGO_PRESSED = 0x00000040;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_LEFT_LOGO_PRESSED = 0x00000080;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_MENU_KEY_PRESSED = 0x00000100;

    /// <summary>In KeyShiftState.</summary>
    public const uint EFI_SYS_REQ_PRESSED = 0x00000200;

    /// <summary>The other bits of KeyToggleState count.</summary>
    public const byte EFI_TOGGLE_STATE_VALID = 0x80;

    /// <summary>Keys without a character, as a shift key alone, are told too.</summary>
    public const byte EFI_KEY_STATE_EXPOSED = 0x40;

    /// <summary>In KeyToggleState.</summary>
    public const byte EFI_SCROLL_LOCK_ACTIVE = 0x01;

    /// <summary>In KeyToggleState.</summary>
    public const byte EFI_NUM_LOCK_ACTIVE = 0x02;

    /// <summary>In KeyToggleState.</summary>
    public const byte EFI_CAPS_LOCK_ACTIVE = 0x04;

    /// <summary>Keys that were held: EFI_*_PRESSED, which count with EFI_SHIFT_STATE_VALID.</summary>
    public uint KeyShiftState;

    /// <summary>Locks that were on: EFI_*_ACTIVE, which count with EFI_TOGGLE_STATE_VALID.</summary>
    public byte KeyToggleState;
}
