namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A mode of a graphical screen. UEFI 2.10, 12.9.2.</summary>
public struct EFI_GRAPHICS_OUTPUT_MODE_INFORMATION
{
    /// <summary>Zero.</summary>
    public uint Version;

    /// <summary>The width in pixels.</summary>
    public uint HorizontalResolution;

    /// <summary>The height in pixels.</summary>
    public uint VerticalResolution;

    /// <summary>How a pixel is in memory.</summary>
    public EFI_GRAPHICS_PIXEL_FORMAT PixelFormat;

    /// <summary>Only for PixelBitMask.</summary>
    public EFI_PIXEL_BITMASK PixelInformation;

    /// <summary>Pixels from a row to the next in memory.</summary>
    public uint PixelsPerScanLine;
}
