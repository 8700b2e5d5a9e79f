namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A graphical screen. UEFI 2.10, 12.9.2.</summary>
public unsafe struct EFI_GRAPHICS_OUTPUT_PROTOCOL : IProtocol
{
    /// <summary>EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x9042A9DE, 0x23DC, 0x4A38, 0x96, 0xFB, 0x7A, 0xDE, 0xD0, 0x80, 0x51, 0x6A);

    /// <summary>What a mode is; the caller frees Info. (This, ModeNumber, SizeOfInfo, Info)</summary>
    public delegate* unmanaged<EFI_GRAPHICS_OUTPUT_PROTOCOL*, uint, nuint*, EFI_GRAPHICS_OUTPUT_MODE_INFORMATION**, EFI_STATUS> QueryMode;

    /// <summary>Sets a mode, and makes the screen black. (This, ModeNumber)</summary>
    public delegate* unmanaged<EFI_GRAPHICS_OUTPUT_PROTOCOL*, uint, EFI_STATUS> SetMode;

    /// <summary>
    /// Moves a rectangle of pixels. (This, BltBuffer, BltOperation, SourceX, SourceY, DestinationX, DestinationY, Width, Height, Delta: bytes of
    /// a row of the buffer, 0 when all of it is meant)
    /// </summary>
    public delegate* unmanaged<
        EFI_GRAPHICS_OUTPUT_PROTOCOL*, EFI_GRAPHICS_OUTPUT_BLT_PIXEL*, EFI_GRAPHICS_OUTPUT_BLT_OPERATION, nuint, nuint, nuint, nuint, nuint, nuint,
        nuint, EFI_STATUS> Blt;

    /// <summary>The present state; owned by the driver.</summary>
    public EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE* Mode;
}

/// <summary>What Blt does. UEFI 2.10, 12.9.2.3.</summary>
public enum EFI_GRAPHICS_OUTPUT_BLT_OPERATION : uint
{
    /// <summary>Fills the screen's rectangle with the buffer's first pixel.</summary>
    EfiBltVideoFill,

    /// <summary>From the screen to the buffer.</summary>
    EfiBltVideoToBltBuffer,

    /// <summary>From the buffer to the screen.</summary>
    EfiBltBufferToVideo,

    /// <summary>From the screen to the screen.</summary>
    EfiBltVideoToVideo,
}

/// <summary>How a pixel is in memory. UEFI 2.10, 12.9.2.</summary>
public enum EFI_GRAPHICS_PIXEL_FORMAT : uint
{
    /// <summary>Red, green, blue, one more: a byte each.</summary>
    PixelRedGreenBlueReserved8BitPerColor,

    /// <summary>Blue, green, red, one more: a byte each.</summary>
    PixelBlueGreenRedReserved8BitPerColor,

    /// <summary>As PixelInformation says.</summary>
    PixelBitMask,

    /// <summary>There is only Blt.</summary>
    PixelBltOnly,
}
