namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The firmware's fonts. UEFI 2.10, 34.1.1.</summary>
public unsafe struct EFI_HII_FONT_PROTOCOL : IProtocol
{
    /// <summary>The width of a narrow glyph; a wide one has twice as many. UEFI 2.10, 33.3.2.</summary>
    public const int EFI_GLYPH_WIDTH = 8;

    /// <summary>The height of a glyph. UEFI 2.10, 33.3.2.</summary>
    public const int EFI_GLYPH_HEIGHT = 19;

    /// <summary>EFI_HII_FONT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xE9CA4775, 0x8657, 0x47FC, 0x97, 0xE7, 0x7E, 0xD6, 0x5A, 0x08, 0x43, 0x24);

    /// <summary>Draws a text. (This, Flags, String, StringInfo, Blt, BltX, BltY, RowInfoArray, RowInfoArraySize, ColumnInfoArray)</summary>
    public void* StringToImage;

    /// <summary>Draws a text of the database.</summary>
    public void* StringIdToImage;

    /// <summary>
    /// Draws a character; without StringInfo in the system's font and colours. What is at Blt is null before, and the caller frees it and its
    /// bitmap. EFI_WARN_UNKNOWN_GLYPH when another is drawn for one that there is not. (This, Char, StringInfo, Blt, Baseline)
    /// </summary>
    public delegate* unmanaged<EFI_HII_FONT_PROTOCOL*, ushort, void*, EFI_IMAGE_OUTPUT**, nuint*, EFI_STATUS> GetGlyph;

    /// <summary>Finds fonts.</summary>
    public void* GetFontInfo;
}
