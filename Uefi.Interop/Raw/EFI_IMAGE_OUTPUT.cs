namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Pixels that firmware draws. UEFI 2.10, 34.1.2.</summary>
public unsafe struct EFI_IMAGE_OUTPUT
{
    /// <summary>In pixels.</summary>
    public ushort Width;

    /// <summary>In pixels.</summary>
    public ushort Height;

    /// <summary>Row by row. (A union: Screen for what is drawn on a screen itself.)</summary>
    public EFI_GRAPHICS_OUTPUT_BLT_PIXEL* Bitmap;
}
