namespace Uefi.Interop.Raw;

/// <summary>A text screen. UEFI 2.10, 12.4.</summary>
public unsafe struct EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL : IProtocol
{
    public const nuint EFI_BLACK = 0x00;
    public const nuint EFI_BLUE = 0x01;
    public const nuint EFI_GREEN = 0x02;
    public const nuint EFI_CYAN = 0x03;
    public const nuint EFI_RED = 0x04;
    public const nuint EFI_MAGENTA = 0x05;
    public const nuint EFI_BROWN = 0x06;
    public const nuint EFI_LIGHTGRAY = 0x07;
    public const nuint EFI_DARKGRAY = 0x08;
    public const nuint EFI_LIGHTBLUE = 0x09;
    public const nuint EFI_LIGHTGREEN = 0x0A;
    public const nuint EFI_LIGHTCYAN = 0x0B;
    public const nuint EFI_LIGHTRED = 0x0C;
    public const nuint EFI_LIGHTMAGENTA = 0x0D;
    public const nuint EFI_YELLOW = 0x0E;
    public const nuint EFI_WHITE = 0x0F;

    /// <summary>EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x387477C2, 0x69C7, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>EFI_TEXT_ATTR: the value for SetAttribute; the background is one of the first eight colours.</summary>
    public static nuint EFI_TEXT_ATTR(nuint foreground, nuint background) => foreground | (background << 4);

    /// <summary>(This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>(This, String ended by a zero)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, char*, EFI_STATUS> OutputString;
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, char*, EFI_STATUS> TestString;

    /// <summary>(This, ModeNumber, Columns, Rows)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, nuint*, nuint*, EFI_STATUS> QueryMode;
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, EFI_STATUS> SetMode;
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, EFI_STATUS> SetAttribute;
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, EFI_STATUS> ClearScreen;

    /// <summary>(This, Column, Row)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, nuint, nuint, EFI_STATUS> SetCursorPosition;
    public delegate* unmanaged<EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL*, byte, EFI_STATUS> EnableCursor;
    public EFI_SIMPLE_TEXT_OUTPUT_MODE* Mode;
}
