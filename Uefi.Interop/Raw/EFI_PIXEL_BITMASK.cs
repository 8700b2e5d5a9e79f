namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Which bits of a pixel are what. UEFI 2.10, 12.9.2.</summary>
public struct EFI_PIXEL_BITMASK
{
    /// <summary>Bits of red.</summary>
    public uint RedMask;

    /// <summary>Bits of green.</summary>
    public uint GreenMask;

    /// <summary>Bits of blue.</summary>
    public uint BlueMask;

    /// <summary>Bits without a meaning, within a pixel.</summary>
    public uint ReservedMask;
}
