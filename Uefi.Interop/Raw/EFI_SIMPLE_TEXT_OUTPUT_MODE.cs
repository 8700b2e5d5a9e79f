namespace Uefi.Interop.Raw;

/// <summary>The present state of a text screen. UEFI 2.10, 12.4.</summary>
public struct EFI_SIMPLE_TEXT_OUTPUT_MODE
{
    public int MaxMode;
    public int Mode;
    public int Attribute;
    public int CursorColumn;
    public int CursorRow;

    /// <summary>BOOLEAN</summary>
    public byte CursorVisible;
}
