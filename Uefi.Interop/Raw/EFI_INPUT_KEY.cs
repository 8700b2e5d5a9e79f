namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A keystroke: a scan code, or a character when the scan code is 0. UEFI 2.10, 12.3 (ReadKeyStroke).</summary>
public struct EFI_INPUT_KEY
{
    /// <summary>One of <see cref="EFI_SCAN_CODE"/>; 0 when UnicodeChar is the key.</summary>
    public ushort ScanCode;

    /// <summary>CHAR16; 8 = backspace, 9 = tab, 10 = line feed, 13 = carriage return.</summary>
    public char UnicodeChar;
}
