namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A pixel as Blt takes it. UEFI 2.10, 12.9.2.3.</summary>
public struct EFI_GRAPHICS_OUTPUT_BLT_PIXEL
{
    /// <summary>0 to 255.</summary>
    public byte Blue;

    /// <summary>0 to 255.</summary>
    public byte Green;

    /// <summary>0 to 255.</summary>
    public byte Red;

    /// <summary>Zero.</summary>
    public byte Reserved;
}
