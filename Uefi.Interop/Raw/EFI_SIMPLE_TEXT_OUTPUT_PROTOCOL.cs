namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A text screen. UEFI 2.10, 12.4.</summary>
public unsafe struct EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL : IProtocol
{
    /// <summary>Foreground or background.</summary>
    public const nuint EFI_BLACK = 0x00;

    /// <summary>Foreground or background.</summary>
    public const nuint EFI_BLUE = 0x01;

    /// <summary>Foreground or background.</summary>
    public const nuint EFI_GREEN = 0x02;

    /// <summary>Foreground or background.</summary>
    public const nuint EFI_CYAN = 0x03;

    /// <summary>Foreground or background.</summary>
    public const nuint EFI_RED = 0x04;

    /// <summary>Foreground or background.</summary>
    public const nuint EFI_MAGENTA = 0x05;

    /// <summary>Foreground or background.</summary>
    public const nuint EFI_BROWN = 0x06;

    /// <summary>Foreground or background; the usual foreground.</summary>
    public const nuint EFI_LIGHTGRAY = 0x07;

    /// <summary>Foreground only, as all that follow.</summary>
    public const nuint EFI_DARKGRAY = 0x08;

    /// <summary>Foreground only.</summary>
    public const nuint EFI_LIGHTBLUE = 0x09;

    /// <summary>Foreground only.</summary>
    public const nuint EFI_LIGHTGREEN = 0x0A;

    /// <summary>Foreground only.</summary>
    public const nuint EFI_LIGHTCYAN = 0x0B;

    /// <summary>Foreground only.</summary>
    public const nuint EFI_LIGHTRED = 0x0C;

    /// <summary>Foreground only.</summary>
    public const nuint EFI_LIGHTMAGENTA = 0x0D;

    /// <summary>Foreground only.</summary>
    public const nuint EFI_YELLOW = 0x0E;

    /// <summary>Foreground only.</summary>
    public const nuint EFI_WHITE = 0x0F;

    /// <summary>EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x387477C2, 0x69C7, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>EFI_TEXT_ATTR: the value for SetAttribute; the background is one of the first eight colours.</summary>
    public static nuint EFI_TEXT_ATTR(nuint foreground, nuint background) => foreground | (background << 4);

    /// <summary>Resets the screen to mode 0, cleared. (This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>
    /// Writes a text at the cursor; EFI_WARN_UNKNOWN_GLYPH when not all of it can be shown. (This, String ended by a zero)
    /// </summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, char*, EFI_STATUS> OutputString;

    /// <summary>Whether all of a text can be shown: EFI_SUCCESS or EFI_UNSUPPORTED. (This, String ended by a zero)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, char*, EFI_STATUS> TestString;

    /// <summary>Columns and rows of a mode; EFI_UNSUPPORTED for one that there is not. (This, ModeNumber, Columns, Rows)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, nuint*, nuint*, EFI_STATUS> QueryMode;

    /// <summary>Sets a mode, and clears the screen. (This, ModeNumber)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, EFI_STATUS> SetMode;

    /// <summary>Sets the colours of what is written next. (This, Attribute of EFI_TEXT_ATTR)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, EFI_STATUS> SetAttribute;

    /// <summary>Fills the screen with the background, the cursor at the top left. (This)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, EFI_STATUS> ClearScreen;

    /// <summary>Moves the cursor; EFI_UNSUPPORTED beyond the screen. (This, Column, Row)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, nuint, EFI_STATUS> SetCursorPosition;

    /// <summary>Shows or hides the cursor. (This, Visible: a BOOLEAN)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, byte, EFI_STATUS> EnableCursor;

    /// <summary>The present state; owned by the driver.</summary>
    public EFI_SIMPLE_TEXT_OUTPUT_MODE* Mode;
}
