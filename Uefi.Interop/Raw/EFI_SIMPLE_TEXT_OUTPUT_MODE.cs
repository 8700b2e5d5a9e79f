namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The present state of a text screen. UEFI 2.10, 12.4.</summary>
public struct EFI_SIMPLE_TEXT_OUTPUT_MODE
{
    /// <summary>How many modes there are: 0 to MaxMode - 1.</summary>
    public int MaxMode;

    /// <summary>The mode that is set; -1 while none is.</summary>
    public int Mode;

    /// <summary>The colours in use, as EFI_TEXT_ATTR makes them.</summary>
    public int Attribute;

    /// <summary>From 0, the leftmost.</summary>
    public int CursorColumn;

    /// <summary>From 0, the topmost.</summary>
    public int CursorRow;

    /// <summary>BOOLEAN</summary>
    public byte CursorVisible;
}
