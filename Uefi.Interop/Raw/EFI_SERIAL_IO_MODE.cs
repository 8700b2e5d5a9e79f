namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The present mode of a serial port. UEFI 2.10, 12.8.</summary>
public struct EFI_SERIAL_IO_MODE
{
    /// <summary>The EFI_SERIAL_* bits that SetControl and GetControl know here.</summary>
    public uint ControlMask;

    /// <summary>In microseconds.</summary>
    public uint Timeout;

    /// <summary>Bits per second.</summary>
    public ulong BaudRate;

    /// <summary>Characters that the device keeps before they are read.</summary>
    public uint ReceiveFifoDepth;

    /// <summary>Bits of a character.</summary>
    public uint DataBits;

    /// <summary>An <see cref="EFI_PARITY_TYPE"/>.</summary>
    public uint Parity;

    /// <summary>An <see cref="EFI_STOP_BITS_TYPE"/>.</summary>
    public uint StopBits;
}
