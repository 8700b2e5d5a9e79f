namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The present state of a graphical screen. UEFI 2.10, 12.9.2.</summary>
public unsafe struct EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE
{
    /// <summary>How many modes there are: 0 to MaxMode - 1.</summary>
    public uint MaxMode;

    /// <summary>The mode that is set.</summary>
    public uint Mode;

    /// <summary>What it is.</summary>
    public EFI_GRAPHICS_OUTPUT_MODE_INFORMATION* Info;

    /// <summary>Bytes of Info.</summary>
    public nuint SizeOfInfo;

    /// <summary>The address of the first pixel; without a meaning for PixelBltOnly.</summary>
    public ulong FrameBufferBase;

    /// <summary>In bytes.</summary>
    public nuint FrameBufferSize;
}
